"""Trainings that are killed again and again, and end as if nothing had been.

One half of the kills comes at a random moment, the other before a random operation on a file, for
an iteration spends little of its time there. After each kill everything that has its final name
must be whole, and the training goes on. At its end its folder is that of one that nobody killed.
"""

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from scripts.torture.commands import Ended, Place, wait
from scripts.torture.compare import differences, wrong_files
from scripts.torture.killed import MARK
from scripts.torture.tally import Tally
from scripts.torture.trainings import KILLED, STEPS, VARIANTS, Reference, reference_of
from sngan.run_folder.folder import RunFolder, step_of

LONGEST = 5  # Kills of one training.
ENOUGH = 5  # Trainings that went wrong.
EARLY = 0.15
"""So many kills come while a training starts, in which little happens."""
BY_TIME, BY_OPERATION = "at a random moment", "before a random operation on a file"


def run(place: Place, count: int) -> Tally:
    """Kill trainings.

    Args:
        place: Where.
        count: Kills that must have come in time.
    """
    tally = Tally()
    for name in ("kills", BY_TIME, BY_OPERATION, "trainings", "ended before their kill"):
        tally.count(name, 0)
    references: dict[str, Reference] = {}
    while (left := count - tally.figures["kills"]) > 0 and len(tally.broken) < ENOUGH:
        name = [*VARIANTS][tally.figures["trainings"] % len(VARIANTS)]
        if name not in references:
            references[name] = reference_of(place, name)
        kills = min(place.random.randint(2, LONGEST), left)
        chain = _Chain(place, name, references[name], kills, tally)
        if (said := chain.run()) is not None:
            tally.broken.append(place.keep(chain.folder, f"{name}: {said}"))
    return tally


class _Chain:
    """One training, some kills, its end.

    Args:
        place: Where.
        name: Of `VARIANTS`.
        reference: What comes of it.
        kills: How many.
        tally: Of all.
    """

    def __init__(
        self, place: Place, name: str, reference: Reference, kills: int, tally: Tally
    ) -> None:
        self.place = place
        self.name = name
        self.reference = reference
        self.kills = kills
        self.tally = tally
        tally.count("trainings")
        self.folder = place.scratch / f"killed {tally.figures['trainings']:03d}"

    def run(self) -> str | None:
        """Kill, go on and compare; return what is wrong, if anything is."""
        for left in range(self.kills, 0, -1):
            how = BY_TIME if self.place.random.random() < 0.5 else BY_OPERATION
            ended = (self._at_a_moment if how == BY_TIME else self._before_an_operation)(left)
            if ended.code == 0:
                self.tally.count("ended before their kill")
                break
            if ended.code != -signal.SIGKILL:
                return f"went on with {ended.said}"
            self._note(ended, how)
            if wrong := wrong_files(self.folder):
                return f"after a kill, {'; '.join(wrong)}"
        ended = self.place.run(self._words())
        if ended.code:
            return f"went on with {ended.said}"
        if different := differences(self.folder, self.reference.folder):
            return "; ".join(different)
        self.tally.count("trainings equal to one without kills")
        shutil.rmtree(self.folder)
        return None

    def _words(self) -> list[str]:
        """Return the command that goes on; before any checkpoint, the first one again."""
        if self._runs():
            return ["sngan-train", f"resume='{self.folder}'"]
        return ["sngan-train", *self.reference.words, f"run_dir='{self.folder}'"]

    def _runs(self) -> list[RunFolder]:
        runs = (RunFolder(self.folder), *RunFolder(self.folder).packed)
        return [run for run in runs if run.checkpoints]

    def _at_a_moment(self, left: int) -> Ended:
        start, rest = self.reference.start[0], self.reference.rest[0]
        begun = time.time()
        seconds = self._draw(start, rest, left)
        process = self.place.start(self._words())
        if seconds < start:
            return wait(process, seconds)
        # A start takes as long as the machine has other things to do.
        while process.poll() is None and not self._trains_since(begun):
            time.sleep(0.01)
        return wait(process, seconds - start)

    def _trains_since(self, begun: float) -> bool:
        """Tell whether a training has begun its metrics after a time."""
        found = [*self.folder.rglob("metrics.jsonl")]
        return any(path.exists() and path.stat().st_mtime > begun for path in found)

    def _before_an_operation(self, left: int) -> Ended:
        count = 1 + int(self._draw(self.reference.start[1], self.reference.rest[1], left))
        program: list[str | Path] = [*KILLED, self.folder, str(count)]
        return self.place.run([*program, *self._words()])

    def _draw(self, start: float, rest: float, left: int) -> float:
        """Return when to kill, so that as many kills as are left come in time."""
        random = self.place.random
        if random.random() < EARLY:
            return random.random() * start
        done = max((step_of(run.checkpoints[-1]) for run in self._runs()), default=0)
        return start + random.random() * rest * (1 - done / STEPS) / left

    def _note(self, ended: Ended, how: str) -> None:
        """Write down how far it was."""
        self.tally.count("kills")
        self.tally.count(how)
        newest = max((run.checkpoints[-1].stem for run in self._runs()), default=None)
        last = ended.errors.strip().splitlines()[-1:]
        stage = stage_of(self.folder) if how == BY_TIME else "".join(last).removeprefix(MARK)
        detail: dict[str, object] = {
            "training": self.name,
            "how": how,
            "newest checkpoint": newest,
            "stage": stage,
        }
        self.tally.details.append(detail)


def stage_of(folder: Path) -> str:
    """Say what a process was doing that was killed, as far as its folder tells."""
    stages: dict[str, Callable[[Path], object]] = {
        "before it had a folder": lambda path: not path.exists(),
        "while a file was written": lambda path: [*path.rglob(".*.*.[0-9]*")],
        "while something was due": lambda path: [*path.rglob("due.json")],
        "before the first checkpoint": lambda path: not [*path.rglob("*.pt")],
    }
    return next((name for name, holds in stages.items() if holds(folder)), "between checkpoints")
