"""Pages that say what the code says: commands, configuration groups, what `import sngan` offers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import sngan

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"
KINDS = {
    "api": "Functions",
    "architecture": "Networks",
    "": "To subclass, and what functions return",
}
"""Headings of names, by the room that they come from; the last has the rest."""


def pages() -> dict[str, str]:
    """Return the content of each page, by its name in the site."""
    return {
        "reference/commands.md": commands(),
        "reference/groups.md": groups(),
        "reference/experiments.md": experiments(),
        "reference/python.md": python(),
    }


def commands() -> str:
    """Return what every command says about itself."""
    names = re.findall(r'^(sngan-\w+) = "', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    helps = (f"\n## `{name}`\n\n```text\n{_help(name)}\n```\n" for name in names)
    return "# Commands\n\nWhat `--help` prints.\n" + "".join(helps)


def groups() -> str:
    """Return the members of every group, as their files have them."""
    names = sorted(path.name for path in CONFIGS.iterdir() if path.is_dir())
    shown = (name for name in names if name not in ("experiment", "hydra"))
    head = "# Configuration groups\n\nChosen by `group=member`; settings by `key=value`.\n"
    return head + "".join(f"\n## {name}\n{''.join(_members(name))}" for name in shown)


def experiments() -> str:
    """Return every experiment; the header of each says what the paper claims."""
    return "# Experiments\n\nChosen by `+experiment=NAME`.\n" + "".join(_members("experiment"))


def python() -> str:
    """Return the page of all public names, grouped by where they come from."""
    sections = {heading: list[str]() for heading in KINDS.values()}
    for name in sngan.__all__:
        room = getattr(sngan, name).__module__.split(".")[1]
        is_base = getattr(sngan, name).__module__.endswith(".base")
        sections[KINDS["" if is_base else room if room in KINDS else ""]].append(name)
    head = "# Python\n\nWhat `import sngan` offers; [examples](../library.md).\n"
    return head + "".join(
        f"\n## {heading}\n\n" + "".join(map(_name, names)) for heading, names in sections.items()
    )


def _help(command: str) -> str:
    process = subprocess.run(
        [Path(sys.executable).with_name(command), "--help"],
        env={**os.environ, "COLUMNS": "84"},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.replace(str(ROOT), "").strip()


def _members(group: str) -> Iterator[str]:
    for path in sorted((CONFIGS / group).rglob("*.yaml")):
        name = path.relative_to(CONFIGS / group).with_suffix("").as_posix()
        yield f"\n### `{group}={name}`\n\n```yaml\n{path.read_text().strip()}\n```\n"


def _name(name: str) -> str:
    return f"::: sngan.{name}\n    options: {{heading_level: 3}}\n\n"
