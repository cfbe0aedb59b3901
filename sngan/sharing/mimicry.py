"""Generators of torch-mimicry, out of the files that its ``save_checkpoint`` writes.

Those of its SNGAN, cGAN-PD, SSGAN, InfoMax-GAN and WGAN-GP are one network in several sizes, and
differ from the paper's: the blocks double by bilinear interpolation, and batch norm adds 1e-5.

Reference: https://github.com/kwotsin/mimicry/blob/master/torch_mimicry/modules/resblocks.py
"""

from collections.abc import Iterator
from pathlib import Path

from torch import Tensor

from sngan.architecture.base import BATCH_NORM_EPS
from sngan.run_folder.kinds import are_weights, is_integer
from sngan.sharing.chainer import our_name
from sngan.sharing.foreign import COUNTERS, Foreign, residual
from sngan.system.safe_load import load_tensors

EPS = 1e-5
"""PyTorch's, where ours is Chainer's."""
CHAINER = {
    "weight": "W",
    "bias": "b",
    "running_mean": "avg_mean",
    "running_var": "avg_var",
}
"""Their layers have the names of the authors' code, their entries PyTorch's."""


def read_mimicry(path: Path) -> Foreign:
    """Read a generator.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it holds none of those that are known here, or is damaged.
    """
    state = load_tensors(path, "a checkpoint of torch-mimicry")
    found = state.get("model_state_dict") if isinstance(state, dict) else None
    if not isinstance(found, dict) or not are_weights({**found}):
        raise ValueError(f"{path} is not a checkpoint of torch-mimicry: it has no model_state_dict")
    step = state.get("global_step")
    weights = {
        ours: tensor
        for name, given in found.items()
        if not name.endswith(COUNTERS)
        for ours, tensor in _ours(name, given, path)
    }
    foreign = residual(weights, step if is_integer(step) else 0, path)
    node = {**foreign.node, "upsampling": "bilinear"}
    return Foreign(node=node, weights=foreign.weights, step=foreign.step, path=path)


def _ours(name: str, tensor: Tensor, path: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield what an entry is with us; one of theirs holds multipliers and biases of classes."""
    *layers, last = name.split(".")
    if layers[-1:] == ["embed"]:
        for kind, part in zip(("gammas", "betas"), tensor.chunk(2, dim=-1), strict=False):
            yield _named([*layers[:-1], kind], "weight", name, path), part
        return
    layers = [layer for layer in layers if layer != "bn"]
    # The same function of the statistics: ours adds another number to the variance.
    given = tensor + (EPS - BATCH_NORM_EPS) if last == "running_var" else tensor
    yield _named(layers, last, name, path), given


def _named(layers: list[str], last: str, name: str, path: Path) -> str:
    found = our_name("/".join([*layers, CHAINER.get(last, "")]))
    if found is None:
        raise ValueError(f"{path} holds no generator that is known here: what is {name}?")
    return found
