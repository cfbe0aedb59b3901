"""Everything about a score but the networks and the pictures themselves."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sngan.dataset.base import MissingSplitError, Pictures, Split
from sngan.sampling.quantize import Quantization
from sngan.system.require import SettingError


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

    name: str
    num_generated: int | None
    splits: int
    num_generated_fid: int | None
    num_real: int | None
    real_split: Sequence[Split]
    quantization: Quantization

    def __post_init__(self) -> None:
        if isinstance(self.real_split, str):
            object.__setattr__(self, "real_split", [self.real_split])
        if not re.fullmatch(r"[\w.-]+", str(self.name)) or not isinstance(self.name, str):
            raise SettingError("name", f"must be a word, got {self.name}")
        n, n_fid, m = self.num_generated, self.num_generated_fid, self.num_real
        accepted = {
            "num_generated": (n is None or _is_count(n, 1), "an integer >= 1, or null"),
            "num_real": (m is None or _is_count(m, 2), "an integer >= 2, or null"),
            "splits": (_is_count(self.splits, 1, n), "an integer between 1 and num_generated"),
            "num_generated_fid": (
                n_fid is None or _is_count(n_fid, 2, n),
                "an integer between 2 and num_generated, or null",
            ),
            "real_split": (
                bool(self.real_split) and {*self.real_split} <= {"train", "test"},
                "train, test or a list of them",
            ),
            "quantization": (self.quantization in ("round", "truncate"), "round or truncate"),
        }
        for setting, (is_valid, wanted) in accepted.items():
            if not is_valid:
                raise SettingError(setting, f"must be {wanted}, got {getattr(self, setting)}")

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


def _is_count(value: object, least: int, most: int | None = None) -> bool:
    """Tell whether a value is an integer within limits."""
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= least and (not isinstance(most, int) or value <= most)
