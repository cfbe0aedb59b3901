"""Kill, damage, interrupt and crowd the real commands, and count what is kept of the promises.

python -m scripts.torture --minutes 10
"""

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch

from scripts.gpu_check.process import private
from scripts.torture import contents, damage, full_disk, kills, signals, together
from scripts.torture.commands import Place
from scripts.torture.page import page
from scripts.torture.tally import Tally
from sngan.run_folder.environment import environment


@dataclass(frozen=True)
class Part:
    """A kind of torture.

    Attributes:
        run: Does it, so many times.
        count: In a round, unless the user says another.
        unit: What is counted.
    """

    run: Callable[[Place, int], Tally]
    count: int
    unit: str


PARTS = {
    "kills": Part(kills.run, 6, "kills"),
    "damage": Part(damage.run, 900, "damaged files"),
    "contents": Part(contents.run, 300, "odd checkpoints"),
    "signals": Part(signals.run, 10, "signals"),
    "together": Part(together.run, 2, "times that several begin at once"),
    "full_disk": Part(full_disk.run, 4, "times that there is no room"),
}


def main(words: Sequence[str] | None = None) -> None:
    """Run the program; exits with 1 if a promise was broken.

    Args:
        words: Of the command line; None for the program's own.
    """
    # A shell's background jobs ignore interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    torch.set_num_threads(1)
    options = _options(words)
    options.out.mkdir(parents=True, exist_ok=True)
    results = _rounds(options)
    broken = [said for part in results["parts"].values() for said in part["broken"]]
    print(page(results))
    raise SystemExit(f"{len(broken)} promises were broken" if broken else 0)


def _rounds(options: argparse.Namespace) -> dict[str, Any]:
    """Go through the parts again and again; what is done is written down, whatever comes."""
    begun = time.monotonic()
    tallies = {name: Tally() for name in options.parts}
    results: dict[str, Any] = {
        "machine": environment(torch.device("cpu")),
        "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "seed": options.seed,
        "rounds": 0,
    }
    print(f"seed {options.seed}", flush=True)
    while results["rounds"] < options.rounds or time.monotonic() < begun + 60 * options.minutes:
        for name, tally in tallies.items():
            print(f"round {results['rounds'] + 1}: {name} ...", flush=True)
            tally.add(_part(name, options, results["rounds"]))
            results["parts"] = {name: asdict(tally) for name, tally in tallies.items()}
            results["seconds"] = time.monotonic() - begun
            _write(options.out, results)
        results["rounds"] += 1
    _write(options.out, results)
    return results


def _part(name: str, options: argparse.Namespace, number: int) -> Tally:
    count = getattr(options, name)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder).resolve()
        random = Random(f"{options.seed} {number} {name}")
        try:
            tally = PARTS[name].run(Place(scratch, options.out / "broken", random), count)
        except Exception as error:  # The other parts go on.
            tally = Tally(broken=[f"it ended with {type(error).__name__}: {error}"])
        tally.broken = [private(said, scratch) for said in tally.broken]
    return tally


def _write(folder: Path, results: dict[str, Any]) -> None:
    (folder / "torture.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "torture.md").write_text(page(results))


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.torture", description=(__doc__ or "").partition("\n")[0]
    )
    add = parser.add_argument
    add("parts", nargs="*", choices=[*PARTS, []], help=f"of {', '.join(PARTS)}; all")
    add("--rounds", type=_positive, default=1, help="through all parts, at least; default: 1")
    add("--minutes", type=float, default=0, help="begin further rounds for so long")
    add("--seed", type=int, default=time.time_ns() % 10**6, help="default: from the clock")
    add("--out", type=Path, default=Path("runs", "torture"), help="default: runs/torture")
    for name, part in PARTS.items():
        word = f"--{name.replace('_', '-')}"
        text = f"{part.unit} in a round; default: {part.count}"
        add(word, type=_positive, default=part.count, metavar="N", help=text)
    options = parser.parse_args(words)
    options.parts = options.parts or [*PARTS]
    options.out = options.out.resolve()
    return options


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text}")
    return int(text)


if __name__ == "__main__":
    main()
