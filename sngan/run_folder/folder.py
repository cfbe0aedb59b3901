"""The folder of a run: what lies where in it."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import is_zipfile

from sngan.run_folder.kinds import is_best
from sngan.run_folder.weights import Weights
from sngan.system.files import read_json, write_json

CHECKPOINT = re.compile(r"step_(\d{7,})\.pt")
OF_STEP = re.compile(r"step_(\d{7,})\.")
"""A checkpoint, what is measured of it, or a grid."""
SEED = "seed_"
PACKED = re.compile(rf"{SEED}\d+")
HALVES = (
    ".*.yaml.*",
    ".*.json.*",
    ".*.jsonl.*",
    "samples/.step_*.png.*",
    "samples/average/.step_*.png.*",
    "checkpoints/.step_*.pt.*",
)
"""Files of a training under their temporary names; others may be writing scores just now."""


@dataclass(frozen=True)
class Best:
    """The checkpoint of a run at which something was smallest.

    Attributes:
        step: Its completed iterations.
        name: What was measured.
        value: The smallest so far.
    """

    step: int
    name: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3f} at step {self.step}"


@dataclass(frozen=True)
class RunFolder:
    """A folder that holds a run, or will.

    Attributes:
        path: It; need not exist.
    """

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    @property
    def config(self) -> Path:
        """The configuration, resolved; the folder holds a run as soon as this is there."""
        return self.path / "config.yaml"

    @property
    def environment(self) -> Path:
        """Versions and machine, an entry for each start."""
        return self.path / "environment.json"

    @property
    def metrics(self) -> Path:
        """See `sngan.run_folder.metrics`."""
        return self.path / "metrics.jsonl"

    @property
    def log(self) -> Path:
        """Warnings and messages."""
        return self.path / "train.log"

    @property
    def trust(self) -> Path:
        """What of other packages its owner built it with; there if anything is."""
        return self.path / "trust.json"

    @property
    def is_run(self) -> bool:
        """Whether the folder holds a run."""
        return self.config.exists()

    @property
    def grids(self) -> list[Path]:
        """All grids of samples of the raw weights, the oldest first."""
        return self.grids_of("raw")

    def grids_of(self, weights: Weights) -> list[Path]:
        """Return all grids of samples of some weights, the oldest first."""
        found = self.grid(0, weights).parent.glob("step_*.png")
        return sorted(path for path in found if OF_STEP.match(path.name))

    @property
    def checkpoints(self) -> list[Path]:
        """All checkpoints, the oldest first."""
        return checkpoints_in(self.path / "checkpoints")

    @property
    def packed(self) -> "list[RunFolder]":
        """The runs that were packed together in this folder."""
        named = (path for path in sorted(self.path.glob(f"{SEED}*")) if PACKED.fullmatch(path.name))
        return [folder for folder in map(RunFolder, named) if folder.is_run]

    def of_seed(self, seed: int) -> "RunFolder":
        """Return the place of one of several runs that are packed together."""
        return RunFolder(self.path / f"{SEED}{seed}")

    def grid(self, step: int, weights: Weights = "raw") -> Path:
        """Return the place of a step's grid of samples."""
        folder = self.path / "samples"
        return (folder if weights == "raw" else folder / weights) / f"step_{step:07d}.png"

    def checkpoint(self, step: int) -> Path:
        """Return the place of a step's checkpoint."""
        return self.path / "checkpoints" / f"step_{step:07d}.pt"

    def best(self) -> Best | None:
        """Return what is noted as the best checkpoint, if that is there."""
        found = read_json(self.path / "best.json", dict)
        if found is None or not is_best(found):
            return None
        best = Best(**found)
        return best if self.checkpoint(best.step).exists() else None

    def note_best(self, best: Best) -> None:
        """Write down which checkpoint is the best."""
        write_json(self.path / "best.json", asdict(best), indent=None)

    def discard_after(self, step: int, best: Best | None = None) -> None:
        """Delete what is beyond a step, for a resumed run makes it again.

        With a checkpoint go its scores and singular values: they would be taken for those of the
        one that comes in its place.

        Args:
            step: Completed iterations.
            best: The best checkpoint until then.
        """
        grids = (*self.grids, *self.grids_of("average"))
        for path in (*self.path.glob("checkpoints/step_*"), *grids):
            found = OF_STEP.match(path.name)
            if found and int(found[1]) > step and path.is_file():
                path.unlink()
        noted = self.path / "best.json"
        if noted.exists() and self.best() is None:
            noted.unlink()
            if best is not None and self.checkpoint(best.step).exists():
                self.note_best(best)

    def discard_halves(self) -> None:
        """Delete what processes left that were killed while they wrote; ours writes nothing now."""
        for path in (path for pattern in HALVES for path in self.path.glob(pattern)):
            path.unlink()

    def prune(self, keep: int | None, best: Best | None = None) -> None:
        """Delete all but the newest checkpoints, and the best; None keeps all.

        What is cut short does not count as kept: the newest one with an end stays.
        """
        if keep is None:
            return
        spared = None if best is None else self.checkpoint(best.step)
        found = self.checkpoints
        if not any(map(is_zipfile, found[-keep:])):
            keep = next((i for i, path in enumerate(reversed(found), 1) if is_zipfile(path)), keep)
        for path in found[:-keep]:
            if path != spared:
                path.unlink()


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, the oldest first."""
    found = (path for path in folder.glob("step_*.pt") if CHECKPOINT.fullmatch(path.name))
    return sorted(found, key=step_of)


def step_of_grid(grid: Path) -> int:
    """Return the completed iterations that the name of a grid of a `RunFolder` says."""
    return int(grid.stem.removeprefix("step_"))


def step_of(checkpoint: Path) -> int:
    """Return the completed iterations that a checkpoint's name says; 0 if it says none."""
    found = CHECKPOINT.fullmatch(checkpoint.name)
    return int(found[1]) if found else 0
