"""Several processes at once: a folder is one's own, and the others are told whose."""

import re
import shutil
from pathlib import Path

from scripts.torture.commands import Ended, Place, wait
from scripts.torture.compare import differences
from scripts.torture.small import SHORT, plain_run
from scripts.torture.tally import Tally

PROCESSES = 3
REFUSED = re.compile(r"error: .*( is in use by |holds a run already)")


def run(place: Place, count: int) -> Tally:
    """Begin trainings together, with the same folder and with none in turns.

    Args:
        place: Where.
        count: Times.
    """
    tally = Tally()
    for number in range(count):
        is_same = number % 2 == 0
        name = "the same run_dir" if is_same else "no run_dir"
        folder = place.scratch / f"{number:03d}"
        folder.mkdir()
        words = ["sngan-train", *SHORT, *(["run_dir=run"] if is_same else [])]
        processes = [place.start(words, folder=folder) for _ in range(PROCESSES)]
        ends = [wait(process) for process in processes]
        tally.count(f"{PROCESSES} processes with {name}")
        wrong = (
            _wrong_of_one(place, folder, ends) if is_same else _wrong_of_all(place, folder, ends)
        )
        if wrong:
            tally.broken.append(place.keep(folder, f"{name}: {wrong}"))
        else:
            tally.count(f"{PROCESSES} processes with {name}: as promised")
        shutil.rmtree(folder)
    return tally


def _wrong_of_one(place: Place, folder: Path, ends: list[Ended]) -> str:
    """Say what is wrong where one may train."""
    refused = [end for end in ends if end.code == 2 and REFUSED.match(end.errors)]
    if len(refused) != PROCESSES - 1 or sum(end.code == 0 for end in ends) != 1:
        return "; ".join(end.said for end in ends)
    return "; ".join(differences(folder / "run", plain_run(place)))


def _wrong_of_all(place: Place, folder: Path, ends: list[Ended]) -> str:
    """Say what is wrong where each gets a folder."""
    made = [path.parent for path in folder.rglob("config.yaml")]
    if any(end.code for end in ends) or len(made) != PROCESSES:
        return f"{len(made)} folders; " + "; ".join(end.said for end in ends)
    return "; ".join(said for path in made for said in differences(path, plain_run(place)))
