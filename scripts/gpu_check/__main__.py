"""Check a GPU host: tests, benchmark, a real training and its score, in the order of importance.

python -m scripts.gpu_check --pictures cifar10.tar.xz --out check
"""

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.gpu_check.gpu_tests import CAPTURE, run_tests
from scripts.gpu_check.outcome import Outcome
from scripts.gpu_check.page import page
from scripts.gpu_check.process import private
from scripts.gpu_check.real_run import score, train
from scripts.gpu_check.timings import run_benchmark
from sngan.run_folder.environment import environment
from sngan.system.device import resolve_device

MINUTES = 9.0
LEAST = 10.0  # Seconds under which no part is worth a start.


@dataclass(frozen=True)
class Part:
    """Something to check.

    Attributes:
        name: What the page calls it.
        share: Of the whole time that it may take.
        run: Does it, within the seconds given.
    """

    name: str
    share: float
    run: Callable[[float], Outcome]


def main(words: Sequence[str] | None = None) -> None:
    """Run the program; exits with 1 if a part failed.

    Args:
        words: Of the command line; None for the program's own.
    """
    # A shell's background jobs ignore interrupts, and so would the commands that are run here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = _options(words)
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        check = _check(options, Path(folder))
    failed = [part["name"] for part in check["parts"] if part["status"] == "failed"]
    raise SystemExit(f"failed: {', '.join(failed)}" if failed else 0)


def parts_of(options: argparse.Namespace, folder: Path) -> list[Part]:
    """Return what there is to check, the most important first."""
    device, quick = options.device, options.quick
    words: tuple[str, ...] = (
        "--device",
        device,
        "--rounds",
        "5",
        "--block-seconds",
        "0.5",
        "--workers",
        "4",
    )
    words += ("--mimicry", str(options.mimicry)) if options.mimicry else ()

    def timed(section: str, share: float) -> Part:
        return Part(
            f"benchmark: {section}",
            share,
            lambda limit: run_benchmark(section, words, folder, quick, limit),
        )

    return [
        Part("captured equals eager", 0.3, lambda limit: run_tests(CAPTURE, limit)),
        timed("iterations", 0.25),
        Part(
            "training",
            0.3,  # Of nine minutes: loading, and two minutes.
            lambda limit: train(options.pictures, folder, device, quick, limit),
        ),
        Part("score", 0.15, lambda limit: score(folder, device, quick, limit)),
        Part("other tests on the GPU", 0.3, lambda limit: run_tests(f"not {CAPTURE}", limit)),
        timed("methods", 0.15),
        timed("roofline", 0.15),
        timed("scaling", 0.3),
    ]


def _check(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run all parts in turn; what is done is written down, whatever comes."""
    start = time.monotonic()
    check: dict[str, Any] = {
        "machine": environment(resolve_device(options.device)),
        "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "minutes": options.minutes,
        "quick": options.quick,
        "parts": [],
    }
    for part in parts_of(options, folder):
        began = time.monotonic() - start
        left = options.minutes * 60 - began
        print(f"{part.name} ...", flush=True)
        outcome = _run(part, min(left, part.share * options.minutes * 60))
        check["seconds"] = time.monotonic() - start
        entry = {"name": part.name, "seconds": check["seconds"] - began, **asdict(outcome)}
        check["parts"].append(json.loads(private(json.dumps(entry), folder)))
        print(f"    {outcome.status}: {outcome.summary}", flush=True)
        (options.out / "gpu_check.json").write_text(json.dumps(check, indent=2) + "\n")
        (options.out / "gpu_check.md").write_text(page(check))
    return check


def _run(part: Part, limit: float) -> Outcome:
    if limit < LEAST:
        return Outcome("skipped", "no time was left")
    try:
        return part.run(limit)
    except Exception as error:  # The other parts go on.
        return Outcome("failed", f"{type(error).__name__}: {error}")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.gpu_check", description=(__doc__ or "").partition("\n")[0]
    )
    add = parser.add_argument
    add("--pictures", type=Path, required=True, help="a tar file with folders of pictures")
    add("--out", type=Path, required=True, help="folder for gpu_check.json and gpu_check.md")
    add("--mimicry", type=Path, metavar="DIR", help="holds torch_mimicry, if Python cannot find it")
    add("--device", default="cuda", help="cuda, cuda:1; cpu to try this program itself")
    add("--minutes", type=float, default=MINUTES, help="for everything; later parts yield")
    add("--quick", action="store_true", help="see that it works; the numbers mean nothing")
    options = parser.parse_args(words)
    if not options.pictures.is_file():
        parser.error(f"--pictures must be a tar file, got {options.pictures}")
    try:
        resolve_device(options.device)
    except ValueError as error:
        parser.error(str(error))
    # Commands run elsewhere than this one.
    options.mimicry = options.mimicry and options.mimicry.resolve()
    return options


if __name__ == "__main__":
    main()
