"""The table of one discriminator's layers, and what it says where no bound is known."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from sngan.analysis.layers import Analysis
from sngan.architecture.base import Discriminator, DiscriminatorOutput
from sngan.architecture.cnn import CnnDiscriminator
from sngan.regularizer.batch_norm import BatchNorm
from sngan.regularizer.spectral_norm import SpectralNorm


class Strangers(Discriminator):
    """One layer, and nothing said about a Lipschitz constant."""

    def __init__(self, wrap_layer):
        super().__init__()
        self.image_size = 8
        self.dense = wrap_layer(nn.Linear(3 * 8 * 8, 1), "last")

    def forward(self, images, labels=None):
        return DiscriminatorOutput(self.dense(images.flatten(1)).squeeze(1))


NETWORKS = {
    "known": lambda: CnnDiscriminator(8, SpectralNorm().wrap_layer, width=0.1),
    "normed": lambda: CnnDiscriminator(8, BatchNorm().wrap_layer, width=0.1),
    "unknown": lambda: Strangers(SpectralNorm().wrap_layer),
}


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        ("known", "  Lipschitz constant at most ", {"matrices", "operators"}),
        ("normed", "  no bound on the Lipschitz constant: batch and layer norm have none", set()),
        ("unknown", "  no bound on the Lipschitz constant is known for this network", set()),
    ],
)
def test_a_bound_is_said_where_one_is_known(name, said, kept, tmp_path):
    """The file stays JSON that everybody reads: it has no word for infinity."""
    analysis = Analysis.of(tmp_path / "step_0000002.pt", 2, NETWORKS[name]())
    assert analysis.summary().splitlines()[-1].startswith(said)
    sheet = json.loads(Path(analysis.write()).read_text(), parse_constant=pytest.fail)
    assert sheet["lipschitz_bounds"].keys() == kept


def test_without_a_word_of_the_network_its_bound_is_infinite():
    assert Strangers(SpectralNorm().wrap_layer).lipschitz_bound(lambda layer: 1.0) == torch.inf
