"""Which files a reader has to open to follow one training step: those that run, no more."""

import sys
from pathlib import Path

import pytest
import torch

import sngan
from sngan.assembly.compose import compose_trainings
from sngan.assembly.training import build_training
from sngan.training.train_step import TrainStep

ROOT = Path(sngan.__file__).parent

# In the order in which they are best read; CONTRIBUTING.md says a line on each.
AROUND = {
    "training/train_step.py",
    "training/meters.py",
    "training/schedule.py",
    "schedule/linear.py",
}
STEP = {
    "step/iteration.py",
    "step/descent.py",
    "step/passes.py",
    "step/batches.py",
    "preprocessing/symmetric.py",
    "sampling/latents.py",
}
NETWORKS = {"architecture/base.py", "architecture/cnn.py"}
METHOD = {
    "loss/standard.py",
    "augmentation/base.py",
    "regularizer/base.py",
    "regularizer/spectral_norm.py",
    "regularizer/parts/normalized_layer.py",
    "regularizer/parts/power_iteration.py",
}
RESNET = {
    "architecture/parts/resnet.py",
    "architecture/parts/blocks.py",
    "architecture/parts/resampling.py",
    "architecture/parts/heads.py",
}


@pytest.fixture
def files_of_a_step():
    """Return the files of ours in which a function runs during the second training step."""

    def trace(*words):
        small = ("dataset=synthetic", "dataset.num_images=40", "+scale=smoke")
        [(settings, _)] = compose_trainings(
            [[*small, "setting.n_dis=2", "setting.batch_size=8", *words]]
        )
        device = torch.device("cpu")
        training = build_training(settings, device)
        step = TrainStep(training.iteration, training.schedule, device)
        step()  # What is made at the first use is not part of a step.
        entered = set()
        before = sys.gettrace()
        sys.settrace(lambda frame, event, value: entered.add(frame.f_code.co_filename))
        try:
            step()
        finally:
            sys.settrace(before)
        paths = [Path(name) for name in entered]
        return {path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(ROOT)}

    return trace


def test_the_cnn_under_spectral_norm(files_of_a_step):
    words = ("architecture=cnn", "method=spectral_norm", "loss=standard")
    assert files_of_a_step(*words) == AROUND | STEP | NETWORKS | METHOD


def test_the_resnet_under_spectral_norm(files_of_a_step):
    """Three files more, for its blocks; other members of three groups."""
    words = ("architecture=resnet_cifar", "method=spectral_norm", "loss=hinge")
    others = {"architecture/cnn.py", "preprocessing/symmetric.py", "loss/standard.py"}
    members = {"preprocessing/dequantized.py", "loss/hinge.py"}
    expected = (AROUND | STEP | NETWORKS | METHOD) - others | members | RESNET
    assert files_of_a_step(*words) == expected
