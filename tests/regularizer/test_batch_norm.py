from collections import deque

import torch
from torch import nn

from sngan.loss.standard import StandardLoss
from sngan.regularizer.batch_norm import BatchNorm


def test_output_is_normalised_over_the_batch_with_a_bias_and_no_multiplier():
    layer = BatchNorm().wrap_layer(nn.Conv2d(3, 5, 3).double(), "hidden").double()
    assert [name for name, _ in layer.named_parameters()] == ["beta", "layer.weight", "layer.bias"]
    layer.beta.data.copy_(torch.arange(5))
    x = torch.randn(6, 3, 7, 7, dtype=torch.float64)
    inner = layer.layer(x)
    variance, mean = torch.var_mean(inner, dim=(0, 2, 3), correction=0, keepdim=True)
    expected = (inner - mean) / (variance + 2e-5).sqrt() + layer.beta.view(-1, 1, 1)
    torch.testing.assert_close(layer(x), expected)


def test_six_convolutions_of_the_standard_cnn_not_the_first_nor_the_dense_layer(cnn, norms):
    discriminator = cnn(BatchNorm())
    expected = {f"convolutions.{index}.norm" for index in range(1, 7)}
    assert norms(discriminator, nn.BatchNorm2d) == expected


def test_shortcuts_of_the_resnet_are_left_alone(resnet, norms):
    names = norms(resnet(BatchNorm()), nn.BatchNorm2d)
    assert len(names) == 7
    assert not any("shortcut" in name or "blocks.0.conv1" in name for name in names)


def test_a_step_passes_real_and_fake_batches_apart(small_iteration):
    """Two batches of 4 an update, first the real one: so the running statistics say."""
    iteration = small_iteration(BatchNorm(momentum=1.0), StandardLoss())  # Remembers the last.
    means = []
    norm = iteration.discriminator.convolutions[1].norm
    norm.register_forward_hook(lambda module, x, y: means.append((len(x[0]), x[0].mean((0, 2, 3)))))
    iteration.update_discriminator(iter([iteration.batches.next()]), deque())
    assert [count for count, _ in means] == [4, 4]
    assert norm.num_batches_tracked == 2
    torch.testing.assert_close(norm.running_mean, means[1][1])
    assert not torch.allclose(means[0][1], means[1][1])
