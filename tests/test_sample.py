import pytest
import torch
from PIL import Image

from sngan.architecture.cnn import CnnGenerator
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
