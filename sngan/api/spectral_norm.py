"""Spectral normalization (Section 2 of the paper, Algorithm 1) for networks of anybody.

It is a parametrization of PyTorch's, so the weight in use stays ``layer.weight`` and the raw one is
``layer.parametrizations.weight.original``. On convolutions and dense layers it computes what the
regularizer of `sngan.regularizer.spectral_norm` does, which normalises a whole discriminator of
this package faster.

Paper: https://arxiv.org/abs/1802.05957
"""

from collections.abc import Collection, Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from sngan.regularizer.parts.normalized_layer import NormalizedLayer
from sngan.regularizer.parts.power_iteration import power_iteration
from sngan.system.declared import Times, check
from sngan.system.require import SettingError

AnyModule = TypeVar("AnyModule", bound=nn.Module)

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
SUPPORTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED, nn.Embedding)
NORMS = (nn.LayerNorm, nn.RMSNorm)
"""Layers whose weights may have the shape of a picture, but are factors."""


def spectral_norm(
    module: AnyModule, *, power_iterations: int = 1, exclude: Collection[str] = ()
) -> AnyModule:
    """Divide every weight of a network by its largest singular value, in place.

    From then on, each use of a weight in train mode makes ``power_iterations`` rounds of power
    iteration from a vector ``u`` that is kept with the layer, as a buffer, and stores the new one.
    In eval mode the same rounds are made and nothing is stored, so that a network does not change
    while it is looked at. No gradient flows through ``u`` and ``v``. Gradients of gradients, as for
    a gradient penalty, can be taken.

    Supported are ``Linear``, ``Conv1d`` to ``Conv3d``, their transposed forms and ``Embedding``;
    norms, activations and modules without weights are left as they are. Initialise weights before,
    not afterwards. Optimizers that were made before keep working: the parameters are the same.

    Args:
        module: A network, or a single layer.
        power_iterations: Rounds per use of a weight; the paper makes 1.
        exclude: Parts to leave as they are, with all that is in them, by their names in
            ``module.named_modules()``.

    Returns:
        The same module.

    Raises:
        ValueError: If a layer has weights but is of another kind, or is normalised already; if
            there is nothing to normalise, or nothing of a name in ``exclude``. The module is as it
            was then.
    """
    check("power_iterations", Times, power_iterations)
    layers = dict(_layers(module, exclude))
    if not layers:
        raise ValueError(f"{type(module).__name__} has no layer to normalise: {_supported()}")
    for layer in layers.values():
        normalization = SpectralNormalization(layer, power_iterations)
        # Shape and type stay, so nothing needs a check; PyTorch's would move u.
        parametrize.register_parametrization(layer, "weight", normalization, unsafe=True)
    return module


def remove_spectral_norm(module: AnyModule) -> AnyModule:
    """Undo `spectral_norm`: weights become what they are in eval mode, plain parameters again.

    Args:
        module: A network, or a single layer.

    Returns:
        The same module.

    Raises:
        ValueError: If `spectral_norm` has normalised nothing in it.
    """
    layers = [layer for layer in module.modules() if _is_normalized(layer)]
    if not layers:
        raise ValueError(f"{type(module).__name__} has no layer that sngan.spectral_norm made")
    for layer in layers:
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
    return module


class SpectralNormalization(nn.Module):
    """The map from a raw weight ``W`` to ``W / sigma(W)``; see `spectral_norm`.

    Args:
        layer: Whose weight it is for.
        power_iterations: Rounds per use.

    Attributes:
        u: Estimate of the first left singular vector, ``(d_out,)``; starts as N(0, 1).
    """

    u: Tensor

    def __init__(self, layer: nn.Module, power_iterations: int = 1) -> None:
        super().__init__()
        self.power_iterations = power_iterations
        self.is_transposed = isinstance(layer, TRANSPOSED)
        self.groups = layer.groups if isinstance(layer, TRANSPOSED) else 1
        weight = layer.weight
        assert isinstance(weight, Tensor)
        matrix = self.matrix(weight)
        start = torch.randn(len(matrix), dtype=matrix.dtype, device=matrix.device)
        self.register_buffer("u", start)

    def forward(self, weight: Tensor) -> Tensor:
        """Return the normalised weight, of the shape and type of the raw one."""
        with torch.autocast(weight.device.type, enabled=False):
            matrix = self.matrix(weight)
            u, _, sigma = power_iteration(matrix, self.u.to(matrix.dtype), self.power_iterations)
            if self.training:
                self.u.copy_(u)  # The graph keeps the new tensor, so the buffer may move on.
            return weight / sigma  # A number, so the type stays the weight's.

    def right_inverse(self, weight: Tensor) -> Tensor:
        """Return a weight that is assigned to the layer: it becomes the raw one."""
        return weight

    def matrix(self, weight: Tensor) -> Tensor:
        """Return the weight as the paper's matrix, ``(d_out, d_in * h * w)``, in float32 at least.

        A transposed convolution has its weight as ``(d_in, d_out / groups, h, w)``. Of a grouped
        convolution of either kind all groups are below each other, so that the columns are those
        of one group; the norm of the whole is then at most this matrix's.
        """
        if self.is_transposed:
            # (groups, d_in / groups, d_out / groups, ...): output channels to the front.
            by_group = weight.unflatten(0, (self.groups, -1)).transpose(1, 2)
            weight = by_group.flatten(0, 1)
        return weight.to(torch.promote_types(weight.dtype, torch.float32)).flatten(1)


def _layers(module: nn.Module, exclude: Collection[str]) -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers to normalise by name; raise at the first that cannot be."""
    parts = dict(module.named_modules())
    for name in exclude:
        if name not in parts:
            raise SettingError("exclude", f"must name parts of the module, got {name}")
    for name, part in parts.items():
        is_left = any(f"{name}.".startswith(f"{outer}.") for outer in exclude)
        if not is_left and _has_weights(name or "module", part):
            yield name, part


def _has_weights(name: str, part: nn.Module) -> bool:
    """Tell whether a part is a layer to normalise; raise if it is one that cannot be."""
    kind = type(part).__name__
    if isinstance(part, NormalizedLayer):
        raise ValueError(f"{name} ({kind}) is normalised already: a weight is normalised once")
    own = dict(part.named_parameters(recurse=False))
    if isinstance(part, SUPPORTED):
        if "weight" not in own:  # It is made of another one by a hook or a parametrization.
            raise ValueError(f"{name} ({kind}) is normalised already: a weight is normalised once")
        if nn.parameter.is_lazy(own["weight"]):
            raise ValueError(f"{name} ({kind}) has no weight yet: use the network once before")
        if own["weight"].is_complex():
            raise ValueError(f"{name} ({kind}) must have a real weight, got {own['weight'].dtype}")
        return True
    if not isinstance(part, NORMS) and any(parameter.ndim > 1 for parameter in own.values()):
        raise ValueError(
            f"{name} ({kind}) has weights that cannot be normalised: {_supported()}; "
            f"exclude=[{name!r}] leaves it as it is"
        )
    return False


def _is_normalized(layer: nn.Module) -> bool:
    """Tell whether `spectral_norm` has normalised the weight of a layer."""
    if not parametrize.is_parametrized(layer, "weight"):
        return False
    chain = layer.get_submodule("parametrizations.weight")
    return any(isinstance(part, SpectralNormalization) for part in chain.children())


def _supported() -> str:
    return f"supported are {', '.join(kind.__name__ for kind in SUPPORTED)}"
