"""Its definition is tested beside that of R1, in test_r1.py; here is what they are together."""

import torch

from sngan.regularizer.none import NoRegularizer
from sngan.regularizer.parts.combined import Combined
from sngan.regularizer.r1 import R1
from sngan.regularizer.r2 import R2


def test_both_are_the_sum_and_two_passes_more(resnet, images, judged):
    discriminator = resnet(NoRegularizer())
    pictures = judged(images, images.flip(0) / 2)
    passes = []
    discriminator.register_forward_hook(lambda *_: passes.append(1))
    together = Combined([R1(gamma=1), R2(gamma=4)]).penalty(discriminator, pictures)
    assert len(passes) == 2
    apart = [part.penalty(discriminator, pictures) for part in (R1(gamma=1), R2(gamma=4))]
    torch.testing.assert_close(together, sum(apart))
    assert apart[0] != apart[1]


def test_nothing_but_the_loss_is_touched(cnn, images, judged):
    regularizer = Combined([R1(), R2()])
    discriminator = cnn(regularizer)
    before = {name: tensor.clone() for name, tensor in discriminator.state_dict().items()}
    regularizer.penalty(discriminator, judged(images, images))
    regularizer.after_step(discriminator)
    assert regularizer.state is None
    assert all(torch.equal(before[name], now) for name, now in discriminator.state_dict().items())
    assert all(parameter.grad is None for parameter in discriminator.parameters())
