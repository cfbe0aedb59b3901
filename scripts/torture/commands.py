"""The real commands, as processes of their own, and where they leave their files."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from scripts.gpu_check.process import ROOT
from sngan.system.interruption import SIGNALS

SMALL = (
    "+scale=smoke",
    "dataset=synthetic",
    "dataset.num_images=64",
    "architecture.width=0.03",
    "setting.batch_size=4",
    "setting.generator_batch_size=4",
    "log_every=1",
    "device=cpu",
)
"""A training of milliseconds an iteration."""
LIMIT = 300.0  # Seconds after which a command hangs.


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: Its exit code; negative for a signal that ended it.
        out: What it printed.
        errors: What it said besides, from its second line on.
    """

    code: int
    out: str
    errors: str

    @property
    def said(self) -> str:
        """The last thing that it said."""
        lines = self.errors.strip().splitlines()
        return f"exit code {self.code}: {lines[-1] if lines else 'nothing'}"


@dataclass(frozen=True)
class Place:
    """Where a part works, and what it draws by.

    Attributes:
        scratch: A folder of its own, which goes.
        kept: Where evidence goes, which stays.
        random: Decides everything drawn at random here.
    """

    scratch: Path
    kept: Path
    random: Random

    def keep(self, evidence: Path, said: str) -> str:
        """Copy what shows a broken promise; return the sentence with its place."""
        self.kept.mkdir(parents=True, exist_ok=True)
        target = self.kept / f"{len([*self.kept.iterdir()]):03d}-{evidence.name}"
        with suppress(OSError):
            copy = shutil.copytree if evidence.is_dir() else shutil.copy
            copy(evidence, target)
        return f"{said} (see {target})"

    def start(
        self, words: Sequence[str | Path], limit: int | None = None, folder: Path | None = None
    ) -> "subprocess.Popen[str]":
        """Start a command of sngan's, or ``python``.

        Args:
            words: Of the command.
            limit: Bytes beyond which none of its files may grow.
            folder: Where it runs; None for `scratch`.
        """
        own = {f"XDG_{name}_HOME": str(self.scratch / name) for name in ("CACHE", "CONFIG")}
        # The networks are too small to share out, and threads would change the rounding.
        own |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [Path(sys.executable).with_name(str(words[0])), *words[1:]],
            cwd=folder or self.scratch,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_prepare(limit),
        )

    def run(self, words: Sequence[str | Path], limit: int | None = None) -> Ended:
        """Start a command and wait for it; see `start`."""
        return wait(self.start(words, limit))

    def run_well(self, words: Sequence[str | Path]) -> Ended:
        """Run a command that has no reason to fail."""
        ended = self.run(words)
        if ended.code:
            raise RuntimeError(f"{words[0]}: {ended.errors}")
        return ended


def wait(process: "subprocess.Popen[str]", seconds: float = LIMIT) -> Ended:
    """Wait for a command; one that hangs is killed, as is one that nobody waits for."""
    try:
        out, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, errors = process.communicate()
    finally:
        process.kill()
    first, _, others = errors.partition("\n")  # What it was about to do says nothing of its end.
    return Ended(process.returncode, out, others if first.startswith("sngan-") else errors)


def _prepare(limit: int | None) -> Callable[[], None]:
    def prepare() -> None:
        # A background job's children ignore what a user's commands listen to.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return prepare
