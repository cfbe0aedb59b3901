"""Generators that torch-mimicry itself builds and saves make the same pictures here.

It declares TensorFlow and more, for its scores, so it is no dependency of the tests: unless it is
there already, it is installed into a folder for them, without those.
"""

import subprocess
import sys

import numpy as np
import pytest
import torch

import sngan
from scripts.benchmark.mimicry import find_mimicry, load_module

VERSION = "0.1.16"
CLASSES = 5
FAMILIES = {
    "sngan": ("SNGAN", (32, 48, 64, 128)),
    "ssgan": ("SSGAN", (32, 48, 64, 128)),
    "infomax_gan": ("InfoMaxGAN", (32, 48, 64, 128)),
    "wgan_gp": ("WGANGP", (32, 48, 64, 128)),
    "cgan_pd": ("CGANPD", (32, 128)),
}
NETWORKS = [(name, size) for name, (_, sizes) in FAMILIES.items() for size in sizes]


@pytest.fixture(scope="module")
def mimicry(tmp_path_factory):
    """Return the folder of the package; its modules are forgotten afterwards."""
    package = find_mimicry(None)
    if package is None:
        target = tmp_path_factory.mktemp("mimicry")
        words = ("install", "--no-deps", "--quiet", "--target", target, f"torch-mimicry=={VERSION}")
        process = subprocess.run(
            [sys.executable, "-m", "pip", *words], capture_output=True, text=True, timeout=120
        )
        if process.returncode:
            pytest.skip(f"torch-mimicry cannot be installed: {process.stderr.splitlines()[-1]}")
        package = find_mimicry(target)
    yield package
    for name in [name for name in sys.modules if name.startswith("torch_mimicry")]:
        del sys.modules[name]


def network(package, family, size):
    """Return a narrow generator of theirs whose batch norm and classes have something to say."""
    module = load_module(package, f"nets.{family}.{family}_{size}")
    options = {"num_classes": CLASSES} if family == "cgan_pd" else {}
    generator = getattr(module, f"{FAMILIES[family][0]}Generator{size}")(nz=16, ngf=32, **options)
    with torch.no_grad():
        for name, parameter in generator.named_parameters():
            if parameter.dim() == 1 or "embed" in name:
                parameter += torch.randn(parameter.shape) / 5
        for _ in range(20):  # In train mode: running statistics leave their beginning.
            generator(*inputs(family, 8))
    return generator.eval()


def inputs(family, count):
    z = torch.randn(count, 16)
    return (z, torch.arange(count) % CLASSES) if family == "cgan_pd" else (z,)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "size"), NETWORKS)
def test_pictures_are_those_of_torch_mimicry(mimicry, in_process, tmp_path, family, size):
    theirs = network(mimicry, family, size)
    theirs.save_checkpoint(str(tmp_path / "netG"), global_step=7)
    in_process("sngan-import", "netG/netG_7_steps.pth", "--out=imported")
    ours = sngan.load_generator(tmp_path / "imported")
    assert (ours.step, ours.network.image_size) == (7, size)
    given = inputs(family, 6)
    with torch.no_grad():
        expected = theirs(*given).numpy()
        np.testing.assert_allclose(ours(*given).numpy(), expected, rtol=0, atol=1e-4)
    assert expected.std() > 0.05
