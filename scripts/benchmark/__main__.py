"""Time whole training iterations: ours against plain PyTorch and torch-mimicry.

python -m scripts.benchmark iterations methods scaling roofline --output runs/benchmark.json
"""

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.benchmark.contestants import left_out
from scripts.benchmark.options import Options, parse
from scripts.benchmark.ours import MODES
from scripts.benchmark.page import page
from scripts.benchmark.sections import SECTIONS
from sngan.run_folder.environment import environment


def main(words: Sequence[str] | None = None) -> None:
    """Run the program.

    Args:
        words: Of the command line; None for the program's own.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    request = parse(words, tuple(SECTIONS))
    results = _empty(request.options)
    for reason in results["left_out"]:
        print(f"left out: {reason}")
    for name in request.sections:
        print(f"{name} ...", flush=True)
        for table in SECTIONS[name](request.options):
            results["sections"].setdefault(name, []).append(table)
            _write(results, request.output)  # What is measured is kept, whatever comes.
    print(f"wrote {request.output} and {request.output.with_suffix('.md')}")


def _empty(options: Options) -> dict[str, Any]:
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return {
        "machine": {**environment(options.device), "time": now},
        "quick": options.quick,
        "modes": {name: MODES[name].words for name in options.modes},
        "left_out": left_out(options),
        "sections": {},
    }


def _write(results: dict[str, Any], output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=2) + "\n")
    output.with_suffix(".md").write_text(page(results))


if __name__ == "__main__":
    main()
