import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2.functional import pil_to_tensor
from torchvision.utils import make_grid

from sngan.sampling.grid import PADDING
from sngan.sampling.picture_files import Batch, write_array, write_folder, write_grid


@pytest.mark.parametrize(("count", "columns"), [(6, 3), (7, 3), (2, 5), (5, 1)])
def test_a_grid_is_torchvision_s(tmp_path, count, columns):
    images = torch.randint(256, (count, 3, 4, 6), dtype=torch.uint8)
    write_grid(tmp_path / "grid.png", images, columns)
    expected = make_grid(images, nrow=columns, padding=PADDING, pad_value=255)
    assert torch.equal(pil_to_tensor(Image.open(tmp_path / "grid.png")), expected)


def test_a_grid_of_one_has_its_frame(tmp_path):
    write_grid(tmp_path / "grid.png", torch.zeros(1, 3, 4, 6, dtype=torch.uint8), 8)
    assert Image.open(tmp_path / "grid.png").size == (6 + 2 * PADDING, 4 + 2 * PADDING)


def test_grey_pictures_are_grey_files_and_colour_for_programs_that_score(tmp_path):
    images = torch.randint(256, (5, 1, 4, 6), dtype=torch.uint8)
    write_grid(tmp_path / "grid.png", images, 5)
    write_folder(tmp_path / "folder", [Batch(images, None)], 1)
    write_array(tmp_path / "samples.npz", [Batch(images, None)], 5)
    with Image.open(tmp_path / "grid.png") as grid, Image.open(tmp_path / "folder/3.png") as one:
        assert (grid.mode, one.mode) == ("L", "L")
        assert torch.equal(pil_to_tensor(one), images[3])
        assert torch.equal(
            pil_to_tensor(grid)[:, PADDING:-PADDING, PADDING : PADDING + 6], images[0]
        )
    array = torch.from_numpy(np.load(tmp_path / "samples.npz")["arr_0"])
    assert torch.equal(array, images.permute(0, 2, 3, 1).expand(-1, -1, -1, 3))
