"""Everything about a score but the networks and the pictures themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from annotated_types import Interval, Len
from pydantic import BeforeValidator, StringConstraints

from sngan.dataset.base import MissingSplitError, Pictures, Split
from sngan.sampling.quantize import Quantization
from sngan.system.declared import Count, accepted
from sngan.system.require import SettingError

Name = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,100}$")]
Splits = Annotated[
    Sequence[Split], Len(1, 2), BeforeValidator(lambda x: [x] if isinstance(x, str) else x)
]
"""A single one may stand without a list."""
Several = Annotated[int, Interval(ge=2, le=10**8)]


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Which pictures enter a score, how many, and how they became 8-bit.

    Attributes:
        name: What the protocol is called.
        num_generated: Samples for the Inception score; None for all there are.
        splits: Splits of the Inception score.
        num_generated_fid: How many of the samples, from the first, enter the distance; None for
            all of them.
        num_real: Real pictures that enter the distance, chosen by a fixed seed; None for all.
        real_split: Where they come from: the first of these splits that exists and has enough.
        quantization: How a generator's samples become 8-bit pictures.

    Raises:
        SettingError: If a setting is out of range.
    """

    name: Name
    num_generated: Count | None
    splits: Count
    num_generated_fid: Several | None
    num_real: Several | None
    real_split: Splits
    quantization: Quantization

    def __post_init__(self) -> None:
        for name, value in accepted(type(self), vars(self)).items():
            object.__setattr__(self, name, value)
        for setting in ("splits", "num_generated_fid"):
            part, whole = getattr(self, setting), self.num_generated
            if part is not None and whole is not None and part > whole:
                raise SettingError(setting, f"must be at most num_generated {whole}, got {part}")

    def for_source(self, name: str, count: int | None) -> "Protocol":
        """Return the protocol with the numbers of samples filled in.

        Args:
            name: What is scored.
            count: How many pictures it has; None for as many as wanted.

        Raises:
            ValueError: If it has fewer than the protocol takes or than it has splits, or the
                protocol takes all of a generator's.
        """
        wanted = self.num_generated
        if wanted is None and count is None:
            raise ValueError(
                f"protocol {self.name} takes all samples there are, but {name} makes as many as "
                f"wanted; say protocol.{self.name}.num_generated"
            )
        n = count if wanted is None else wanted
        assert n is not None
        if count is not None and n > count:
            raise ValueError(
                f"protocol {self.name} takes {n:,} samples, {name} has {count:,}; protocol=all "
                "takes what there is"
            )
        if n < self.splits:
            raise ValueError(
                f"protocol.{self.name}.splits must be at most the {n} pictures of {name}, "
                f"got {self.splits}"
            )
        fid = n if self.num_generated_fid is None else self.num_generated_fid
        return replace(self, num_generated=n, num_generated_fid=fid)

    def choose_real(self, load: Callable[[Split], Pictures]) -> tuple[Split, Pictures]:
        """Return the split that the real pictures come from, and all of its pictures.

        Args:
            load: Returns a split.

        Raises:
            ValueError: If none of the splits has enough.
        """
        found = []
        for split in self.real_split:
            try:
                pictures = load(split)
            except MissingSplitError:
                found.append(f"there is no {split} split")
                continue
            if len(pictures) >= (self.num_real or 2):
                return split, pictures
            found.append(f"the {split} split has {len(pictures):,}")
        raise ValueError(
            f"protocol {self.name} takes {self.num_real or 2:,} real pictures, but "
            f"{' and '.join(found)}; protocol.{self.name}.num_real=null takes them all"
        )
