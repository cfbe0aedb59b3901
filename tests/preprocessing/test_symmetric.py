import torch

from sngan.preprocessing.symmetric import Symmetric


def test_ends_and_middle():
    images = torch.tensor([0, 51, 255], dtype=torch.uint8)
    torch.testing.assert_close(Symmetric()(images), torch.tensor([-1.0, -0.6, 1.0]))
