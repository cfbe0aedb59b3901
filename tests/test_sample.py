import pytest
import torch
from PIL import Image

from sngan.architecture.cnn import CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarGenerator
from sngan.sample import generate, save_grid

CPU = torch.device("cpu")


@pytest.fixture
def generator():
    generator = CnnGenerator(16, width=0.02)
    generator(torch.randn(8, 128))  # Moves the running statistics.
    return generator


def test_batch_size_does_not_matter(generator):
    images = [torch.cat(list(generate(generator, 10, 3, size, CPU))) for size in (1, 4, 10)]
    torch.testing.assert_close(images[0], images[1])
    torch.testing.assert_close(images[0], images[2])


def test_runs_in_eval_mode_and_restores_everything(generator):
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    random = torch.get_rng_state()
    images = torch.cat(list(generate(generator, 5, 0, 5, CPU)))
    assert generator.training
    assert all(torch.equal(before[name], now) for name, now in generator.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    generator.eval()
    z = torch.randn(5, 128, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(images, generator(z))


def test_grid(generator, tmp_path):
    path = tmp_path / "samples" / "grid.png"
    save_grid(path, generator, 20, 0, CPU)
    assert Image.open(path).size == (10 * 18 + 2, 2 * 18 + 2)


def test_conditional_pictures_get_labels_from_the_seed():
    generator = ResNetCifarGenerator(8, n_classes=3, width=0.05)
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter)
    images = [torch.cat(list(generate(generator, 10, 3, size, CPU))) for size in (4, 10)]
    torch.testing.assert_close(images[0], images[1])
    labels = torch.zeros(10, dtype=torch.int64)
    same = torch.cat(list(generate(generator, 10, 3, 4, CPU, labels)))
    assert not torch.allclose(same, images[0])


def test_columns_of_a_conditional_grid_are_classes(tmp_path, monkeypatch):
    generator = ResNetCifarGenerator(8, n_classes=10, width=0.05)
    seen = []
    forward = generator.forward
    monkeypatch.setattr(generator, "forward", lambda z, y: seen.append(y) or forward(z, y))
    save_grid(tmp_path / "grid.png", generator, 20, 0, CPU)
    assert torch.cat(seen).tolist() == [*range(10)] * 2


def test_uniform_noise_reaches_the_samples():
    generator = CnnGenerator(16, width=0.02, noise="uniform").eval()
    images = torch.cat(list(generate(generator, 5, 0, 5, CPU)))
    z = 2 * torch.rand(5, 128, generator=torch.Generator().manual_seed(0)) - 1
    torch.testing.assert_close(images, generator(z))
