"""One file of random Inception weights, which this and the reference programs read."""

import hashlib

import pytest
import torch

from sngan.extractor.inception import Inception, inception_network


@pytest.fixture(scope="package")
def weights(tmp_path_factory):
    """Random, scaled so that activations neither vanish nor explode; no batch norm is trivial.

    It has the entries of the published file: 472, without the counters of batches.
    """
    torch.manual_seed(0)
    network = inception_network()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
    state = {k: v for k, v in network.state_dict().items() if "num_batches" not in k}
    assert len(state) == 472
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="package")
def build_inception(weights):
    """Build our network on those weights."""

    def build(**settings):
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        return Inception(str(weights), sha256=digest, **settings)

    return build


@pytest.fixture(scope="package")
def extractor(build_inception):
    return build_inception()
