"""The tests that need a GPU, and what their JUnit file says."""

import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.gpu_check.outcome import Outcome, status_of
from scripts.gpu_check.process import Finished, python, run_limited

CAPTURE = "captur"  # In the names of tests that compare captured with eager iterations.
NO_TESTS = 5  # Pytest's exit code if none is selected.


def run_tests(selection: str, limit: float) -> Outcome:
    """Run the ``gpu`` tests that a ``-k`` expression selects."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "junit.xml"
        options = ("-q", "-m", "gpu", "-k", selection, f"--junitxml={path}")
        finished = run_limited(python("-m", "pytest", *options), limit)
        cases = parse_junit(path.read_text()) if path.exists() else []
    return outcome_of(finished, cases)


def parse_junit(text: str) -> list[dict[str, Any]]:
    """Return name, outcome, seconds and message of every test case in a JUnit file."""
    return [_case(element) for element in ET.fromstring(text).iter("testcase")]


def outcome_of(finished: Finished, cases: list[dict[str, Any]]) -> Outcome:
    """Return what a run of pytest came to; tests that were all skipped have not passed."""
    counts = Counter(case["outcome"] for case in cases)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    results = {"counts": dict(counts), "cases": cases}
    if finished.code == NO_TESTS:
        return Outcome("skipped", "no test has such a name", results)
    if cases and counts["skipped"] == len(cases):
        # Most are tests; a file whose package is not installed counts as one, too.
        reasons = Counter(case["message"] or "no reason given" for case in cases)
        reason = reasons.most_common(1)[0][0]
        return Outcome("skipped", f"all {len(cases)} tests were skipped: {reason}", results)
    # A failure counts also when the time was over before the end.
    status = "failed" if counts["failed"] else status_of(finished)
    return Outcome(
        status, summary or "no results", results, "" if status == "passed" else finished.tail
    )


def _case(element: ET.Element) -> dict[str, Any]:
    found = {child.tag: child for child in element if child.tag in ("failure", "error", "skipped")}
    kind, child = next(iter(found.items()), ("passed", None))
    names = {"failure": "failed", "error": "failed"}
    return {
        "name": f"{element.get('classname')}::{element.get('name')}",
        "outcome": names.get(kind, kind),
        "seconds": float(element.get("time", 0)),
        "message": None if child is None else child.get("message"),
    }
