import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.monitor.singular_values import SingularValues
from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.spectral_norm import SpectralNorm


class Running:
    """As much of an iteration as this monitor looks at."""

    def __init__(self, regularizer):
        self.generator = CnnGenerator(8, width=0.02)
        self.discriminator = CnnDiscriminator(8, regularizer.wrap_layer, width=0.2)


def test_compares_the_estimate_with_the_exact_value():
    running = Running(SpectralNorm())
    running.discriminator(torch.randn(2, 3, 8, 8))
    before = {k: v.clone() for k, v in running.discriminator.state_dict().items()}
    values = SingularValues()(running, None)
    assert len(values) == 3 * 8
    for index, layer in enumerate(running.discriminator.convolutions):
        raw, in_use, estimate = (
            values[f"sigma/{kind}/convolutions.{index}"] for kind in ("raw", "in_use", "estimate")
        )
        exact = torch.linalg.svdvals(layer.layer.weight.flatten(1))[0].item()
        assert raw == pytest.approx(exact, rel=1e-5)
        assert estimate == pytest.approx(raw / in_use, rel=1e-5)
        assert in_use > 1  # Few rounds underestimate sigma.
    assert values["sigma/in_use/dense"] == pytest.approx(1, rel=1e-5)
    after = running.discriminator.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_without_normalisation_both_are_the_same():
    values = SingularValues()(Running(NoRegularizer()), None)
    assert len(values) == 2 * 8
    assert values["sigma/raw/dense"] == values["sigma/in_use/dense"]


def test_every_must_be_positive():
    with pytest.raises(ValueError, match=r"every must be an integer between 1 and \d+, got 0"):
        SingularValues(every=0)
