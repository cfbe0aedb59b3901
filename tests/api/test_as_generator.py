"""Functions and networks of other programs in place of a generator."""

import pytest
import torch
from torch import nn

import sngan
from sngan.api.pictures import source_of

WORDS = {
    "protocol": "smoke",
    "extractor": "efficientnet_lite0",
    "device": "cpu",
    "settings": ["extractor.input_size=32"],
}


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(8, 3 * 16**2)
        self.norm = nn.BatchNorm1d(3 * 16**2)

    def forward(self, z):
        return torch.tanh(self.norm(self.dense(z))).view(-1, 3, 16, 16)


def test_a_network_is_scored_in_eval_mode_like_a_generator_of_ours():
    class Ours(sngan.Generator):
        image_size, latent_size = 16, 8

        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, z, labels=None):
            return self.network(z)

    network = Network()
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    sheet = sngan.score(sngan.as_generator(network, latent_size=8), seed=2, **WORDS)
    ours = sngan.score(Ours(network), seed=2, **WORDS)
    assert sheet.scores[0].score_mean == ours.scores[0].score_mean
    assert sheet.name == "Network, normal noise of length 8"
    assert network.training
    assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())


def test_a_function_gets_noise_and_classes_as_they_are_asked_for():
    seen = []

    def draw(z, labels):
        seen.append((z, labels))
        return torch.zeros(len(z), 3, 16, 16)

    generator = sngan.as_generator(draw, latent_size=5, noise="uniform", n_classes=3)
    assert sngan.score(generator, **WORDS).name == "draw, uniform noise of length 5, 3 classes"
    z, labels = (torch.cat(parts) for parts in zip(*seen, strict=True))
    assert z.shape[1] == 5
    assert -1 <= z.min() < -0.9 < 0.9 < z.max() <= 1
    assert set(labels.tolist()) == {0, 1, 2}
    assert (generator.image_size, generator.image_channels) == (16, 3)


def test_a_function_of_a_number_and_a_seed_is_a_set_of_its_own_for_each_seed():
    seeds = []

    def draw(n, seed):
        seeds.append(seed)
        return torch.rand(n, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1

    words = {**WORDS, "settings": [*WORDS["settings"], "protocol.smoke.num_generated=150"]}
    first, again, other = (sngan.score(draw, seed=s, **words) for s in (0, 0, 1))
    assert first.scores[0].score_mean == again.scores[0].score_mean
    assert first.scores[0].score_mean != other.scores[0].score_mean
    assert first.name == "draw of a number and a seed"
    assert first.seed == 0
    calls = len(seeds) // 3
    assert seeds[:calls] == seeds[calls : 2 * calls]
    assert not set(seeds[:calls]) & set(seeds[2 * calls :])
    assert len(set(seeds[:calls])) == calls == 3  # Blocks of 64 differ.


def test_batches_change_nothing_in_what_a_function_of_a_seed_gives():
    def draw(n, seed):
        return torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed))

    source = source_of(draw, 3)
    whole = source(torch.arange(100))
    assert torch.equal(torch.cat([source(part) for part in torch.arange(100).split(7)]), whole)
    assert len(whole.unique(dim=0)) == 100


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (
            torch.zeros(1, 3, 16, 16),
            r"must give pictures \(\d+, 3, H, H\) or .*, got \(1, 3, 16, 16\)",
        ),
        (lambda n: torch.zeros(n, 2, 16, 16), "must give pictures"),
        (lambda n: torch.zeros(n, 3, 16, 8), "must give pictures"),
        (lambda n: torch.full((n, 3, 8, 8), 255.0), r"must give pictures in \[-1, 1\], got .* 255"),
        (lambda n: torch.zeros(n, 3, 8, 8, dtype=torch.uint8), "tensor of floats, got torch.uint8"),
        (lambda n: [1.0], "must give a tensor of floats, got list"),
    ],
)
def test_what_is_no_picture_is_refused(images, said):
    def make(n):
        return images(n) if callable(images) else images

    with pytest.raises(ValueError, match=said):
        sngan.score(sngan.as_generator(lambda z: make(len(z)), latent_size=2), **WORDS)
    with pytest.raises(ValueError, match=said):
        sngan.score(lambda n, seed: make(n), **WORDS)


def test_grey_pictures_are_scored_as_such():
    grey = sngan.as_generator(lambda z: torch.tanh(z).view(-1, 1, 4, 4), latent_size=16)
    assert grey.image_channels == 1
    for made_of in (grey, lambda n, seed: torch.zeros(n, 1, 4, 4)):
        assert sngan.score(made_of, **WORDS).channels == 1


def test_arguments_that_are_missing_or_odd(tmp_path):
    with pytest.raises(TypeError, match=r"as_generator\(network, latent_size=128\)"):
        sngan.score(Network(), **WORDS)
    with pytest.raises(TypeError, match="made_of must be a network, a function or a path, got int"):
        sngan.as_generator(3, latent_size=2)
    with pytest.raises(ValueError, match="latent_size must be an integer"):
        sngan.as_generator(Network())
    with pytest.raises(ValueError, match="noise must be"):
        sngan.as_generator(Network(), latent_size=2, noise="salt")
    with pytest.raises(ValueError, match="latent_size must be None: the file says it"):
        sngan.as_generator("g.onnx", latent_size=2)
    with pytest.raises(FileNotFoundError):
        sngan.as_generator(tmp_path / "g.onnx")
