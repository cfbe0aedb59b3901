"""The package as users get it: built, installed outside the checkout, run from another folder."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


def run(*command, cwd):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")  # Needs no network.
    run(*build, "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


def test_what_is_not_python_is_in_the_wheel(wheel):
    """Configurations, the plan of the paper, the pages of the report."""
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sngan").rglob("*.*")}
    wanted |= {f"sngan/{path.relative_to(ROOT)}" for path in (ROOT / "configs").rglob("*.yaml")}
    assert {name for name in wanted if not name.endswith(".pyc")} <= packed


def test_wheel_and_sdist_could_be_uploaded(wheel, tmp_path):
    """PyPI shows README, and refuses what it cannot read."""
    build = (sys.executable, "-m", "build", "--sdist", "--no-isolation")
    run(*build, "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=tmp_path)
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {"docs/guide.md", "tests/test_wheel.py", "CITATION.cff", "mkdocs.yml"} <= packed


def train_and_evaluate(binaries, folder):
    settings = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=1000", "run_dir=run")
    run(binaries / "sngan-train", *settings, cwd=folder)
    assert "64 samples of run" in run(binaries / "sngan-sample", "run", cwd=folder)
    assert "Lipschitz constant at most" in run(binaries / "sngan-analyze", "run", cwd=folder)
    settings = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart")
    assert "distance" in run(binaries / "sngan-eval", "run", *settings, cwd=folder)


@pytest.mark.slow
def test_wheel_with_borrowed_dependencies(wheel, tmp_path):
    """Fast: the environment is new and empty, but for this one's packages (not for ``sngan``)."""
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / "bin"
    run(binaries / "pip", "install", "--no-deps", wheel, cwd=tmp_path)
    site = run(
        binaries / "python", "-c", "import site; print(site.getsitepackages()[0])", cwd=tmp_path
    ).strip()
    # Packages below a path that a .pth file adds are found, its own .pth files are not: this
    # environment's editable sngan stays hidden.
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    origin = run(binaries / "python", "-c", "import sngan; print(sngan.__file__)", cwd=tmp_path)
    assert origin.startswith(site)
    train_and_evaluate(binaries, tmp_path)


@pytest.mark.slow
def test_wheel_with_its_own_dependencies(wheel, tmp_path):
    """What pip makes of the declared ranges; downloads several GB."""
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / "bin"
    run(binaries / "pip", "install", f"{wheel}[offline]", cwd=tmp_path)
    train_and_evaluate(binaries, tmp_path)
