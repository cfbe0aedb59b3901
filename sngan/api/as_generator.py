"""Generators of others: a network or a function of any program, or an ONNX file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sngan.architecture.base import Generator, Noise
from sngan.sampling.latents import described
from sngan.sampling.samples import generate
from sngan.scoring.source import Source
from sngan.sharing.made_pictures import require_pictures
from sngan.sharing.onnx_generator import OnnxGenerator
from sngan.system.declared import Channels, Classes, check
from sngan.system.require import SettingError

BLOCK = 64
"""Pictures that a function of a number and a seed is asked for at once."""


def as_generator(
    made_of: Callable[..., Tensor] | str | Path,
    *,
    latent_size: int | None = None,
    noise: Noise | None = None,
    n_classes: int | None = None,
) -> Generator:
    """Return somebody else's generator as one that can be scored.

    Args:
        made_of: A network or a function from noise, ``(N, latent_size)``, and, if there are
            classes, their numbers, ``(N,)``, to pictures, ``(N, 3, H, H)`` or ``(N, 1, H, H)`` in
            ``[-1, 1]``; or the path of an ONNX file. A network is in eval mode while it makes
            pictures. Two are made at once, to see of what size they are.
        latent_size: Length of the noise. An ONNX file says it.
        noise: Its distribution, ``normal`` or ``uniform`` in ``[-1, 1]``; None for ``normal``, or
            for what an ONNX file says.
        n_classes: Number of classes, if there are any; an ONNX file may say it.

    Returns:
        A generator; `sngan.score`, `sngan.fid` and the other scores take it. Functions get noise
        on the CPU, networks where their weights are.

    Raises:
        ValueError: If an argument is not accepted or missing, or something else is made than
            pictures.
        FileNotFoundError: If there is no such file.
        ModuleNotFoundError: If a package that ONNX needs is missing.
    """
    if isinstance(made_of, str | Path):
        if latent_size is not None:
            raise SettingError("latent_size", "must be None: the file says it")
        return OnnxGenerator(Path(made_of).expanduser(), noise, n_classes)
    if not callable(made_of):
        raise TypeError(
            f"made_of must be a network, a function or a path, got {type(made_of).__name__}"
        )
    size: int = check("latent_size", Channels, latent_size)
    distribution: Noise = check("noise", Noise, noise or "normal")
    check("n_classes", Classes | None, n_classes)
    return _FunctionGenerator(made_of, size, distribution, n_classes)


class _FunctionGenerator(Generator):
    """A function or a network; the latter, as a part, follows to devices and modes."""

    def __init__(
        self,
        function: Callable[..., Tensor],
        latent_size: int,
        noise: Noise,
        n_classes: int | None,
    ) -> None:
        super().__init__()
        self.function = function
        self.latent_size = latent_size
        self.noise = noise
        self.n_classes = n_classes
        images = generate(self, torch.arange(2), 0, device_of(self))
        self.image_channels, self.image_size = images.shape[1], images.shape[-1]

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """See `Generator.forward`."""
        images = self.function(z) if self.n_classes is None else self.function(z, labels)
        return require_pictures(images, len(z), _name(self.function))


class Drawn(Source):
    """Pictures that a function makes of a number and a seed, `BLOCK` at a time.

    So sample ``i`` depends on the seed and ``i`` alone, whatever the batch size.

    Args:
        function: Returns so many pictures, ``(N, 3, H, H)`` or ``(N, 1, H, H)`` in ``[-1, 1]``.
        seed: Seed of the set. That of a block comes from it and from the number of the block.
    """

    is_quantized = False

    def __init__(self, function: Callable[[int, int], Tensor], seed: int) -> None:
        self.function = function
        self.seed = seed
        self.name = f"{_name(function)} of a number and a seed"
        self._last: tuple[int, Tensor] | None = None

    def __call__(self, index: Tensor) -> Tensor:
        """See `Source.__call__`."""
        return torch.stack([self._block(i // BLOCK)[i % BLOCK] for i in index.tolist()])

    def _block(self, number: int) -> Tensor:
        """Return a block; the last one is kept, as batches may end within it."""
        if self._last is None or self._last[0] != number:
            seeds = np.random.SeedSequence([self.seed, number])
            with torch.no_grad():
                made = self.function(BLOCK, int(seeds.generate_state(1)[0]))
            self._last = number, require_pictures(made, BLOCK, self.name).float()
            self.channels = made.shape[1]
        return self._last[1]


def device_of(generator: Generator) -> torch.device:
    """Return where the weights of a generator are; the CPU if it has none."""
    weight = next(generator.parameters(), None)
    return torch.device("cpu") if weight is None else weight.device


def title_of(generator: Generator) -> str:
    """Return what scores of a generator are headed with."""
    if isinstance(generator, OnnxGenerator):
        return generator.title
    made_of = generator.function if isinstance(generator, _FunctionGenerator) else generator
    return f"{_name(made_of)}, {described(generator)}"


def _name(function: object) -> str:
    kind = type(function).__name__
    return kind if isinstance(function, nn.Module) else getattr(function, "__name__", kind)
