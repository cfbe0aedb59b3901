"""The package can be imported where what only POSIX has is missing; more is not tested."""

import subprocess
import sys

import pytest

HIDE = """
import importlib, os, pkgutil, signal, sys

# Libraries know their systems; it is our own code that is looked at.
import filelock, hydra, joblib, matplotlib.pyplot, scipy.linalg, torch, torchvision, tqdm, yaml
import torch._dynamo, pytorch_fid.inception, platformdirs, jinja2, PIL.Image

for name in ("resource", "fcntl", "pwd", "grp", "termios", "posix"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGKILL", "SIGALRM", "pthread_kill"):
    delattr(signal, name)
for name in (
    "O_NONBLOCK", "sysconf", "getpgid", "killpg", "fork", "mkfifo", "getuid", "geteuid", "statvfs",
    "sched_getaffinity", "uname", "WNOHANG",
):
    delattr(os, name)

import sngan
for module in pkgutil.walk_packages(sngan.__path__, "sngan."):
    importlib.import_module(module.name)
    print(module.name)
"""


@pytest.mark.slow
def test_every_module_can_be_imported_without_posix():
    process = subprocess.run([sys.executable, "-c", HIDE], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert {"sngan.commands.train", "sngan.system.device"} <= set(process.stdout.split())


def test_memory_is_not_counted_where_the_system_does_not(monkeypatch):
    import torch

    from sngan.system import device

    assert device.peak_memory(torch.device("cpu")) > 1e6
    monkeypatch.setattr(device, "resource", None)
    assert device.peak_memory(torch.device("cpu")) is None
