import torch
from torch import nn

from sngan.architecture.parts.blocks import CategoricalBatchNorm, DiscriminatorBlock, GeneratorBlock

LABELS = torch.tensor([1, 0, 1])


def test_categorical_batch_norm_has_a_multiplier_and_a_bias_per_class():
    norm = CategoricalBatchNorm(4, 2)
    x = torch.randn(3, 4, 5, 5)
    variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0, keepdim=True)
    normalized = (x - mean) / (variance + 2e-5).sqrt()
    torch.testing.assert_close(norm(x, LABELS), normalized)  # They start as 1 and 0.
    nn.init.normal_(norm.gamma.weight)
    nn.init.normal_(norm.beta.weight)
    gamma, beta = norm.gamma.weight[LABELS], norm.beta.weight[LABELS]
    expected = normalized * gamma[:, :, None, None] + beta[:, :, None, None]
    torch.testing.assert_close(norm(x, LABELS), expected)
    assert [name for name, _ in norm.named_parameters()] == ["gamma.weight", "beta.weight"]


def test_both_batch_norms_of_a_conditional_block_read_labels():
    block = GeneratorBlock(4, 4, n_classes=2)
    assert isinstance(block.norm1, CategoricalBatchNorm)
    assert isinstance(block.norm2, CategoricalBatchNorm)
    assert block(torch.randn(3, 4, 2, 2), LABELS).shape == (3, 4, 4, 4)


def test_input_of_a_block_is_left_alone():
    """A ReLU in place would reach the shortcut."""
    x = torch.randn(3, 4, 4, 4)
    before = x.clone()
    GeneratorBlock(4, 4)(x)
    DiscriminatorBlock(4, 8, down=True, wrap_layer=lambda layer, position: layer)(x)
    assert torch.equal(x, before)
