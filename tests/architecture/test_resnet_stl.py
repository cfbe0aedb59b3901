from sngan.architecture.resnet_stl import ResNetStlDiscriminator, ResNetStlGenerator


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def convolution(inputs, outputs, size=3):
    return inputs * outputs * size**2 + outputs


def test_parameter_counts_of_table_5():
    assert parameters(ResNetStlGenerator(48)) == 4_878_083
    blocks = [
        convolution(inputs, outputs if inputs == 3 else inputs)
        + convolution(outputs if inputs == 3 else inputs, outputs)
        + convolution(inputs, outputs, 1)
        for inputs, outputs in [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1024)]
    ]
    discriminator = ResNetStlDiscriminator(48, lambda layer, position: layer)
    assert parameters(discriminator) == sum(blocks) + 1024
    assert discriminator.area == 9  # 48 halved four times.
