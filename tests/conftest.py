"""Shared fixtures: everything runs on the CPU, offline, on pictures made on the spot."""

import os

# The networks of the tests are too small to share out: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import logging
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.commands import entry
from sngan.dataset.synthetic import SyntheticShapes
from sngan.extractor.inception import inception_network
from sngan.preprocessing.symmetric import Symmetric
from sngan.sampling.latents import Latents
from sngan.step.batches import Batches
from sngan.step.iteration import Iteration
from sngan.system.interruption import SIGNALS

SEVERAL = """
import json, sys, time
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from io import StringIO
ends = []
for name, *words in json.loads(sys.argv[1]):
    sys.argv = [name, *words]
    start, out, errors, code = time.process_time(), StringIO(), StringIO(), 0
    with redirect_stdout(out), redirect_stderr(errors):
        (installed,) = entry_points(group="console_scripts", name=name)
        try:
            installed.load()()
        except SystemExit as end:
            code = end.code or 0
    ends.append({
        "returncode": code, "stdout": out.getvalue(), "stderr": errors.getvalue(),
        "seconds": time.process_time() - start, "loaded": sorted(sys.modules),
    })
print(json.dumps(ends))
"""

# A shell lets Ctrl-C be ignored in the background of a script, nohup a closed terminal; what tests
# start would inherit that.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _handler)


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
def _folders_of_their_own(tmp_path_factory):
    """Keep statistics of the tests' pictures and keys out of the user's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CACHE", "CONFIG"):
            patch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="session")
def inception_weights(tmp_path_factory):
    """Random, scaled so that activations neither vanish nor explode; no batch norm is trivial.

    It has the entries of the published file: 472, without the counters of batches.
    """
    torch.manual_seed(0)
    network = inception_network()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
    state = {k: v for k, v in network.state_dict().items() if "num_batches" not in k}
    assert len(state) == 472
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


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


@pytest.fixture(scope="session")
def run_in_process():
    """Run a command within this process, which saves the seconds that importing PyTorch takes.

    What it draws at random must be its own: the state that the last command left is spoilt.
    """

    def run(folder, name, *arguments, check=True):
        installed = entry_points(group="console_scripts", name=name)
        # One that is newer than the installation is there as a function only.
        function = name.removeprefix("sngan-")
        main = installed[name].load() if installed else getattr(entry, function)
        root = logging.getLogger()
        level, out, errors, code = root.level, StringIO(), StringIO(), 0
        handlers = {number: signal.getsignal(number) for number in (*SIGNALS, signal.SIGPIPE)}
        torch.rand(1)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            patch.chdir(folder)
            patch.setattr(sys, "argv", [name, *map(str, arguments)])
            patch.setattr(root, "handlers", [])  # The command's own, not pytest's.
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
            for number, handler in handlers.items():  # Those of a command end its process.
                signal.signal(number, handler)
            for handler in root.handlers:
                handler.close()
        root.setLevel(level)
        if check:
            assert code == 0, errors.getvalue()
        return SimpleNamespace(stdout=out.getvalue(), stderr=errors.getvalue(), returncode=code)

    return run


@pytest.fixture(scope="session")
def run_afresh():
    """Run commands one after the other in one new interpreter, for what is seen in such a one only.

    Returns how each ended, with the seconds that it computed and the modules that are there then:
    what one imports is there for those after it.
    """

    def run(folder, *commands):
        process = subprocess.run(
            [sys.executable, "-c", SEVERAL, json.dumps([list(map(str, x)) for x in commands])],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert process.returncode == 0, process.stderr
        return [SimpleNamespace(**end) for end in json.loads(process.stdout)]

    return run


@pytest.fixture
def in_process(run_in_process, tmp_path):
    """As `command`, within this process."""
    return lambda *words, **options: run_in_process(tmp_path, *words, **options)
