import torch

from sngan.preprocessing.dequantized import Dequantized


def test_noise_fills_one_level_and_no_more():
    images = torch.tensor([0, 128, 255], dtype=torch.uint8).repeat(10_000, 1)
    noise = Dequantized()(images) - torch.tensor([-1.0, 0.0, 127 / 128])
    assert noise.min() >= 0
    assert noise.max() < 1 / 128
    torch.testing.assert_close(noise.mean(), torch.tensor(1 / 256), rtol=0.01, atol=0)


def test_noise_is_fresh():
    images = torch.zeros(4, dtype=torch.uint8)
    preprocessing = Dequantized()
    assert not torch.equal(preprocessing(images), preprocessing(images))
