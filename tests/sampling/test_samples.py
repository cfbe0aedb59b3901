import pytest
import torch
from PIL import Image

from sngan.architecture.cnn import CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarGenerator
from sngan.sampling.latents import indexed_latents
from sngan.sampling.samples import generate, save_grid

CPU = torch.device("cpu")


@pytest.fixture
def generator():
    generator = CnnGenerator(16, width=0.02)
    generator(torch.randn(8, 128))  # Moves the running statistics.
    return generator


def test_runs_in_eval_mode_and_restores_everything(generator):
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    images = generate(generator, torch.arange(5), 0, CPU)
    assert generator.training
    assert all(torch.equal(before[name], now) for name, now in generator.state_dict().items())
    generator.eval()
    z, _ = indexed_latents(generator, 0, torch.arange(5), CPU)
    torch.testing.assert_close(images, generator(z))


def test_grid(generator, tmp_path):
    path = tmp_path / "samples" / "grid.png"
    save_grid(path, generator, 20, 0, CPU)
    assert Image.open(path).size == (10 * 18 + 2, 2 * 18 + 2)


def test_labels_are_drawn_or_given():
    generator = ResNetCifarGenerator(8, n_classes=3, width=0.05)
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter)
    index = torch.arange(10)
    drawn = generate(generator, index, 3, CPU)
    given = generate(generator, index, 3, CPU, torch.zeros(10, dtype=torch.int64))
    assert not torch.allclose(drawn, given)
    _, labels = indexed_latents(generator, 3, index, CPU)
    torch.testing.assert_close(generate(generator, index, 3, CPU, labels), drawn)


def test_columns_of_a_conditional_grid_are_classes(tmp_path, monkeypatch):
    generator = ResNetCifarGenerator(8, n_classes=10, width=0.05)
    seen = []
    forward = generator.forward
    monkeypatch.setattr(generator, "forward", lambda z, y: seen.append(y) or forward(z, y))
    save_grid(tmp_path / "grid.png", generator, 20, 0, CPU)
    assert torch.cat(seen).tolist() == [*range(10)] * 2
