"""The package of `docs/extending.md`, built, installed and made known to this process."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hydra.core.plugins import Plugins

from sngan.dataset.synthetic import SyntheticShapes

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
BLOCK = re.compile(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A file on the page: its name, and what is in it."""


@pytest.fixture(scope="session")
def page():
    """Return the content of every file on the page, by its name."""
    return dict(BLOCK.findall(PAGE.read_text()))


@pytest.fixture(scope="session")
def installed(page, tmp_path_factory):
    """Build the package and install it into a folder."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name, content in page.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(content)
    offline = ("--no-deps", "--no-build-isolation", "--quiet")
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", target, source]
    subprocess.run(command, check=True, timeout=120)
    return target


@pytest.fixture(scope="module")
def known(installed):
    """Let this process find the package, as one does that starts with it installed.

    Hydra looks for plugins once in a process, so it is told of this one.
    """
    kinds = Plugins.instance().plugin_type_to_subclass_list
    before = {kind: [*classes] for kind, classes in kinds.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(installed)
        patch.setenv("PYTHONPATH", str(installed), prepend=os.pathsep)
        plugin = importlib.import_module("hydra_plugins.mine_search_path")
        Plugins.instance().register(plugin.MineSearchPath)
        yield installed
    kinds.clear()
    kinds.update(before)
    for name in [name for name in sys.modules if name.split(".")[0] == "mine"]:
        del sys.modules[name]
    del sys.modules["hydra_plugins.mine_search_path"]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Return two hundred pictures in a file."""
    path = tmp_path_factory.mktemp("pictures") / "shapes.npy"
    images = SyntheticShapes(image_size=32, num_images=200).load("train").images
    np.save(path, images.permute(0, 2, 3, 1).numpy())
    return path
