"""What decided a run: its settings, and where and by what it was made."""

from collections.abc import Mapping, Sequence

from sngan.report.document import Block, Entry, Line, Section, Table
from sngan.report.run_result import RunResult
from sngan.report.tables import NOTHING
from sngan.system.printable import shown

TARGET = "._target_"


def differences(runs: Sequence[RunResult]) -> Section:
    """Return the settings in which runs differ; of a part that some lack, only that they do."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    lacked = (name.removesuffix(TARGET) for name in names if _is_lacked(name, runs))
    parts = sorted(lacked, key=len)  # A part of a part goes with it.
    lines = []
    for name in names:
        part = next((x for x in parts if name.startswith(f"{x}.")), None)
        having = [run for run in runs if part is None or f"{part}{TARGET}" in run.settings]
        is_part = part is not None and name == f"{part}{TARGET}"
        if is_part or len({repr(run.settings.get(name, ...)) for run in having}) > 1:
            lines.append(Line([Entry(f"`{name}`"), *(_setting(run, name) for run in runs)]))
    table = Table(["Setting", *(run.label for run in runs)], lines)
    blocks: list[Block] = [table if lines else "None."]
    return Section("differences", "Settings that differ", blocks=blocks)


def _is_lacked(name: str, runs: Sequence[RunResult]) -> bool:
    """Tell whether a setting says which component a part is that not all runs have."""
    return name.endswith(TARGET) and not all(name in run.settings for run in runs)


def common(runs: Sequence[RunResult]) -> Section:
    """Return the settings that all runs have in common."""
    lines = [
        Line([Entry(f"`{name}`"), Entry(f"`{shown(value)}`")])
        for name, value in runs[0].settings.items()
        if all(repr(run.settings.get(name, ...)) == repr(value) for run in runs)
    ]
    title = "All settings" if len(runs) == 1 else "Settings in common"
    blocks: list[Block] = [Table(["Setting", "Value"], lines) if lines else "None can be read."]
    return Section("settings", title, blocks=blocks, is_folded=True)


def provenance(runs: Sequence[RunResult]) -> Section:
    """Return where each run lies, and by what and on which machine it was made."""
    lines = [
        Line([Entry(run.label), *map(Entry, _start(entry)), Entry(f"`{shown(run.folder.path)}`")])
        for run in runs
        for entry in run.environments or [{}]
    ]
    columns = ["Run", "From update", "sngan", "PyTorch", "Python", "Device", "System", "Folder"]
    return Section("provenance", "Provenance", blocks=[Table(columns, lines)])


def _start(entry: Mapping[str, object]) -> list[str]:
    """Return what is noted of a start of a run; dashes for what is not."""
    found = entry.get("versions")
    versions = found if isinstance(found, dict) else {}
    commit = entry.get("commit")
    changed = " with changes" if entry.get("dirty") else ""
    code = str(versions.get("sngan", "-")) + (f", {str(commit)[:8]}{changed}" if commit else "")
    threads = entry.get("threads", "?")
    device = f"{entry.get('device_name', '-')}, {threads} thread{'' if threads == 1 else 's'}"
    return [
        shown(entry.get("step", "-")),
        code,
        *(str(versions.get(name, "-")) for name in ("torch", "python")),
        device if "device_name" in entry else "-",
        str(entry.get("platform", "-")),
    ]


def _setting(run: RunResult, name: str) -> Entry:
    return Entry(f"`{shown(run.settings[name])}`") if name in run.settings else NOTHING
