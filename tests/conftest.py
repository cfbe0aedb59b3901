"""Shared fixtures: everything runs on the CPU, offline, on pictures made on the spot."""

import os

# The networks of the tests are too small to share out: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sngan.dataset.synthetic import SyntheticShapes


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def shapes():
    """Sixty pictures of 16 pixels."""
    return SyntheticShapes(image_size=16, num_images=60).load("train")


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
