"""Shared fixtures: everything runs on the CPU, offline, on pictures made on the spot."""

import os

# The networks of the tests are too small to share out: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.batches import Batches
from sngan.dataset.synthetic import SyntheticShapes
from sngan.iteration import Iteration
from sngan.latents import Latents
from sngan.preprocessing.symmetric import Symmetric


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def shapes():
    """Sixty pictures of 16 pixels."""
    return SyntheticShapes(image_size=16, num_images=60).load("train")


@pytest.fixture
def small_iteration(shapes):
    """Build an iteration of narrow standard CNNs, four pictures a batch."""

    def build(regularizer, loss):
        generator = CnnGenerator(16, width=0.02)
        discriminator = CnnDiscriminator(16, regularizer.wrap_layer, width=0.05)
        return Iteration(
            generator=generator,
            discriminator=discriminator,
            loss=loss,
            regularizer=regularizer,
            generator_optimizer=torch.optim.Adam(generator.parameters()),
            discriminator_optimizer=torch.optim.Adam(discriminator.parameters()),
            batches=Batches(shapes, Symmetric(), 4, torch.device("cpu")),
            latents=Latents(generator, torch.device("cpu")),
            n_dis=1,
            batch_size=4,
            generator_batch_size=4,
        )

    return build


@pytest.fixture(scope="session", autouse=True)
def _cache_of_their_own(tmp_path_factory):
    """Keep the statistics of the tests' pictures out of the user's cache folder."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    del os.environ["XDG_CACHE_HOME"]
    if before is not None:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture
def command(tmp_path):
    """Run an installed command in an empty folder; returns the finished process."""

    def run(name, *arguments, check=True, **environment):
        process = subprocess.run(
            [Path(sys.executable).with_name(name), *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check:
            assert process.returncode == 0, process.stderr
        return process

    return run
