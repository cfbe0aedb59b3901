"""Spectral normalization, the paper's method: ``W / sigma(W)`` in every layer of D.

A layer's Lipschitz constant is the largest singular value of its matrix. ReLU and leaky ReLU have
1, so if every layer has 1 as well, so has the network (Eq. 6 to 8). The matrix of a convolution is
``(d_out, d_in * h * w)``; how its patches overlap is left out, a constant factor (Section 4).
``operator=convolution`` leaves nothing out.

Paper: https://arxiv.org/abs/1802.05957, Section 2 and Algorithm 1. Authors' code:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/source/links/sn_convolution_2d.py
"""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.func import functional_call

from sngan.architecture.base import Discriminator, Position, weighted_layers
from sngan.architecture.parts.shapes import input_shapes
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.convolution_iteration import (
    Convolution,
    convolution_iteration,
    require_zeros,
    sigma_of,
)
from sngan.regularizer.parts.normalized_layer import NormalizedLayer, around_weight, output_channels
from sngan.regularizer.parts.power_iteration import (
    SingularPairs,
    batched_power_iteration,
    divided_by_sigma,
    sigmas,
)
from sngan.system.declared import Times, checked
from sngan.system.require import SettingError

Operator = Literal["matrix", "convolution"]
"""What a convolution's sigma is of: its kernel as a matrix, or the convolution as a linear map."""


class SpectralNorm(Regularizer):
    """Divide every weight of the discriminator by its largest singular value.

    Args:
        power_iterations: Rounds of power iteration per forward pass; the paper uses 1.
        update_dense_in_eval: Whether dense layers and embeddings store their ``u`` in eval mode
            too, as the reference does. Convolutions store it in train mode only.
        gamma: Whether to multiply each normalised weight by a learned scalar (Eq. 32).
        operator: Whose largest singular value a convolution is divided by: that of its kernel as a
            ``matrix``, as in the paper, or of the ``convolution`` itself, at the size of its input.

    Raises:
        ValueError: If a setting is not accepted.
    """

    @checked
    def __init__(
        self,
        power_iterations: Times = 1,
        update_dense_in_eval: bool = True,
        gamma: bool = False,
        operator: Operator = "matrix",
    ) -> None:
        if gamma and operator == "convolution":
            # What the exact norm is for, a bound that holds, gamma ends.
            raise SettingError("gamma", "must be false with operator=convolution, got true")
        self.power_iterations = power_iterations
        self.update_dense_in_eval = update_dense_in_eval
        self.gamma = gamma
        self.operator = operator

    def wrap_layer(self, layer: nn.Module, position: Position) -> nn.Module:
        """Return the layer with its weight normalised; all positions alike."""
        # Also shortcuts, the last layer and embeddings: the bound is a product over all of them.
        return around_weight(layer, self._wrap)

    def prepare(self, discriminator: Discriminator) -> None:
        """Normalise the weights of all layers together, at the start of every pass."""
        if self.operator == "convolution":
            _follow_convolutions(discriminator)
        # A hook, so that no architecture has to know of it. A layer that is called without it, in
        # an analysis say, normalises itself.
        if _normalize_all not in discriminator._forward_pre_hooks.values():
            discriminator.register_forward_pre_hook(_normalize_all)

    def _wrap(self, layer: nn.Module) -> nn.Module:
        dense = isinstance(layer, nn.Linear | nn.Embedding)
        if self.operator == "convolution" and isinstance(layer, nn.Conv2d):
            require_zeros(layer)
        return SpectralNormLayer(
            layer,
            self.power_iterations,
            update_in_eval=dense and self.update_dense_in_eval,
            gamma=self.gamma,
        )


class SpectralNormLayer(NormalizedLayer):
    """A layer used with ``W / sigma(W)``, sigma being an estimate of the largest singular value.

    Each forward pass makes ``power_iterations`` rounds from the stored ``u``, in eval mode too,
    where the result is used but, for convolutions, not stored.

    Args:
        layer: See `NormalizedLayer`.
        power_iterations: Rounds per forward pass.
        update_in_eval: Whether eval mode stores ``u`` as well.
        gamma: See `NormalizedLayer`; one scalar per layer.

    Attributes:
        u: Estimate of the first left singular vector, ``(d_out,)``; starts as N(0, 1). That of a
            convolution is one output, ``(1, d_out, H', W')``.
        convolution: The linear map whose sigma is meant, if it is not the matrix's.
        ready: What the next pass needs, if it has been computed for all layers together.
    """

    u: Tensor
    ready: "Tensor | None" = None
    convolution: Convolution | None = None
    estimates_sigma = True

    def __init__(
        self,
        layer: nn.Module,
        power_iterations: int = 1,
        update_in_eval: bool = False,
        gamma: bool = False,
    ) -> None:
        super().__init__(layer, gamma)
        self.power_iterations = power_iterations
        self.update_in_eval = update_in_eval
        # Isotropic, as Algorithm 1 asks; its length does not matter. Checkpoints keep it: a new
        # one would take many rounds to be as good.
        self.register_buffer("u", torch.randn(output_channels(layer)))

    def follow_convolution(self, shape: torch.Size) -> None:
        """From now on, divide by sigma of the convolution instead of that of the matrix.

        Args:
            shape: Of one input, ``(d_in, H, W)``.
        """
        assert isinstance(self.layer, nn.Conv2d)
        self.convolution = Convolution.of(self.layer, shape)
        kernel = self.kernel().detach()
        output = self.convolution.apply(kernel, kernel.new_zeros(self.convolution.shape))
        self.u = torch.randn(output.shape).to(output)  # Drawn on the CPU, as all first values.

    def kernel(self) -> Tensor:
        """Return the raw weight in float32 at least."""
        weight = self.layer.weight
        return weight.to(torch.promote_types(weight.dtype, torch.float32))

    def norm(self, matrix: Tensor) -> Tensor:
        """Return the largest singular value, scalar."""
        return torch.linalg.svdvals(matrix)[0]

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer with its weight, or with a weight for each part of the batch."""
        return self._forward_parts(x) if self.parts else super().forward(x)

    def normalized_weight(self) -> Tensor:
        """See `NormalizedLayer.normalized_weight`; ``u`` moves where the mode asks for it."""
        return self._take_ready()

    def _forward_parts(self, x: Tensor) -> Tensor:
        """Use ``conv(x, W / sigma) = conv(x, W) / sigma`` with the sigma of each part."""
        # One convolution for both kinds of pictures; a weight for each would take two.
        per_part = zip(self._take_ready().unbind(), self.parts, strict=True)
        factors = torch.cat([factor.expand(size) for factor, size in per_part])  # (N,)

        # The bias is not normalised, so it comes after the factor.
        bias = getattr(self.layer, "bias", None)
        without_bias: dict[str, Any] = {} if bias is None else {"bias": None}
        y = functional_call(self.layer, without_bias, (x,))
        scaled = y * factors.view(-1, *[1] * (y.ndim - 1))  # (N, 1, 1, 1) for a convolution.
        if bias is not None:
            scaled = scaled + bias.view(-1, *[1] * (y.ndim - 2))  # (d_out, 1, 1)
        return scaled.to(y.dtype)

    def _take_ready(self) -> Tensor:
        # Taken once: the next pass has another u.
        if self.ready is None:
            make_ready([self])
        ready, self.ready = self.ready, None
        assert ready is not None
        return ready


def make_ready(layers: Sequence[SpectralNormLayer]) -> None:
    """Do the power iteration of the next pass for several layers of one discriminator.

    Args:
        layers: At least one. Where batches pass together, each has an iteration of its own and
            `SpectralNormLayer.ready` becomes the factors, ``(number of parts,)``; else the weight.
    """
    # In float32 at least: bfloat16 has two or three digits, and sigma scales a whole layer.
    with torch.autocast(layers[0].u.device.type, enabled=False):
        by_matrix = [layer for layer in layers if layer.convolution is None]
        found = dict(zip(by_matrix, _of_matrices(by_matrix), strict=True)) if by_matrix else {}
        for layer in layers:
            value = found[layer] if layer in found else _of_convolution(layer)
            # Eq. 32, where gamma is learned.
            layer.ready = value if layer.gamma is None else value * layer.gamma


def _of_matrices(layers: Sequence[SpectralNormLayer]) -> list[Tensor]:
    """Return the weights of the next pass, or their factors, with sigmas of matrices."""
    matrices = [layer.matrix() for layer in layers]
    if layers[0].parts:
        # As many rounds as there are parts, one after the other, as if they passed in turn.
        passes = [sigmas(matrices, _advance(layers, matrices)) for _ in layers[0].parts]
        return list(torch.stack(passes).reciprocal().unbind(dim=1))
    # W / sigma, of which W gets its gradient (Eq. 10 to 12).
    quotients = divided_by_sigma(matrices, _advance(layers, matrices))
    return [layer.as_weight(q) for layer, q in zip(layers, quotients, strict=True)]


def _of_convolution(layer: SpectralNormLayer) -> Tensor:
    """Return the weight of the next pass, or its factors, with the sigma of the convolution."""
    kernel = layer.kernel()
    if layer.parts:
        return torch.stack([_next_sigma(layer, kernel) for _ in layer.parts]).reciprocal()
    return (kernel / _next_sigma(layer, kernel)).to(layer.layer.weight.dtype)


def _next_sigma(layer: SpectralNormLayer, kernel: Tensor) -> Tensor:
    """Make a power iteration from the stored ``u``, store the new one where it is wanted."""
    assert layer.convolution is not None
    start = layer.u.to(kernel.dtype)
    pair = convolution_iteration(layer.convolution, kernel, start, layer.power_iterations)
    if layer.training or layer.update_in_eval:
        layer.u.copy_(pair.u)  # In place, as for matrices.
    return sigma_of(layer.convolution, kernel, pair)


def _follow_convolutions(discriminator: Discriminator) -> None:
    """Tell layers whose matrix is not their map about the size of their inputs."""
    shapes = input_shapes(discriminator)
    names = {id(layer): name for name, layer in weighted_layers(discriminator).items()}
    for part in discriminator.modules():
        # A 1x1 convolution is its matrix at every place, a dense layer is its matrix.
        if (
            isinstance(part, SpectralNormLayer)
            and part.convolution is None
            and isinstance(part.layer, nn.Conv2d)
            and part.layer.kernel_size != (1, 1)
        ):
            part.follow_convolution(shapes[names[id(part.layer)]])


def _normalize_all(discriminator: nn.Module, _inputs: object) -> None:
    layers = [part for part in discriminator.modules() if isinstance(part, SpectralNormLayer)]
    make_ready(layers)


def _advance(layers: Sequence[SpectralNormLayer], matrices: Sequence[Tensor]) -> SingularPairs:
    """Make a power iteration from every stored ``u`` and store the new one where it is wanted."""
    pairs = batched_power_iteration(
        matrices, [layer.u for layer in layers], layers[0].power_iterations
    )
    for layer, u in zip(layers, pairs.u, strict=True):
        # In place: a recorded iteration finds it where it was. No gradient needs the old one, for
        # pairs are new tensors.
        if layer.training or layer.update_in_eval:
            layer.u.copy_(u[: len(layer.u)])  # Without the padding.
    return pairs
