import pytest
import torch

from sngan.system.float32 import (
    exact_float32,
    float32_switches,
    restore,
    set_float32_precision,
    unset_float32,
    use_exact_float32,
)

pytestmark = pytest.mark.skipif(
    not hasattr(torch.backends, "fp32_precision"), reason="before torch 2.9 there are others"
)


@pytest.fixture(autouse=True)
def _kept():
    before = float32_switches()
    yield
    restore(before)


def values():
    return {value for _, _, value in float32_switches()}


def test_a_switch_that_somebody_has_set_is_set_too():
    """It does not follow the general one any more: convolutions would go on with TF32."""
    torch.backends.cudnn.conv.fp32_precision = "tf32"  # As torch.backends.cudnn.flags does.
    use_exact_float32()
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"
    assert values() == {"ieee"}


def test_for_a_while():
    set_float32_precision("tf32", torch.device("cuda"))
    with exact_float32():
        assert values() == {"ieee"}
        with unset_float32():
            assert torch.backends.cudnn.allow_tf32  # The older interface can be read.
        assert values() == {"ieee"}
    assert values() == {"tf32"}


def test_tf32_is_cuda_s():
    with pytest.raises(ValueError, match="precision=tf32 needs a CUDA device, got device=cpu"):
        set_float32_precision("tf32", torch.device("cpu"))
