"""Adaptive discriminator augmentation, ADA (Karras et al., 2020).

Each of many transformations is done to a picture with the same probability p, which moves so that D
says of a certain share of real pictures that they are real: where it is sure of more, it has begun
to know them by heart.

Paper: https://arxiv.org/abs/2006.06676, Section 3 (r_t of Eq. 1) and Appendix B. Authors' code:
https://github.com/NVlabs/stylegan2-ada-pytorch/blob/375a436/training/augment.py, training_loop.py

What differs here, for pictures of 32 x 32: they are resampled by linear interpolation, not between
low-pass filters of a wavelet; filtering by bands and noise, which the authors' default leaves out,
are not there; p ends at 1.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Len
from torch import Tensor

from sngan.architecture.base import DiscriminatorOutput
from sngan.augmentation.base import Augmentation
from sngan.augmentation.parts import colours, matrices, plane
from sngan.augmentation.parts.draws import Draws
from sngan.system.declared import Positive, Share, Times, checked
from sngan.system.require import SettingError

Name = Literal[
    "x_flip", "rotate_90", "integer_translation", "isotropic_scaling", "rotation",
    "anisotropic_scaling", "fractional_translation", "brightness", "contrast", "luma_flip", "hue",
    "saturation", "cutout",
]  # fmt: skip
Names = Annotated[Sequence[Name], Len(1, 13)]
Step = tuple[Name, Callable[[Draws], Tensor]]
IN_PLANE: tuple[Step, ...] = (
    ("x_flip", plane.x_flip),
    ("rotate_90", plane.rotate_90),
    ("integer_translation", plane.integer_translation),
    ("isotropic_scaling", plane.isotropic_scaling),
    ("rotation", plane.rotation),  # Before the axes differ, and after it.
    ("anisotropic_scaling", plane.anisotropic_scaling),
    ("rotation", plane.rotation),
    ("fractional_translation", plane.fractional_translation),
)
OF_COLOURS: tuple[Step, ...] = (
    ("brightness", colours.brightness),
    ("contrast", colours.contrast),
    ("luma_flip", colours.luma_flip),
    ("hue", colours.hue),
    ("saturation", colours.saturation),
)
DEFAULT: tuple[Name, ...] = tuple(dict.fromkeys(name for name, _ in (*IN_PLANE, *OF_COLOURS)))
"""The authors' ``bgc``: all but cutout."""
CUTOUT = 0.5
"""The sides of what is cut out, of the picture's."""


class Adaptive(Augmentation):
    """Transform each picture by some of many transformations.

    Args:
        transformations: Those to choose from. Their order is always the paper's.
        p: Probability of each at the start.
        target: Share towards which ``E[sign(f(x))]`` over real pictures is steered, ``r_t`` in the
            paper; None to leave p as it is.
        interval: Iterations between two moves of p.
        ada_kimg: Thousands of real pictures that D sees while p goes from 0 to 1.

    Raises:
        ValueError: If a setting is out of range, or a transformation is named twice.
    """

    @checked
    def __init__(
        self,
        transformations: Names = DEFAULT,
        p: Share = 0.0,
        target: Share | None = 0.6,
        interval: Times = 4,
        ada_kimg: Positive = 500,
    ) -> None:
        super().__init__()
        if len(set(transformations)) < len(transformations):
            raise SettingError("transformations", f"must differ, got {', '.join(transformations)}")
        self._in_plane = [step for name, step in IN_PLANE if name in transformations]
        self._of_colours = [step for name, step in OF_COLOURS if name in transformations]
        self._cuts_out = "cutout" in transformations
        self.target = target
        self.interval = interval
        self.ada_kimg = ada_kimg
        self.p: Tensor
        self.register_buffer("p", torch.tensor(float(p)))
        # Signs of logits of real pictures and their number, since p has moved; and iterations.
        self._signs: Tensor
        self.register_buffer("_signs", torch.zeros(2, dtype=torch.float64))
        self._iterations: Tensor
        self.register_buffer("_iterations", torch.zeros((), dtype=torch.int64))

    def augment(self, images: Tensor) -> Tensor:
        """See `Augmentation.augment`."""
        draws = Draws(images, self.p)
        # One matrix for the plane and one for the colours: a picture is resampled once.
        if self._in_plane:
            before = self._in_plane[0](draws)
            for step in self._in_plane[1:]:
                before = matrices.product(before, step(draws))
            images = plane.resampled(images, before)
        if self._of_colours:
            change = self._of_colours[0](draws)
            for step in self._of_colours[1:]:
                change = matrices.product(step(draws), change)
            images = colours.recoloured(images, change)
        return _cut_out(images, draws) if self._cuts_out else images

    @torch.no_grad()
    def observe(self, of_real: DiscriminatorOutput) -> None:
        """Count what D says of real pictures: plus one of each that it takes for real."""
        signs = of_real.logits.sign()
        self._signs += torch.stack([signs.sum(), torch.ones_like(signs).sum()])

    @torch.no_grad()
    def after_iteration(self) -> None:
        """Move p, every few iterations, by what D was shown since."""
        if self.target is None:
            return
        # Always the same operations: whether it is time is a number on the device.
        self._iterations += 1
        is_due = self._iterations % self.interval == 0
        total, count = self._signs
        step = (total / count - self.target).sign() * count / (self.ada_kimg * 1000)
        self.p.copy_(torch.where(is_due, (self.p + step).clamp(0, 1), self.p))
        self._signs *= ~is_due

    def measured(self) -> dict[str, Tensor]:
        """Return p."""
        return {"augmentation/p": self.p}


def _cut_out(images: Tensor, draws: Draws) -> Tensor:
    """Put zeros into a box of half the height and width, with its middle anywhere."""
    side = draws.some(torch.full_like(images[:, 0, 0, 0], CUTOUT), 0)[:, None]
    x, y = draws.uniform()[:, None], draws.uniform()[:, None]
    columns = (torch.arange(draws.width, device=images.device) + 0.5) / draws.width
    rows = (torch.arange(draws.height, device=images.device) + 0.5) / draws.height
    outside_columns = (columns - x).abs() >= side / 2
    outside_rows = (rows - y).abs() >= side / 2
    return images * (outside_columns[:, None, None, :] | outside_rows[:, None, :, None])
