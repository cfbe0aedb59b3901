"""How much memory an iteration at full size holds, counted on the CPU."""

import weakref

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sngan.assembly.compose import compose_trainings
from sngan.assembly.training import build_training

GIB = 2**30


class LiveMemory(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive."""

    def __init__(self):
        super().__init__()
        self.sizes = {}
        self.peak = 0

    def see(self, tensor):
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self.sizes:
            self.sizes[key] = storage.nbytes()
            weakref.finalize(storage, self.sizes.pop, key)
            self.peak = max(self.peak, sum(self.sizes.values()))

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self.see(leaf)
        return result


def test_live_memory_is_what_is_held():
    with LiveMemory() as memory:
        first = torch.zeros(256)
        del first
        torch.zeros(512) + torch.zeros(512)
    assert memory.peak == 3 * 512 * 4


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ["stl10", "stl10_resnet"])
def test_stl10_leaves_room_on_a_card_of_8_gb(experiment):
    """Networks, optimizers, activations and gradients; 0.65 GiB of pictures come on top."""
    pictures = ("dataset=synthetic", "dataset.image_size=48", "dataset.num_images=100")
    words = [f"+experiment={experiment}", *pictures, "setting.n_dis=1"]
    ((config, _),) = compose_trainings([words])
    iteration = build_training(config, torch.device("cpu")).iteration
    iteration()  # Optimizers make their state.
    memory = LiveMemory()
    held = [iteration.generator.state_dict(), iteration.discriminator.state_dict()]
    held += [iteration.generator_optimizer.state, iteration.discriminator_optimizer.state]
    for leaf in tree_leaves([*held[:2], *(dict(state) for state in held[2:])]):
        if isinstance(leaf, torch.Tensor):
            memory.see(leaf)
    iteration.prepare()
    with memory:
        iteration.update()
    assert 0.1 * GIB < memory.peak < 2 * GIB
