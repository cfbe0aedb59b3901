"""The page of a benchmark, made from its JSON alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Table = Mapping[str, Any]

NETWORKS = {"cnn": "CNN (Table 3)", "resnet": "ResNet (Table 4)"}
QUANTITIES = {
    "batch_size": "batch size",
    "width": "width",
    "image_size": "side of the pictures",
    "n_dis": "n_dis",
}


def page(results: Mapping[str, Any]) -> str:
    """Return Markdown."""
    parts = ["# Benchmark of training iterations", _machine(results["machine"])]
    if results["quick"]:
        parts.append("**Made with `--quick`: the numbers mean nothing.**")
    modes = [
        f"`{name}` {' '.join(words) or '(defaults)'}" for name, words in results["modes"].items()
    ]
    parts.append(f"Modes, as words of `sngan-train`: {'; '.join(modes)}.")
    parts += [f"Left out: {reason}." for reason in results["left_out"]]
    parts.append(
        "An iteration is n_dis discriminator updates and one generator update. Contestants take "
        "turns in one process; times are medians over rounds with least and most, quotients are "
        "medians of those within each round. Pictures are the real ones that the discriminator "
        "sees."
    )
    for name, (title, render) in SECTIONS.items():
        for index, table in enumerate(results["sections"].get(name, [])):
            parts += [f"## {title}"] * (not index) + [f"### {_title(table)}", render(table)]
    return "\n\n".join(parts) + "\n"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; the first column is text."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def failures(rows: Sequence[Table]) -> str:
    """Return a line for each contestant that failed."""
    return "".join(f"\n\n{row['name']} failed: {row['error']}" for row in rows if "error" in row)


def _machine(machine: Table) -> str:
    commit = (machine["commit"] or "unknown")[:12] + (" with changes" if machine["dirty"] else "")
    versions = machine["versions"]
    cuda = f"CUDA {machine['cuda']}, " if machine["device"].startswith("cuda") else ""
    return (
        f"{machine['device_name']} (`{machine['device']}`), {machine['threads']} threads, "
        f"torch {versions['torch']}, {cuda}"
        f"Python {versions['python']}, sngan {versions['sngan']}, commit {commit}, "
        f"{machine['time']}."
    )


def _title(table: Table) -> str:
    task, quantity = table["task"], table.get("quantity")
    parts = [NETWORKS[task["network"]]]
    parts += [f"mode {table['mode']}"] if "mode" in table else []
    parts += [f"setting {table['setting']}"] if "setting" in table else []
    if quantity:
        return ", ".join([*parts, f"by {QUANTITIES[quantity]}"])
    parts += [f"n_dis {task['n_dis']}", f"batch {task['batch_size']}"]
    return ", ".join([*parts, f"{task['image_size']} pixels", f"width {task['width']:g}"])


def _iterations(table: Table) -> str:
    rows = _finished(table)
    baselines = list(rows[0]["speed_over"]) if rows else []
    head = ["contestant", *TIME_HEAD, "G updates/s", "pictures/s", "GPU memory"]
    body = [
        [
            row["name"],
            *_time(row),
            f"{row['updates_per_second']:.3g}",
            f"{row['pictures_per_second']:.3g}",
            _memory(row["peak_memory"]),
            *(_spread(row["speed_over"][name]) for name in baselines),
        ]
        for row in rows
    ]
    head += [f"speed over {name}" for name in baselines]
    text = f"Processes that read pictures for other programs: {table['task']['workers']}."
    return f"{text}\n\n{grid(head, body)}{failures(table['rows'])}"


def _costs(table: Table) -> str:
    rows = _finished(table)
    baselines = list(rows[0]["time_over"]) if rows else []
    head = [QUANTITIES.get(table.get("quantity", ""), "method"), *TIME_HEAD, "pictures/s"]
    body = [
        [
            row["name"],
            *_time(row),
            f"{row['pictures_per_second']:.3g}",
            *(_spread(row["time_over"][name]) for name in baselines),
        ]
        for row in rows
    ]
    return grid([*head, *(f"time over {x}" for x in baselines)], body) + failures(table["rows"])


def _roofline(table: Table) -> str:
    ceilings = table["ceilings"]
    rates = ", ".join(
        f"{rate / 1e9:.4g} ({name})" for name, rate in ceilings["multiplications"].items()
    )
    text = (
        f"Ceilings, measured: {rates} billion multiply-accumulates per second in a large matrix "
        f"product, {ceilings['traffic'] / 1e9:.3g} GB/s in a large copy, "
        f"{ceilings['operations']:.3g} small eager operations per second. "
        "Multiplications are counted by definition (Winograd's algorithm needs fewer); traffic as "
        "if every operation read its inputs and wrote its results (fusion and caches save some); "
        "launches as if every operation were issued from Python (a captured graph saves them)."
    )
    head = ["contestant", "GMAC", "GB", "operations", "arithmetic, ms", "traffic, ms"]
    head += ["launches, ms", "measured, ms", "arithmetic / measured"]
    body = [_roofline_row(row) for row in _finished(table)]
    return f"{text}\n\n{grid(head, body)}{failures(table['rows'])}"


def _roofline_row(row: Table) -> list[str]:
    demand, parts = row["demand"], row["bounds"]
    return [
        row["name"],
        f"{demand['multiplications'] / 1e9:.4g}",
        f"{demand['traffic'] / 1e9:.3g}",
        f"{demand['operations']:,}",
        *(_milliseconds(parts[name]) for name in ("arithmetic", "traffic", "launches")),
        _milliseconds(row["seconds"]["median"]),
        f"{row['share_of_arithmetic']:.0%}",
    ]


TIME_HEAD = ("ms per iteration", "least to most")
SECTIONS: Mapping[str, tuple[str, Callable[[Table], str]]] = {
    "iterations": ("Against other programs", _iterations),
    "methods": ("Methods (Figure 10)", _costs),
    "scaling": ("How time grows", _costs),
    "roofline": ("What bounds an iteration", _roofline),
}


def _finished(table: Table) -> list[Table]:
    return [row for row in table["rows"] if "error" not in row]


def _time(row: Table) -> list[str]:
    seconds = row["seconds"]
    extremes = f"{_milliseconds(seconds['least'])} to {_milliseconds(seconds['most'])}"
    return [_milliseconds(seconds["median"]), extremes]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.4g}"


def _spread(values: Mapping[str, float]) -> str:
    return f"{values['median']:.2f} ({values['least']:.2f} to {values['most']:.2f})"


def _memory(count: int | None) -> str:
    return "-" if count is None else f"{count / 2**20:,.0f} MiB"
