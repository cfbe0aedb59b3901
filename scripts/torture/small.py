"""Small runs to spoil copies of, made once by the real command."""

from pathlib import Path

from scripts.torture.commands import SMALL, Place
from scripts.torture.trainings import WATCHED

SHORT = (*SMALL, "total_steps=2", "checkpoint_every=1", "sample_every=1")
WITH_EVERYTHING = (
    *SHORT,
    *(word for word in WATCHED if not word.startswith("total_steps")),
    "monitor.singular_values.every=1",
    "monitor.validation_loss.every=1",
    "monitor.scores.every=1",
)


def run_with_everything(place: Place) -> Path:
    """Return a run with all that a run can leave."""
    return _run(place, "everything", WITH_EVERYTHING)


def plain_run(place: Place) -> Path:
    """Return a run that is built of sngan's own components only."""
    return _run(place, "plain", SHORT)


def statistics_of(place: Place) -> Path:
    """Return the statistics that the scores of `run_with_everything` were made with."""
    run_with_everything(place)
    return max(place.scratch.glob("CACHE/sngan/references/*.npz"))


def _run(place: Place, name: str, words: tuple[str, ...]) -> Path:
    folder = place.scratch / name
    if not folder.exists():
        place.run_well(["sngan-train", *words, f"run_dir='{folder}'"])
    return folder
