import torch
from torch import nn
from torch.nn import functional

from sngan.regularizer.layer_norm import LayerNorm


def test_output_is_normalised_over_each_picture_with_a_bias_and_no_multiplier():
    layer = LayerNorm().wrap_layer(nn.Conv2d(3, 5, 3), "hidden").double()
    assert [name for name, _ in layer.named_parameters()] == ["beta", "layer.weight", "layer.bias"]
    layer.beta.data.copy_(torch.arange(5))
    x = torch.randn(6, 3, 7, 7, dtype=torch.float64)
    expected = functional.layer_norm(layer.layer(x), (5, 5, 5), eps=1e-5)
    torch.testing.assert_close(layer(x), expected + layer.beta.view(-1, 1, 1))


def test_six_convolutions_of_the_standard_cnn_not_the_first_nor_the_dense_layer(cnn, norms):
    expected = {f"convolutions.{index}.norm" for index in range(1, 7)}
    assert norms(cnn(LayerNorm()), nn.GroupNorm) == expected


def test_pictures_do_not_see_each_other(cnn, images):
    discriminator = cnn(LayerNorm())
    alone = torch.cat([discriminator(image[None]).logits for image in images])
    torch.testing.assert_close(discriminator(images).logits, alone)
