import pytest
import torch

from sngan.architecture.cnn import CnnGenerator
from sngan.sampling.interpolation import between, film, interpolated
from sngan.sampling.series import Draw
from sngan.system.require import SettingError

CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", ["linear", "spherical"])
def test_both_ends_are_what_they_were(kind):
    first, last = torch.randn(2, 128)
    path = between(first, last, 5, kind)
    torch.testing.assert_close(path[[0, 4]], torch.stack([first, last]))


def test_the_middle():
    first, last = torch.tensor([2.0, 0]), torch.tensor([0, 2.0])
    assert between(first, last, 3, "linear")[1].tolist() == [1, 1]
    half = 2**0.5
    assert between(first, last, 3, "spherical")[1].tolist() == pytest.approx([half, half])


def test_uniform_noise_lies_on_no_sphere():
    generator = CnnGenerator(8, width=0.02, noise="uniform")
    assert len(next(interpolated(generator, "linear", 1, 3, Draw(0, CPU))).images) == 3
    with pytest.raises(SettingError, match="--interpolate must be linear: the network's noise is"):
        next(interpolated(generator, "spherical", 1, 3, Draw(0, CPU)))


def test_a_film_goes_the_ways_of_the_rows_all_at_once():
    generator = CnnGenerator(8, width=0.02, noise="normal")
    draw = Draw(3, CPU)
    rows = [batch.images for batch in interpolated(generator, "spherical", 3, 5, draw)]
    frames = list(film(generator, "spherical", 3, 5, draw))
    assert len(frames) == 5
    for row, images in enumerate(rows):
        for step, frame in enumerate(frames):
            assert (frame[row].int() - images[step].int()).abs().max() <= 1
