"""Ends of a residual discriminator: from pooled features to a logit, with or without classes.

The paper (https://arxiv.org/abs/1802.05957) has the plain and the concatenated one. The projection
is Miyato and Koyama's, https://arxiv.org/abs/1802.05637; it is in the authors' code, too:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/dis_models/snresnet.py
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from sngan.architecture.base import DiscriminatorOutput, NormOf, WrapLayer
from sngan.architecture.parts.blocks import glorot

Conditioning = Literal["none", "projection", "concat", "classifier"]
"""How a discriminator uses labels; ``concat`` does so in its middle and ends unconditionally."""


class Head(nn.Module):
    """A dense layer; ignores labels.

    Args:
        features: Length of the pooled feature vector.
        bias: Whether the dense layer has a bias.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, features: int, *, bias: bool, wrap_layer: WrapLayer) -> None:
        super().__init__()
        self.dense = wrap_layer(glorot(nn.Linear(features, 1, bias=bias)), "last")

    def forward(self, features: Tensor, labels: Tensor | None) -> DiscriminatorOutput:
        """Map ``(N, features)`` and labels, ``(N,)``, to what D says."""
        return DiscriminatorOutput(self.dense(features).squeeze(1))

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `sngan.architecture.base.Discriminator.lipschitz_bound`."""
        return norm(self.dense)


class ProjectionHead(Head):
    """Adds the inner product of features and an embedding of the label (Miyato and Koyama, 2018).

    Args:
        features: Length of the pooled feature vector.
        n_classes: Number of classes.
        bias: Whether the dense layer has a bias.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, features: int, n_classes: int, *, bias: bool, wrap_layer: WrapLayer) -> None:
        super().__init__(features, bias=bias, wrap_layer=wrap_layer)
        self.embedding = wrap_layer(glorot(nn.Embedding(n_classes, features)), "last")

    def forward(self, features: Tensor, labels: Tensor | None) -> DiscriminatorOutput:
        """See `Head.forward`."""
        logits = super().forward(features, labels).logits
        # One inner product per picture, (N, features) with (N, features) to (N,).
        return DiscriminatorOutput(logits + (self.embedding(labels) * features).sum(dim=1))

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `Head.lipschitz_bound`; no row of a matrix is longer than its norm."""
        return norm(self.dense) + norm(self.embedding)


class ClassifierHead(Head):
    """Adds a classifier beside the logit (Odena et al., 2017).

    Args:
        features: Length of the pooled feature vector.
        n_classes: Number of classes.
        bias: Whether the logit's dense layer has a bias.
        wrap_layer: Receives each layer; the regularizer's hook.
    """

    def __init__(self, features: int, n_classes: int, *, bias: bool, wrap_layer: WrapLayer) -> None:
        super().__init__(features, bias=bias, wrap_layer=wrap_layer)
        self.classifier = wrap_layer(glorot(nn.Linear(features, n_classes)), "last")

    def forward(self, features: Tensor, labels: Tensor | None) -> DiscriminatorOutput:
        """See `Head.forward`."""
        assert labels is not None
        scores = self.classifier(features)  # (N, n_classes)
        class_losses = functional.cross_entropy(scores, labels, reduction="none")
        return DiscriminatorOutput(super().forward(features, labels).logits, class_losses)


class LabelConcatenation(nn.Module):
    """Appends an embedding of the label to every place of a feature map.

    Args:
        n_classes: Number of classes.
        channels: Length of the embedding.
        wrap_layer: Receives the embedding; the regularizer's hook.
    """

    def __init__(self, n_classes: int, channels: int, *, wrap_layer: WrapLayer) -> None:
        super().__init__()
        self.embedding = wrap_layer(glorot(nn.Embedding(n_classes, channels)), "last")

    def forward(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C + channels, H, W)``."""
        # (N, channels) to (N, channels, H, W), the same at every place.
        embedded = self.embedding(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return torch.cat([x, embedded.to(x.dtype)], dim=1)

    def lipschitz_bound(self, norm: NormOf) -> float:
        """See `sngan.architecture.base.Discriminator.lipschitz_bound`; labels do not vary."""
        return 1.0
