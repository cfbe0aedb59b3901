"""Bounds on a discriminator's Lipschitz constant: from above by its layers, from below by search.

The constant is that of the map from pictures to logits, with lengths of all values in ``[-1, 1]``.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sngan.architecture.base import Discriminator, weighted_layers
from sngan.architecture.parts.blocks import HALVING_NORM
from sngan.architecture.parts.resampling import HalvingConvolution
from sngan.regularizer.parts.normalized_layer import NormalizedOutput

STEPS = 100
STEP_SIZE = 0.02
"""Of the first step, as a root mean square over all values in ``[-1, 1]``; it falls to zero."""
NEAR = 1e-2
"""How far the two pictures of a pair between real ones are at first, in every value."""


def upper_bounds(
    discriminator: Discriminator, matrices: Mapping[str, float], operators: Mapping[str, float]
) -> dict[str, float]:
    """Return upper bounds on the Lipschitz constant from pictures to logits.

    Args:
        discriminator: One fixed function; see `sngan.analysis.frozen`.
        matrices: The norm of every layer's kernel as a matrix, ``(d_out, d_in * h * w)``, by name.
        operators: See `sngan.analysis.operator_norm.operator_norms`.

    Returns:
        ``matrices`` counts a convolution as its matrix, as the paper does (Section 4, footnote 3),
        which bounds nothing; ``operators`` is a bound that holds. Nothing if batch or layer norm is
        in the way: they have no bound. Infinity if none is known for the network itself.
    """
    if any(isinstance(module, NormalizedOutput) for module in discriminator.modules()):
        return {}
    names = {id(layer): name for name, layer in weighted_layers(discriminator).items()}

    def as_matrix(layer: nn.Module) -> float:
        return matrices[names[id(layer)]]

    def as_operator(layer: nn.Module) -> float:
        norm = operators[names[id(layer)]]
        # The network's own formula counts the halving once more.
        halves = isinstance(layer, HalvingConvolution) and layer.halves
        return norm / HALVING_NORM if halves else norm

    return {
        "matrices": discriminator.lipschitz_bound(as_matrix),
        "operators": discriminator.lipschitz_bound(as_operator),
    }


def lower_bounds(
    discriminator: Discriminator,
    images: Tensor,
    labels: Tensor | None = None,
    fakes: Tensor | None = None,
) -> dict[str, float]:
    """Return the steepest that a search has found: the Lipschitz constant is at least that.

    Every pair of pictures gives a quotient ``|f(x) - f(y)| / ||x - y||``; gradient ascent moves
    both pictures so that it grows, within the values that pictures have.

    Args:
        discriminator: One fixed function; see `sngan.analysis.frozen`.
        images: Real pictures, ``(2 n, 3, H, W)`` in ``[-1, 1]``.
        labels: Classes, ``(2 n,)`` int64; both pictures of a pair are judged as of the first's.
        fakes: Generated pictures, as ``images``, ``(n, 3, H, W)`` or more.

    Returns:
        ``real`` is the largest quotient of pairs of real pictures as they are; ``pairs`` where
        ascent from there ends; ``between`` where it ends from near pairs at random places between
        two real pictures; ``fakes``, if there are any, from places between a real and a generated
        one, where a gradient penalty looks.
    """
    random = torch.Generator().manual_seed(0)  # The same search finds the same again.
    first, second = images.double().chunk(2)
    classes = None if labels is None else labels[: len(first)]
    found = {
        "real": _quotients(discriminator, first, second, classes).max().item(),
        "pairs": _ascend(discriminator, first, second, classes),
    }
    ends = {"between": second}
    if fakes is not None:
        ends["fakes"] = fakes[: len(first)].double()
    for name, end in ends.items():
        found[name] = _ascend(discriminator, *_near_pairs(first, end, random), classes)
    return found


def _near_pairs(first: Tensor, end: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return pairs of near pictures at random places between pictures, ``(n, 3, H, W)`` each."""
    share = torch.rand(len(first), 1, 1, 1, dtype=torch.float64, generator=random)
    middle = share * first + (1 - share) * end
    signs = 2.0 * torch.randint(2, middle.shape, generator=random) - 1
    return middle, (middle + NEAR * signs).clamp(-1, 1)


def _quotients(
    discriminator: Discriminator, first: Tensor, second: Tensor, labels: Tensor | None
) -> Tensor:
    difference = discriminator(first, labels).logits - discriminator(second, labels).logits
    distance = (first - second).flatten(1).norm(dim=1).clamp(min=1e-12)  # Pictures may be equal.
    return difference.abs() / distance


def _ascend(
    discriminator: Discriminator, first: Tensor, second: Tensor, labels: Tensor | None
) -> float:
    """Return the largest quotient on the way up from pairs, ``(n, 3, H, W)`` each."""
    pair = torch.stack([first, second])  # (2, n, 3, H, W)
    largest = 0.0
    for step in range(STEPS):
        pair.requires_grad_()
        quotients = _quotients(discriminator, pair[0], pair[1], labels)
        largest = max(largest, quotients.max().item())
        (gradient,) = torch.autograd.grad(quotients.clamp(min=1e-30).log().sum(), pair)
        length = gradient.flatten(2).norm(dim=2).clamp(min=1e-30)[:, :, None, None, None]
        size = STEP_SIZE * (1 - step / STEPS) * first[0].numel() ** 0.5
        pair = (pair + size * gradient / length).detach().clamp(-1, 1)
    return largest
