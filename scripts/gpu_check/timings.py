"""Sections of the benchmark, each in a process of its own."""

import json
from pathlib import Path

from scripts.gpu_check.outcome import Outcome, status_of
from scripts.gpu_check.process import python, run_limited


def run_benchmark(
    section: str, words: tuple[str, ...], folder: Path, quick: bool, limit: float
) -> Outcome:
    """Run a section; what it measured until a time limit counts.

    Args:
        section: Its name.
        words: Further words of the command line.
        folder: Where its JSON file goes.
        quick: Whether only to see that it works.
        limit: Seconds.
    """
    output = folder / f"benchmark_{section}.json"
    options = (*words, *(("--quick",) if quick else ()), "--output", str(output))
    finished = run_limited(python("-m", "scripts.benchmark", section, *options), limit)
    results = json.loads(output.read_text()) if output.exists() else {}
    tables = results.get("sections", {}).get(section, [])
    failed = [row["name"] for table in tables for row in table["rows"] if "error" in row]
    status = status_of(finished)
    if failed:  # Also when the time was over before the end.
        status = "failed"
    summary = f"{len(tables)} tables" + (f", failed: {', '.join(failed)}" if failed else "")
    return Outcome(status, summary, results, "" if status == "passed" else finished.tail)
