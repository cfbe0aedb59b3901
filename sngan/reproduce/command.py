"""What ``sngan-reproduce`` does, from its arguments to the cells it leaves."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from sngan.cli import MENDABLE, compose_plain, launch
from sngan.console import EXIT_FAILED, command_line, errors_as_messages
from sngan.reproduce.cells import Cell, Cells, compose_cells, real_use, use_of
from sngan.reproduce.estimate import Estimate
from sngan.reproduce.folder import STATES, Folder, Plan
from sngan.reproduce.plan import FOLDER as PLAN_FOLDER
from sngan.reproduce.plan import Part, Row, Target, read_plan
from sngan.reproduce.words import SCALES, Words, share_out
from sngan.settings import check_evaluation, require_positive

EXAMPLES = """examples:
  sngan-reproduce --list                                     everything, and how far it is
  sngan-reproduce --only table2/cifar10                      the cells of one part
  sngan-reproduce --only figure1 --method wgan_gp,spectral_norm --setting C,D --seeds 3
  sngan-reproduce --scale cpu --only table2/cifar10 dataset=image_folder dataset.root=DIR
  sngan-reproduce hydra/launcher=joblib hydra.launcher.n_jobs=4
  sngan-reproduce hydra/launcher=submitit_slurm hydra.launcher.gpus_per_node=1
  sngan-reproduce --workers 8 hydra/launcher=ray

What is finished is never done again, what was begun is continued. Ctrl-C saves.
"""


def main() -> None:
    """Run ``sngan-reproduce``."""
    parser = _parser()
    options = parser.parse_intermixed_args()
    with errors_as_messages(*MENDABLE):
        if options.workers is not None:
            require_positive(**{"--workers": options.workers})
        if options.seeds is not None:
            require_positive(**{"--seeds": options.seeds})
        targets = read_plan()
        parts = select_parts(targets, options.only)
        words = share_out(options.scale, options.words)
        cells = compose_cells(targets, words, options.seeds)
        chosen = _chosen(cells, parts, options)
        folder = Folder(Path(options.folder or f"runs/reproduce/{options.scale}").absolute())
        plan = folder.merged(Plan(options.scale, options.words, evaluation_of(words), chosen))
        if options.list:
            print_list(folder, plan, chosen, parts)
            return
        todo = [
            cell for cell in chosen.by_name.values() if folder.missing(cell, plan.evaluation_key)
        ]
        compose_plain("reproduce", ["folder=-", "queue=-", "job=0", *words.launch])
        if options.dry_run:
            for cell in todo:
                print(cell.command)
            print_summary(folder, plan, chosen.by_name.values())
            return
        _check_parts(plan, todo)
        folder.write_plan(plan)
        _run(folder, todo, words, options.workers)
        print_summary(folder, plan, chosen.by_name.values())
        print(f"report: {command_line('sngan-report', str(folder.path))}")
        states = {folder.state(cell, plan.evaluation_key) for cell in chosen.by_name.values()}
    if states - {"finished", "diverged"}:
        raise SystemExit(EXIT_FAILED)


def select_parts(targets: Sequence[Target], only: Sequence[str]) -> list[tuple[Target, Part]]:
    """Return the parts of the plan that are asked for.

    Args:
        targets: The plan.
        only: ``table2`` or ``table2/cifar10``; nothing means everything.

    Raises:
        ValueError: If there is no such target or part.
    """
    pairs = [(target, part) for target in targets for part in target.parts]
    names = [name for names in only for name in names.split(",")]
    known = {target.key for target, _ in pairs} | {f"{t.key}/{p.key}" for t, p in pairs}
    for name in names:
        if name not in known:
            raise ValueError(f"--only must be one of {', '.join(sorted(known))}, got {name}")
    return [
        (target, part)
        for target, part in pairs
        if not names or target.key in names or f"{target.key}/{part.key}" in names
    ]


def print_list(
    folder: Folder, plan: Plan, cells: Cells, parts: Iterable[tuple[Target, Part]]
) -> None:
    """Print every variant of every row, how far it is and how long the rest will take."""
    estimate = Estimate(folder, plan.cells.by_name.values())
    for target, part in parts:
        print(f"{target.key}/{part.key}: {target.title}; {part.title}")
        for row in part.rows:
            for label, names in _uses(row, part, cells):
                states = Counter(
                    folder.state(cells.by_name[name], plan.evaluation_key) for name in names
                )
                said = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
                left = _left(folder, plan, estimate, (cells.by_name[name] for name in names))
                print(f"  {row.label:34} {label:5} {said:26} {left}")
    print_summary(folder, plan, cells.by_name.values())


def print_summary(folder: Folder, plan: Plan, cells: Iterable[Cell]) -> None:
    """Print how many cells there are in each state, failures, and how long the rest will take."""
    cells = list(cells)
    states = {cell.name: folder.state(cell, plan.evaluation_key) for cell in cells}
    counts = Counter(states.values())
    said = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    estimate = Estimate(folder, plan.cells.by_name.values())
    left = _left(folder, plan, estimate, cells)
    count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
    print("; ".join(filter(None, [f"{count} in {folder.path}: {said}", left])))
    for name, state in states.items():
        if state == "failed":
            print(f"failed: {folder.of_cell(name)}: {folder.record(name).failure}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sngan-reproduce",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train and score what the tables and figures of the paper need.",
        epilog=f"{EXAMPLES}\nThe plan, a file each: {PLAN_FOLDER}",
    )
    parser.add_argument("words", nargs="*", metavar="KEY=VALUE", help="settings for all cells")
    parser.add_argument("--list", action="store_true", help="print cells, states and hours left")
    parser.add_argument("--dry-run", action="store_true", help="print what would be run")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TARGET[/PART]", help="as table2/cifar10"
    )
    parser.add_argument(
        "--method", default="", help="only these, separated by commas; real for real data"
    )
    parser.add_argument("--setting", default="", help="only these, separated by commas")
    parser.add_argument("--seeds", type=int, help="trainings of each; the plan's number otherwise")
    parser.add_argument("--scale", choices=[*SCALES], default="paper", help="default: paper")
    parser.add_argument("--folder", help="default: runs/reproduce/SCALE")
    parser.add_argument(
        "--workers", type=int, help="jobs that share all cells; otherwise each cell is a job"
    )
    return parser


def evaluation_of(words: Words) -> dict[str, object]:
    """Return the settings of the scores, checked."""
    config = compose_plain("evaluate", words.evaluate)
    check_evaluation(config, [word.lstrip("+") for word in words.evaluate if word[0] == "+"])
    return config


def _chosen(
    cells: Cells, parts: Iterable[tuple[Target, Part]], options: argparse.Namespace
) -> Cells:
    """Return the cells that are asked for.

    Raises:
        ValueError: If there is none.
    """
    chosen = Cells()
    methods, settings = (_names(text) for text in (options.method, options.setting))
    for _, part in parts:
        for row in part.rows:
            for use in _use_keys(row, part):
                for name in cells.uses[use]:
                    cell = cells.by_name[name]
                    if _is_among(cell.method, methods) and _is_among(cell.setting, settings):
                        chosen.add(use, cell)
    if not chosen.by_name:
        known = {(cell.method, cell.setting) for cell in cells.by_name.values()}
        raise ValueError(
            f"no cell has --method {options.method or 'any'} and --setting "
            f"{options.setting or 'any'} (methods: {', '.join(sorted({m for m, _ in known}))}; "
            f"settings: {', '.join(sorted({s for _, s in known if s}))})"
        )
    return chosen


def _check_parts(plan: Plan, todo: Iterable[Cell]) -> None:
    """Raise now what every cell would raise: missing weights, missing pictures."""
    import torch

    from sngan import build
    from sngan.workers import Workers

    build.build_scorer(build.trusted(dict(plan.evaluation)), torch.device("cpu"), Workers())
    datasets = {json.dumps(cell.config["dataset"], sort_keys=True) for cell in todo}
    for about in datasets:
        build.build_dataset(build.trusted({"dataset": json.loads(about)}))


def _is_among(name: str, names: Sequence[str]) -> bool:
    """Tell whether a name is asked for; real pictures have no setting and belong to all."""
    return not name or not names or name in names


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _use_keys(row: Row, part: Part) -> list[str]:
    return [real_use(part.dataset)] if row.is_real else [use_of(v) for v in row.variants]


def _uses(row: Row, part: Part, cells: Cells) -> list[tuple[str, list[str]]]:
    """Return labels and cells of a row's variants that are asked for."""
    labels = [""] if row.is_real else [variant.label for variant in row.variants]
    keys = _use_keys(row, part)
    pairs = zip(labels, keys, strict=True)
    return [(label, cells.uses[use]) for label, use in pairs if use in cells.uses]


def _left(folder: Folder, plan: Plan, estimate: Estimate, cells: Iterable[Cell]) -> str:
    """Return how long what is not trained will take."""
    waiting = [cell for cell in cells if "train" in folder.missing(cell, plan.evaluation_key)]
    hours = [estimate.hours(cell) for cell in waiting]
    known = [value for value in hours if value is not None]
    said = [f"about {sum(known):.1f} hours of one device"] if known else []
    if len(known) < len(hours):
        said.append(f"{len(hours) - len(known)} of unknown length")
    return ", ".join(said)


def _run(folder: Folder, todo: Sequence[Cell], words: Words, workers: int | None) -> None:
    """Run what is to do as Hydra jobs; cells whose speed is the result by themselves, last."""
    side_by_side = [cell.name for cell in todo if not cell.is_timing]
    alone = [cell.name for cell in todo if cell.is_timing]
    jobs = [side_by_side] * workers if workers else [[name] for name in side_by_side]
    for queue in (jobs if side_by_side else [], [alone] if alone else []):
        if queue:
            _launch(folder, queue, words)


def _launch(folder: Folder, queue: Sequence[Sequence[str]], words: Words) -> None:
    logs = folder.path / "jobs" / datetime.now().strftime("%Y-%m-%d_%H-%M-%S_%f")
    logs.mkdir(parents=True)
    (logs / "queue.json").write_text(json.dumps(queue, indent=1) + "\n")
    try:
        launch(
            [
                f"folder={_quoted(folder.path)}",
                f"queue={_quoted(logs / 'queue.json')}",
                f"hydra.sweep.dir={_quoted(logs)}",
                f"job={','.join(map(str, range(len(queue))))}",
                *words.launch,
            ]
        )
    except SystemExit as end:
        if end.code:
            print(
                "a worker was lost; what it had saved is there, the same command goes on",
                file=sys.stderr,
            )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
