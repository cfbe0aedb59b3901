"""Signals at any moment: the exit code says which, no folder is left or a whole one, in silence."""

import re
import shutil
import signal
import time
from pathlib import Path

from scripts.gpu_check.process import ROOT
from scripts.torture.commands import SMALL, Ended, Place, wait
from scripts.torture.compare import wrong_files
from scripts.torture.tally import Tally
from sngan.run_folder.folder import RunFolder
from sngan.system.interruption import NAMES, SIGNALS

ENDLESS = ("total_steps=1000000", "checkpoint_every=1000000", "sample_every=1000000")
PATIENCE = 60.0  # Seconds until a signal counts as not heard.
LATEST = 1.5
"""Times the seconds that a start takes."""
EXPECTED = re.compile(r"(step \d+/|interrupted|ended by |continue with: |finished )")
"""What lines on standard error may begin with."""
OURS = re.compile(rf'File "{re.escape(str(ROOT))}/sngan/')
"""A line of a traceback within our code; without one, Python was still at its own start."""


def run(place: Place, count: int) -> Tally:
    """Send signals to trainings.

    Args:
        place: Where.
        count: Signals, of each kind as many.
    """
    tally = Tally()
    start = _seconds_to_start(place)
    for number in range(count):
        name, which = NAMES[number % len(NAMES)], SIGNALS[number % len(SIGNALS)]
        after = LATEST * place.random.random() * start
        folder = place.scratch / "run"
        ended = _signalled(place, folder, which, after)
        saved = any(RunFolder(folder).checkpoints)
        tally.count("signals")
        tally.count("signals: saved", saved)
        tally.count("signals: nothing left", not folder.exists())
        if _is_before_us(ended, folder):
            tally.count("signals: at Python's own start, with its traceback")
        elif wrong := _wrong(ended, folder, which):
            said = f"{name} after {after:.2f} s: {wrong}; {ended.said}"
            _keep(place, folder, ended, said, tally)
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def _seconds_to_start(place: Place) -> float:
    """Return how long it takes to the first iteration."""
    folder = place.scratch / "first"
    begun = time.monotonic()
    process = place.start(_words(folder))
    while not RunFolder(folder).metrics.exists() and process.poll() is None:
        time.sleep(0.02)
    seconds = time.monotonic() - begun
    process.send_signal(signal.SIGTERM)
    wait(process)
    return seconds


def _words(folder: Path) -> list[str]:
    return ["sngan-train", *SMALL, *ENDLESS, f"run_dir='{folder}'"]


def _signalled(place: Place, folder: Path, which: signal.Signals, after: float) -> Ended:
    process = place.start(_words(folder))
    time.sleep(after)
    process.send_signal(which)
    return wait(process, PATIENCE)


def _is_before_us(ended: Ended, folder: Path) -> bool:
    """Tell whether Ctrl-C came before any line of ours was run."""
    is_shown = "KeyboardInterrupt" in ended.errors and not OURS.search(ended.errors)
    return is_shown and not folder.exists()


def _wrong(ended: Ended, folder: Path, which: signal.Signals) -> str:
    """Say what is not as promised."""
    found = []
    # A negative code is the system's own end, before Python listens; a shell says the same for it.
    if ended.code not in (128 + which, -which):
        found.append(f"exit code {ended.code}")
    noise = [line for line in ended.errors.splitlines() if not EXPECTED.match(line)]
    if noise:
        found.append(f"on standard error: {noise[0]}")
    if folder.exists():
        if not RunFolder(folder).checkpoints:
            found.append(f"a folder without checkpoint: {sorted(x.name for x in folder.iterdir())}")
        found += wrong_files(folder)
        found += [f"{path.name} is left" for path in folder.rglob(".*.*") if path.name != ".lock"]
    return "; ".join(found)


def _keep(place: Place, folder: Path, ended: Ended, said: str, tally: Tally) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "stderr.txt").write_text(ended.errors)
    tally.broken.append(place.keep(folder, said))
