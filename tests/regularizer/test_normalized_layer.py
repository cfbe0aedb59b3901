"""What cannot be normalised is named."""

import pytest
from torch import nn

from sngan.regularizer.frobenius_norm import FrobeniusNorm
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.regularizer.weight_norm import WeightNorm


@pytest.mark.parametrize("kind", [SpectralNorm, WeightNorm, FrobeniusNorm])
def test_a_layer_of_another_kind_is_named(kind):
    with pytest.raises(ValueError, match="Conv2d, Linear or Embedding, got Conv1d"):
        kind().wrap_layer(nn.Conv1d(2, 2, 3), "hidden")


@pytest.mark.parametrize("kind", [SpectralNorm, WeightNorm, FrobeniusNorm])
def test_a_layer_that_is_normalised_already_is_told_from_one_of_another_kind(kind):
    with pytest.raises(ValueError, match="a weight is normalised once"):
        kind().wrap_layer(SpectralNorm().wrap_layer(nn.Linear(2, 2), "last"), "last")
