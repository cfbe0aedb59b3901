"""The page of figures, made from its JSON alone."""

from collections.abc import Mapping
from typing import Any

from scripts.benchmark.page import grid


def page(results: Mapping[str, Any]) -> str:
    """Return Markdown."""
    machine = results["machine"]
    versions = machine["versions"]
    commit = (machine["commit"] or "unknown")[:12] + (" with changes" if machine["dirty"] else "")
    texts = [
        "# Promises under torture",
        f"{machine['device_name']}, {machine['platform']}, Python {versions['python']}, torch "
        f"{versions['torch']}, sngan {versions['sngan']}, commit {commit}, {results['time']}; "
        f"{results['rounds']} rounds, seed {results['seed']}, {results['seconds']:.0f} seconds.",
    ]
    for name, part in results["parts"].items():
        rows = [[said, f"{count:,}"] for said, count in part["figures"].items()]
        rows.append(["**broken promises**", f"**{len(part['broken'])}**"])
        texts += [f"## {name}", grid(["what", "n"], rows)]
        texts += ["\n".join(f"- {said}" for said in part["broken"])] if part["broken"] else []
    return "\n\n".join(texts) + "\n"
