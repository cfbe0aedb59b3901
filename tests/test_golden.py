"""Replay recordings of the authors' Chainer code through the step that training uses.

Each trace in ``tests/golden`` holds a few iterations of sngan_projection (commit e84b1a5), run in
float64 on tiny networks: start, noise, pictures, losses and every parameter, ``u`` and batch norm
statistic after each iteration. ``SNGAN_GOLDEN_DIR=DIR`` replays every trace of that folder instead.
"""

import json
import os
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sngan.architecture.parts.resampling import ResamplingConvolution
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
from sngan.loss.hinge import HingeLoss
from sngan.loss.standard import StandardLoss
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.sharing import chainer
from sngan.step.iteration import Iteration
from sngan.step.passes import JointPass

FOLDER = Path(os.environ.get("SNGAN_GOLDEN_DIR", Path(__file__).parent / "golden"))
TRACES = sorted(FOLDER.glob("*.npz"))
LOSSES = {"hinge": HingeLoss, "dcgan": StandardLoss}

# Chainer's names on the left, ours on the right. Those of generators are what sngan-import reads.
DISCRIMINATOR_PARTS = {f"block{i}": f"blocks.{i - 1}" for i in range(1, 5)} | {
    "l5": "head.dense",
    "l_y": "head.embedding",
}


class Recorded:
    """Noise and pictures in the order in which the official code drew them."""

    def __init__(self, trace):
        self.trace = trace
        self.z = count()
        self.real = count()

    def prepare(self, batches):
        pass

    def sample(self, size):
        index = next(self.z)
        z = torch.from_numpy(self.trace[f"z/{index:03d}"]).double()
        assert len(z) == size
        return z, self._labels("fake_labels", index)

    def prepared(self):
        for index in self.real:
            real = torch.from_numpy(self.trace[f"real_uint8/{index:03d}"]).double() / 128 - 1
            yield real, self._labels("real_labels", index)

    def _labels(self, name, index):
        key = f"{name}/{index:03d}"
        return torch.from_numpy(self.trace[key]).long() if key in self.trace else None


class ChainerAdam(torch.optim.Adam):
    """Adam with epsilon where Chainer adds it: before the second moment's bias correction."""

    def step(self):
        for group in self.param_groups:
            steps = [int(state["step"]) for state in self.state.values()] or [0]
            group["eps"] = 1e-8 / (1 - group["betas"][1] ** (max(steps) + 1)) ** 0.5
        super().step()


def our_name(chainer_name):
    """Translate ``block2/c1/W`` and the like; None for what we do not keep."""
    network, *path, tensor = chainer_name.split("/")
    if tensor == "N":
        return None
    if network == "generator":
        return f"{network}.{chainer.our_name('/'.join([*path, tensor]))}"
    names = [DISCRIMINATOR_PARTS[path[0]], *(chainer.BLOCK[part] for part in path[1:])]
    last = ["u"] if tensor == "u" else ["layer", chainer.TENSORS[tensor]]
    return ".".join([network, *names, *last])


def recorded_state(trace, prefix):
    """Return the tensors of one moment under our names."""
    state = {}
    for key in trace:
        if key.startswith(prefix + "/"):
            name = our_name(key.removeprefix(prefix + "/"))
            if name is not None:
                tensor = torch.from_numpy(trace[key]).double()
                state[name] = tensor.squeeze(0) if name.endswith(".u") else tensor
    return state


def build(trace, meta, form):
    torch.manual_seed(0)
    regularizer = SpectralNorm()
    n_classes = meta["n_classes"] or None
    networks = nn.ModuleDict(
        {
            "generator": ResNetCifarGenerator(
                32,
                latent_size=trace["z/000"].shape[1],
                channels=[trace["init/generator/block2/c1/W"].shape[0]] * 4,
                n_classes=n_classes,
            ),
            "discriminator": ResNetCifarDiscriminator(
                32,
                wrap_layer=regularizer.wrap_layer,
                channels=[trace["init/discriminator/block1/c1/W"].shape[0]] * 4,
                conditioning="projection" if n_classes else "none",
                n_classes=n_classes,
            ),
        }
    ).double()
    for module in networks.modules():
        if isinstance(module, ResamplingConvolution):
            module.merged = form != "plain"
    if form == "channels_last":
        networks.to(memory_format=torch.channels_last)
    state = recorded_state(trace, "init")
    missing = networks.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
    assert all(key.endswith("num_batches_tracked") for key in missing.missing_keys)
    source = Recorded(trace)
    optimizers = [
        ChainerAdam(networks[name].parameters(), meta["alpha"], (meta["beta1"], meta["beta2"]))
        for name in ("generator", "discriminator")
    ]
    iteration = Iteration(
        generator=networks["generator"],
        discriminator=networks["discriminator"],
        loss=LOSSES[meta["loss"]](),
        regularizer=regularizer,
        generator_optimizer=optimizers[0],
        discriminator_optimizer=optimizers[1],
        batches=source,
        latents=source,
        n_dis=meta["n_dis"],
        batch_size=meta["batch"],
        generator_batch_size=meta["generator_batch"],
        passes=JointPass(networks["discriminator"]) if form == "joint" else None,
    )
    return networks, iteration


def test_golden_traces_are_there():
    recorded = {"resnet32_hinge", "resnet32_standard", "resnet32_projection_hinge"}
    assert {path.stem for path in TRACES} >= recorded


@pytest.mark.parametrize("form", ["plain", "merged", "channels_last", "joint"])
@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_golden_trace(path, form):
    """The algorithm written out, and every faster form of it that is said to be the same."""
    trace = dict(np.load(path))
    meta = json.loads(str(trace["meta/json"]))
    networks, iteration = build(trace, meta, form)

    losses = []
    for k in range(1, meta["iterations"] + 1):
        losses.append(iteration())
        state = networks.state_dict()
        for name, expected in recorded_state(trace, f"after{k}").items():
            assert_close(state[name], expected, 1e-8, f"{name} after iteration {k}")
    assert_close(torch.stack([x.generator for x in losses]), trace["loss/generator"], 1e-10)
    assert_close(torch.cat([x.discriminator for x in losses]), trace["loss/discriminator"], 1e-10)

    networks.eval()
    labels = torch.from_numpy(trace["eval/labels"]).long() if meta["n_classes"] else None
    with torch.no_grad():
        images = networks["generator"](torch.from_numpy(trace["eval/z"]).double(), labels)
        logits = networks["discriminator"](images, labels).logits
    assert_close(images, trace["eval/images"], 1e-7)
    assert_close(logits, trace["eval/logits"].squeeze(), 1e-7)


def assert_close(actual, expected, atol, what="values"):
    expected = torch.as_tensor(expected).double()
    torch.testing.assert_close(
        actual, expected, rtol=0, atol=atol, msg=lambda text: f"{what}: {text}"
    )
