"""What every pair promises, whatever its table."""

import pytest
import torch

from sngan.architecture.base import weighted_layers
from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.architecture.resnet_imagenet import ResNetImageNetDiscriminator, ResNetImageNetGenerator
from sngan.architecture.resnet_stl import ResNetStlDiscriminator, ResNetStlGenerator
from sngan.architecture.resnet_wgan_gp import ResNetWganGpDiscriminator, ResNetWganGpGenerator
from sngan.regularizer.spectral_norm import SpectralNorm, SpectralNormLayer

PAIRS = {
    "cnn": (CnnGenerator, CnnDiscriminator, 8),
    "resnet_cifar": (ResNetCifarGenerator, ResNetCifarDiscriminator, 8),
    "resnet_wgan_gp": (ResNetWganGpGenerator, ResNetWganGpDiscriminator, 8),
    "resnet_stl": (ResNetStlGenerator, ResNetStlDiscriminator, 16),
    "resnet_imagenet": (ResNetImageNetGenerator, ResNetImageNetDiscriminator, 32),
}
RESNETS = [name for name in PAIRS if name != "cnn"]
WRAP = SpectralNorm().wrap_layer
CONDITIONED = [(name, kind) for name in RESNETS for kind in ("projection", "classifier")]
CONDITIONED.append(("resnet_imagenet", "concat"))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_shapes_and_range(name, times):
    make_generator, make_discriminator, smallest = PAIRS[name]
    size = times * smallest
    generator = make_generator(size, width=0.05)
    images = generator(100 * torch.randn(5, generator.latent_size))
    assert images.shape == (5, 3, size, size)
    assert images.abs().max() <= 1
    verdict = make_discriminator(size, WRAP, width=0.05)(images)
    assert verdict.logits.shape == (5,)
    assert verdict.class_losses is None


@pytest.mark.parametrize("name", PAIRS)
def test_grey_pictures(name):
    make_generator, make_discriminator, smallest = PAIRS[name]
    generator = make_generator(smallest, width=0.05, image_channels=1)
    discriminator = make_discriminator(smallest, WRAP, width=0.05, image_channels=1)
    images = generator(torch.randn(2, generator.latent_size))
    assert images.shape == (2, 1, smallest, smallest)
    assert discriminator(images).logits.shape == (2,)
    assert (generator.image_channels, discriminator.image_channels) == (1, 1)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [6, 30, 33])
def test_impossible_sizes_are_refused(name, size):
    for build in (lambda: PAIRS[name][0](size), lambda: PAIRS[name][1](size, WRAP)):
        with pytest.raises(ValueError, match=rf"image_size must be a multiple of .*got {size}"):
            build()


@pytest.mark.parametrize("name", PAIRS)
def test_width_scales_channels(name):
    count = [
        sum(p.numel() for p in PAIRS[name][1](32, WRAP, width=width).parameters())
        for width in (0.5, 1.0)
    ]
    assert 3.5 < count[1] / count[0] < 4.1
    with pytest.raises(ValueError, match=r"width must be a number > 0 and <= 64, got 0"):
        PAIRS[name][0](32, width=0)


@pytest.mark.parametrize(("name", "kind"), CONDITIONED)
def test_conditional_pairs_read_their_labels(name, kind):
    make_generator, make_discriminator, size = PAIRS[name]
    generator = make_generator(size, n_classes=3, width=0.05)
    discriminator = make_discriminator(size, WRAP, conditioning=kind, n_classes=3, width=0.05)
    for parameter in (*generator.parameters(), *discriminator.parameters()):
        torch.nn.init.normal_(parameter, std=0.3)
    z = torch.randn(4, generator.latent_size)
    first, second = torch.tensor([0, 1, 2, 0]), torch.tensor([1, 1, 2, 2])
    differs = [(a - b).abs().max() > 0 for a, b in zip(first, second, strict=True)]
    generator.eval()  # In train mode the pictures of a batch depend on each other.
    images = [generator(z, labels).detach() for labels in (first, second)]
    assert [not torch.equal(a, b) for a, b in zip(*images, strict=True)] == differs
    discriminator.eval()
    state = {key: value.clone() for key, value in discriminator.state_dict().items()}
    verdicts = []
    for labels in (first, second):
        discriminator.load_state_dict(state)
        verdicts.append(discriminator(images[0], labels))
    part = "class_losses" if kind == "classifier" else "logits"
    values = [getattr(verdict, part) for verdict in verdicts]
    assert (values[0] != values[1]).tolist() == differs
    assert discriminator.has_classifier == (kind == "classifier")


@pytest.mark.parametrize(("name", "kind"), CONDITIONED)
def test_spectral_norm_reaches_every_layer_also_embeddings(name, kind):
    discriminator = PAIRS[name][1](32, WRAP, conditioning=kind, n_classes=3, width=0.05)
    wrapped = [m for m in discriminator.modules() if isinstance(m, SpectralNormLayer)]
    assert len(wrapped) == len(weighted_layers(discriminator))


@pytest.mark.parametrize("name", RESNETS)
def test_choices_are_checked(name):
    make = PAIRS[name][1]
    with pytest.raises(ValueError, match=r"conditioning must be one of none, projection, .*got x"):
        make(32, WRAP, conditioning="x", n_classes=3)
    with pytest.raises(ValueError, match="pooling must be one of sum, mean or null, got max"):
        make(32, WRAP, pooling="max")
    for choice in ({"conditioning": "projection"}, {"n_classes": 3}):
        with pytest.raises(ValueError, match=r"conditioning and n_classes go together"):
            make(32, WRAP, **choice)


@pytest.mark.parametrize("name", [name for name in RESNETS if name != "resnet_imagenet"])
def test_only_imagenet_s_table_has_a_place_to_concatenate(name):
    with pytest.raises(ValueError, match="got concat"):
        PAIRS[name][1](32, WRAP, conditioning="concat", n_classes=3)


def test_too_few_blocks_are_refused():
    """Fewer than halve the picture, or than stand before the label's place and behind it."""
    for name, shortest in (("resnet_stl", 4), ("resnet_imagenet", 5)):
        with pytest.raises(ValueError, match=rf"name at least {shortest} blocks, got \[8, 8\]"):
            PAIRS[name][1](64, WRAP, channels=[8, 8])


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "none") for name in PAIRS), *CONDITIONED], ids="-".join
)
def test_lipschitz_bound_holds_and_scales(name, kind):
    """No two pictures differ by more than the bound; half of every norm gives less."""
    _, make, size = PAIRS[name]
    choice = {} if kind == "none" else {"conditioning": kind, "n_classes": 3}
    discriminator = make(size, lambda layer, position: layer, width=0.1, **choice).double()
    labels = torch.arange(8) % 3
    for parameter in discriminator.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    norms = {}
    for layer in weighted_layers(discriminator).values():
        overlap = 1
        if isinstance(layer, torch.nn.Conv2d):
            overlap = -(-layer.kernel_size[0] // layer.stride[0])
        norms[layer] = torch.linalg.svdvals(layer.weight.flatten(1))[0].item() * overlap
    bound = discriminator.lipschitz_bound(norms.__getitem__)
    images = torch.randn(8, 3, size, size, dtype=torch.float64)
    moved = images + 0.01 * torch.randn_like(images)
    logits = [discriminator(x, labels).logits for x in (images, moved)]
    change = (logits[0] - logits[1]).abs()
    ratio = (change / (images - moved).flatten(1).norm(dim=1)).max().item()
    assert 0 < ratio <= bound
    assert discriminator.lipschitz_bound(lambda layer: norms[layer] / 2) < bound / 2
