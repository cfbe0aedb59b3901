"""A disk that takes no more: one line says so, what was there stays, and it goes on afterwards.

A limit on the size of files stands for it, which needs no rights of root's; at a full disk a write
fails in the same way, with another number.
"""

import re
import shutil
from pathlib import Path

from scripts.torture.commands import Ended, Place
from scripts.torture.compare import differences
from scripts.torture.small import run_with_everything
from scripts.torture.tally import Tally

PROGRESS = ("step ", "built with ")
"""What lines of a training begin with that say nothing of a disk."""
LONGER = "total_steps=6"
SIZES = (400, 4000)
"""Bytes, of notes and of lists; checkpoints are larger."""
SAID = re.compile(r"error: .+ could not be written: File too large.*\n?\Z")


def run(place: Place, count: int) -> Tally:
    """Continue a training while files may not grow beyond a random limit, then without one.

    Args:
        place: Where.
        count: Times.
    """
    tally = Tally()
    whole = _copy(place, "whole")
    place.run_well(_words(whole))
    sizes = (*SIZES, int(1.1 * max(path.stat().st_size for path in whole.rglob("*.pt"))))
    for number in range(count):
        limit = place.random.randrange(sizes[number % len(sizes)])
        folder = _copy(place, "limited")
        tally.count("trainings without room")
        ended = place.run(_words(folder), limit)
        if ended.code == 0:
            tally.count("trainings without room: had enough")
        wrong = _wrong(place, folder, whole, ended)
        if wrong:
            said = f"files up to {limit} bytes: {wrong}; {ended.said}"
            (folder / "stderr.txt").write_text(ended.errors)
            tally.broken.append(place.keep(folder, said))
        elif ended.code:
            tally.count("trainings without room: said in a line, and went on later")
        shutil.rmtree(folder)
    return tally


def _wrong(place: Place, folder: Path, whole: Path, ended: Ended) -> str:
    """Say what is not as promised; go on without a limit."""
    before = run_with_everything(place)
    if ended.code and (ended.code != 2 or not SAID.search(_without_progress(ended.errors))):
        return "not said in one line"
    for path in sorted(before.glob("checkpoints/*.pt")):
        if (folder / path.relative_to(before)).read_bytes() != path.read_bytes():
            return f"{path.name} is not what it was"
    again = place.run(_words(folder))
    if again.code:
        return f"went on with {again.said}"
    return "; ".join(differences(folder, whole))


def _without_progress(errors: str) -> str:
    lines = [line for line in errors.splitlines() if not line.startswith(PROGRESS)]
    return "\n".join(lines) if len(lines) == 1 else ""


def _copy(place: Place, name: str) -> Path:
    return Path(shutil.copytree(run_with_everything(place), place.scratch / name))


def _words(folder: Path) -> list[str]:
    return ["sngan-train", f"resume='{folder}'", LONGER]
