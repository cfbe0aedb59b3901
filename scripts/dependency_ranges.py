"""Does the package work with the oldest and the newest dependencies that it declares?

``python -m scripts.dependency_ranges`` makes an environment at each end with what PyPI has, trains,
scores, analyzes, reproduces and reports in it, runs quick tests, and removes it. The lower end is
tried with the oldest Python, the upper one with the newest. Takes about 7 GB at a time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).parents[1]
BASE, EVERYTHING = ".[offline]", ".[offline,dinov2,joblib,slurm,ray]"
TRAINING = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=200")
SCORES = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=smoke")
SMOKE = (
    ("sngan-train", *TRAINING, "run_dir=run"),
    ("sngan-eval", "run", *SCORES),
    ("sngan-sample", "run"),
    ("sngan-analyze", "run"),
    ("sngan-reproduce", "--scale", "smoke", "--only", "figure9", "--folder", "reproduction"),
    ("sngan-report", "reproduction"),
)
SWEEP = ("sngan-train", "-m", *TRAINING, "seed=0,1", "hydra/launcher=joblib")
TESTS = (
    "tests/test_golden.py",
    "tests/assembly/test_component.py",
    "tests/dataset",
    "tests/report",
)
TESTS_OF_EXTRAS = ("tests/extractor/test_dinov2.py",)


@dataclass(frozen=True)
class End:
    """An end of the ranges.

    Attributes:
        resolution: How uv chooses versions there.
        python: Version or path of the interpreter.
    """

    resolution: str
    python: str


ENDS = {"lowest": End("lowest-direct", "3.10"), "highest": End("highest", "3.13")}


def main() -> None:
    """Try the ends that are asked for; exit with 1 if one does not work."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ends", nargs="*", metavar="END", help="lowest, highest; default both")
    parser.add_argument("--python", help="version or path, instead of 3.10 and 3.13")
    options = parser.parse_args()
    if unknown := set(options.ends) - set(ENDS):
        parser.error(f"END must be one of {', '.join(ENDS)}, got {', '.join(sorted(unknown))}")
    failed = []
    for name in options.ends or ENDS:
        end = ENDS[name]
        try:
            try_end(End(end.resolution, options.python or end.python))
        except subprocess.CalledProcessError as error:
            failed.append(f"{name}: code {error.returncode} of {' '.join(map(str, error.cmd))}")
    print("\n".join(failed) or "everything works")
    sys.exit(1 if failed else 0)


def try_end(end: End) -> None:
    """Make an environment, use it, and remove it.

    Raises:
        subprocess.CalledProcessError: If something does not work.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment, place = Path(folder, "env"), Path(folder, "place")
        place.mkdir()
        _run([find_uv_bin(), "venv", "--python", end.python, environment], ROOT)
        _install(environment, BASE, end)
        _run_each(SMOKE, environment, place)
        _test(environment, TESTS)
        _install(environment, EVERYTHING, end)
        _run_each([SWEEP], environment, place)
        _test(environment, TESTS_OF_EXTRAS)


def _install(environment: Path, what: str, end: End) -> None:
    """Install the package at an end of its ranges, and the newest pytest beside it."""
    uv = (find_uv_bin(), "pip")
    there = ("--python", environment)
    _run([*uv, "install", *there, "--resolution", end.resolution, "--editable", what], ROOT)
    _run([*uv, "install", *there, "pytest"], ROOT)
    _run([*uv, "freeze", *there], ROOT)


def _test(environment: Path, tests: Iterable[str]) -> None:
    _run([environment / "bin" / "python", "-m", "pytest", "-q", *tests], ROOT)


def _run_each(commands: Iterable[Sequence[str]], environment: Path, place: Path) -> None:
    for name, *words in commands:
        _run([environment / "bin" / name, *words], place)


def _run(command: Sequence[str | Path], place: Path) -> None:
    print("$", *command, flush=True)
    # An environment that is active here must not be meant.
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(command, cwd=place, env=inherited, check=True)


if __name__ == "__main__":
    main()
