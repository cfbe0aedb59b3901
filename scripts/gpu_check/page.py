"""The page of a check, made from its JSON alone."""

import re
from collections.abc import Mapping
from typing import Any

from scripts.benchmark.page import grid
from scripts.benchmark.page import page as benchmark_page


def page(check: Mapping[str, Any]) -> str:
    """Return Markdown."""
    machine, parts = check["machine"], check["parts"]
    head = ["part", "result", "seconds", "what came of it"]
    body = [
        [part["name"], part["status"], f"{part['seconds']:.0f}", part["summary"]] for part in parts
    ]
    texts = [
        "# Check on one machine",
        f"{machine['device_name']} (`{machine['device']}`), "
        f"torch {machine['versions']['torch']}, commit {(machine['commit'] or 'unknown')[:12]}"
        f"{' with changes' if machine['dirty'] else ''}, {check['time']}; "
        f"{check['seconds']:.0f} of {check['minutes'] * 60:.0f} seconds.",
    ]
    if check["quick"]:
        texts.append("**Made with `--quick`: it shows that everything works, and nothing else.**")
    texts += [grid(head, body), *_tests(parts), *_benchmark(parts), *_tails(parts)]
    return "\n\n".join(texts) + "\n"


def _tests(parts: list[dict[str, Any]]) -> list[str]:
    cases = [case for part in parts for case in part["results"].get("cases", [])]
    if not cases:
        return []
    body = [[case["name"], case["outcome"], f"{case['seconds']:.1f}"] for case in cases]
    return ["## Tests", grid(["test", "result", "seconds"], body)]


def _benchmark(parts: list[dict[str, Any]]) -> list[str]:
    found = [part["results"] for part in parts if "sections" in part["results"]]
    if not found:
        return []
    sections = {name: tables for x in found for name, tables in x["sections"].items()}
    return [re.sub("^#", "##", benchmark_page({**found[0], "sections": sections}), flags=re.M)]


def _tails(parts: list[dict[str, Any]]) -> list[str]:
    return [
        f"## Output of: {part['name']}\n\n```\n{part['tail'].strip()}\n```"
        for part in parts
        if part["tail"]
    ]
