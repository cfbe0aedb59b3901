"""Generators out of checkpoints, and what they make."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
from annotated_types import Interval
from torch import Tensor

from sngan.architecture.base import Generator
from sngan.assembly.consent import kept_consent
from sngan.assembly.networks import build_generator
from sngan.assembly.trained import trusted_groups
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import choose
from sngan.run_folder.weights import Weights, choose_weights
from sngan.sampling.classes import NAME, class_numbers
from sngan.sampling.quantize import quantize
from sngan.sampling.samples import generate
from sngan.system.declared import BatchSize, Count, Seed, check
from sngan.system.device import resolve_device
from sngan.system.require import SettingError

BATCH_SIZE = 64


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedGenerator:
    """A generator that was trained, in eval mode, and where it comes from.

    Attributes:
        network: The generator itself, a module.
        path: The checkpoint.
        step: Its completed iterations.
        weights: Whether the network has its ``raw`` weights or their ``average``.
        config: The configuration of its training, plain values.
        class_names: Of the data set it was trained on; empty if the checkpoint does not say.
    """

    network: Generator = field(repr=False)
    path: Path
    step: int
    weights: Weights
    config: dict[str, Any] = field(repr=False)
    class_names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def __call__(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Generate from noise of your own; see `sngan.architecture.base.Generator.forward`."""
        images: Tensor = self.network(z, labels)
        return images

    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        classes: int | str | Sequence[int | str] | Tensor | None = None,
        batch_size: int = BATCH_SIZE,
        as_uint8: bool = True,
    ) -> Tensor:
        """Make samples, the same that ``sngan-eval`` scores with this seed.

        Sample ``i`` depends on ``seed`` and ``i`` alone: more samples begin with the same ones.

        Args:
            n: How many.
            seed: Seed of the set, at least 0.
            classes: One class for all, or one for each, by number or name; None to draw them, if
                the network is conditional.
            batch_size: How many at a time; they do not depend on it beyond rounding.
            as_uint8: Whether as 8-bit pictures, rounded, or as what the network gives.

        Returns:
            ``(n, C, H, W)`` on the CPU, RGB or grey: uint8 in ``0..255``, or float32 in
            ``[-1, 1]``.

        Raises:
            ValueError: If an argument is not accepted.
        """
        check("n", Count, n)
        check("seed", Seed, seed)
        check("batch_size", BatchSize, batch_size)
        labels = None if classes is None else self._labels(classes, n)
        parts = []
        for index in torch.arange(n).split(batch_size):
            chosen = None if labels is None else labels[index]
            images = generate(self.network, index, seed, self.device, chosen)
            parts.append((quantize(images) if as_uint8 else images).cpu())
        return torch.cat(parts)

    def _labels(self, classes: int | str | Sequence[int | str] | Tensor, n: int) -> Tensor:
        """Return one class for each sample, ``(n,)`` int64."""
        n_classes = self.network.n_classes
        if n_classes is None:
            raise SettingError("classes", f"must be None: the network has none, got {classes}")
        values = classes.tolist() if isinstance(classes, Tensor) else classes
        each = [values] * n if isinstance(values, int | float | str) else list(values)
        if len(each) != n:
            raise SettingError("classes", f"must be one, or one for each of {n}, got {len(each)}")
        numbers = [self._number(value) if isinstance(value, str) else value for value in each]
        for number in numbers:
            check("classes", Annotated[int, Interval(ge=0, le=n_classes - 1)], number)
        return torch.tensor(numbers, dtype=torch.int64)

    def _number(self, name: str) -> int:
        return class_numbers(
            "classes", [f"{NAME}{name}"], self.network.n_classes, self.class_names
        )[0]


def load_generator(
    path: str | Path,
    *,
    best: bool = False,
    device: str = "cpu",
    weights: Weights | None = None,
    trust: str | Collection[str] = (),
) -> TrainedGenerator:
    """Read the generator of a checkpoint. Nothing in the file is run.

    Args:
        path: A checkpoint, or a run folder, whose newest one is meant.
        best: Of a run folder, take the best checkpoint instead of the newest.
        device: ``cpu``, ``cuda``, ``cuda:1``, or ``auto`` for CUDA where there is one.
        weights: ``raw`` for those that were trained, ``average`` for their average; None for the
            average if there is one.
        trust: Packages besides sngan whose classes it may name, which are then imported. What a
            run folder of your own was trained with needs none.

    Raises:
        FileNotFoundError: If there is none, or none was found best.
        ValueError: If the file cannot be used, or an argument is not accepted.
    """
    check("weights", Weights | None, weights)
    where = resolve_device(device)
    file = choose(Path(path), best=best).path
    state = checkpoint.load(file, "score")
    trusted = (*([trust] if isinstance(trust, str) else trust), *kept_consent(file))
    which = choose_weights(state, weights, file)
    network = build_generator(
        trusted_groups(state["config"], trusted, "architecture.generator"), state, which
    )
    return TrainedGenerator(
        network=network.to(where).eval(),
        path=file,
        step=state["step"],
        weights=which,
        config=state["config"],
        class_names=tuple(state.get("class_names", ())),
    )
