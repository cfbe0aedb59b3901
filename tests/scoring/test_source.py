import pytest
import torch
from PIL import Image
from torchvision.transforms.v2.functional import pil_to_tensor

from sngan.architecture.cnn import CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarGenerator
from sngan.sampling.quantize import quantize
from sngan.sampling.samples import save_grid
from sngan.scoring.source import Fixed, Samples, Selection, shuffled

CPU = torch.device("cpu")


@pytest.mark.parametrize("noise", ["normal", "uniform"])
def test_a_sample_depends_on_the_seed_and_its_number_alone(noise):
    generator = CnnGenerator(16, width=0.02, noise=noise)
    generator(torch.randn(8, 128))  # Moves the running statistics.
    samples = Samples(generator, 3, CPU)
    together = samples(torch.arange(10))
    torch.testing.assert_close(samples(torch.tensor([7, 2])), together[[7, 2]])
    assert not torch.allclose(Samples(generator, 4, CPU)(torch.arange(10)), together)
    assert generator.training
    assert together.dtype == torch.float32
    assert together.abs().max() <= 1


def test_so_do_the_classes():
    generator = ResNetCifarGenerator(8, n_classes=3, width=0.05)
    seen = []
    forward = generator.forward
    generator.forward = lambda z, y: seen.append(y) or forward(z, y)
    samples = Samples(generator, 3, CPU)
    samples(torch.arange(300))
    samples(torch.tensor([200, 1]))
    assert seen[1].tolist() == seen[0][[200, 1]].tolist()
    assert (seen[0].bincount() > 70).all()


def test_a_selection_is_in_its_own_order():
    images = torch.arange(5, dtype=torch.uint8).view(5, 1, 1, 1).expand(5, 3, 4, 4)
    chosen = Selection(Fixed(images, "five"), torch.tensor([4, 0, 2]))
    assert chosen.count == 3
    assert chosen.is_quantized
    assert chosen(torch.tensor([2, 0]))[:, 0, 0, 0].tolist() == [2, 4]


def test_the_order_of_real_pictures_never_changes():
    assert shuffled(8).tolist() == shuffled(8).tolist()
    assert sorted(shuffled(100).tolist()) == [*range(100)]
    assert shuffled(100).tolist() != [*range(100)]


def test_samples_do_not_move_pytorch_s_stream():
    before = torch.get_rng_state()
    Samples(CnnGenerator(16, width=0.02), 0, CPU)  # Building draws weights.
    torch.set_rng_state(before)
    generator = CnnGenerator(16, width=0.02)
    now = torch.get_rng_state()
    Samples(generator, 0, CPU)(torch.arange(4))
    assert torch.equal(now, torch.get_rng_state())


def test_grids_show_the_same_samples(tmp_path):
    generator = CnnGenerator(16, width=0.02)
    save_grid(tmp_path / "grid.png", generator, 10, 5, CPU)
    first = pil_to_tensor(Image.open(tmp_path / "grid.png"))[:, 2:18, 2:18]
    assert torch.equal(first, quantize(Samples(generator, 5, CPU)(torch.tensor([0])))[0])
