import torch
from PIL import Image

from sngan.architecture.base import Generator
from sngan.sampling.grid import COLUMNS, PADDING, pitch
from sngan.sampling.samples import save_grid


class Grey(Generator):
    """Pictures of 8 pixels, each grey."""

    latent_size = 2

    def forward(self, z, labels=None):
        return torch.zeros(len(z), 3, 8, 8)


def test_samples_lie_where_the_pitch_says(tmp_path):
    save_grid(tmp_path / "grid.png", Grey(), 2 * COLUMNS, 0, torch.device("cpu"))
    with Image.open(tmp_path / "grid.png") as grid:
        assert pitch(grid.width) == 8 + PADDING
        line = [grid.getpixel((x, PADDING))[0] for x in range(grid.width)]
        column = [grid.getpixel((PADDING, y))[0] for y in range(grid.height)]
    white, grey = [255] * PADDING, [128] * 8
    assert line == COLUMNS * [*white, *grey] + white
    assert column == 2 * [*white, *grey] + white
