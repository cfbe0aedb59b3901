"""Upper bounds on a discriminator's Lipschitz constant, from the norms of its layers."""

import math

from torch import nn

from sngan.analysis.spectrum import Spectrum
from sngan.architecture.base import Discriminator, weighted_layers
from sngan.regularizer.parts.normalized_layer import NormalizedOutput


def lipschitz_bounds(discriminator: Discriminator, found: list[Spectrum]) -> dict[str, float]:
    """Return upper bounds on the Lipschitz constant from pictures to logits.

    Args:
        discriminator: The network.
        found: Its `spectra`.

    Returns:
        ``matrices`` counts a convolution as its matrix, as the paper does (Section 4, footnote 3);
        ``operators`` is a bound that holds, with the factor by which patches overlap. Nothing if
        batch or layer norm is in the way: they have no bound. Infinity if none is known for the
        network itself.
    """
    if any(isinstance(module, NormalizedOutput) for module in discriminator.modules()):
        return {}
    largest = {spectrum.name: spectrum.in_use[0] for spectrum in found}
    names = {id(layer): name for name, layer in weighted_layers(discriminator).items()}

    def as_matrix(module: nn.Module) -> float:
        (layer,) = weighted_layers(module).values()
        return largest[names[id(layer)]]

    def as_operator(module: nn.Module) -> float:
        return as_matrix(module) * _overlap(module)

    return {
        "matrices": discriminator.lipschitz_bound(as_matrix),
        "operators": discriminator.lipschitz_bound(as_operator),
    }


def _overlap(module: nn.Module) -> float:
    """Return the root of the number of patches that read one place: by how much norms can grow."""
    (layer,) = weighted_layers(module).values()
    if not isinstance(layer, nn.Conv2d):
        return 1.0
    patches = [math.ceil(k / s) for k, s in zip(layer.kernel_size, layer.stride, strict=True)]
    return math.sqrt(math.prod(patches))
