"""The trainings that are killed: what is due in them when, and what comes of them otherwise."""

import time
from dataclasses import dataclass
from pathlib import Path

from scripts.torture.commands import SMALL, Place
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.metrics import read_metrics

CONFIGS = Path(__file__).parent / "configs"
KILLED = ("python", "-m", "scripts.torture.killed")
STEPS = 40
WATCHED = (
    f"--config-dir={CONFIGS}",
    f"total_steps={STEPS}",
    "monitor=[singular_values,validation_loss,scores]",
    "monitor.validation_loss.num_batches=1",
    "extractor@monitor.scores.extractor=torture_colours",
    "protocol@monitor.scores.protocol=smoke",
)
VARIANTS = {
    "all due together": (2, 2, 2, 2, "null", 1),
    "due apart": (4, 3, 2, 5, 2, 1),
    "two packed": (3, 2, 4, 2, 2, 2),
    "the best between checkpoints": (5, 4, 7, 1, 1, 1),
}
"""Steps between checkpoints, grids, losses and singular values, scores; how many of the first are
kept; how many trainings are packed."""


@dataclass(frozen=True)
class Reference:
    """What a training is that nobody kills.

    Attributes:
        words: Of its command, all but where its folder is.
        folder: Where it lies.
        start: Seconds, and operations on files, until it trains.
        rest: Seconds, and operations on files, from then on.
    """

    words: tuple[str, ...]
    folder: Path
    start: tuple[float, int]
    rest: tuple[float, int]


def reference_of(place: Place, name: str) -> Reference:
    """Train without a kill, and count what a kill could come before."""
    folder = place.scratch / f"whole {name}"
    words = _words_of(name)
    program: list[str | Path] = [*KILLED, folder, "0", "sngan-train"]
    begun = time.monotonic()
    ended = place.run_well([*program, *words, f"run_dir='{folder}'"])
    seconds = time.monotonic() - begun
    runs = RunFolder(folder).packed or [RunFolder(folder)]
    trained = max(read_metrics(run.metrics)[-1]["seconds"] for run in runs)
    first, total = map(int, ended.errors.strip().splitlines()[-1].split())
    return Reference(words, folder, (seconds - trained, first), (trained, total - first))


def _words_of(name: str) -> tuple[str, ...]:
    """Return the words of a training of `VARIANTS`."""
    saved, drawn, looked, scored, kept, packed = VARIANTS[name]
    cadences = {
        "checkpoint_every": saved,
        "sample_every": drawn,
        "monitor.singular_values.every": looked,
        "monitor.validation_loss.every": looked,
        "monitor.scores.every": scored,
        "keep_checkpoints": kept,
        "pack": packed,
    }
    return (*SMALL, *WATCHED, *(f"{key}={value}" for key, value in cadences.items()))
