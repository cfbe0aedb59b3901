"""What ``sngan-reproduce`` does, from its arguments to the cells it leaves."""

import json
import shlex
import signal
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import hydra
from omegaconf import DictConfig

from sngan.assembly.check import check_evaluation, packages_of
from sngan.assembly.compose import CONFIG_DIR, CONFIGURATION_ERRORS, compose, plain
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.paths import as_typed, with_absolute_path
from sngan.assembly.trust import COMPONENTS, fingerprints, foreign_packages
from sngan.assembly.words import gives, parse
from sngan.commands.console import (
    EXIT_FAILED,
    command_line,
    errors_as_messages,
    send_nothing_home,
)
from sngan.commands.parser import Parser
from sngan.reproduce.cell import Cell
from sngan.reproduce.cells import compose_cells
from sngan.reproduce.jobs import run
from sngan.reproduce.overrides import SCALES, Overrides, assign
from sngan.reproduce.overview import print_list, print_summary
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.reproduce.selection import Choice, select_cells, select_parts
from sngan.reproduce.targets import FOLDER as TARGETS_FOLDER
from sngan.reproduce.targets import read_targets
from sngan.system.declared import Times, check
from sngan.system.interruption import EXIT_SIGNAL

EXAMPLES = """examples:
  sngan-reproduce --list                                     everything, and how far it is
  sngan-reproduce --only table2/cifar10                      the cells of one part
  sngan-reproduce --only figure1 --method wgan_gp,spectral_norm --setting C,D --seeds 3
  sngan-reproduce --scale cpu --only table2/cifar10 dataset=image_folder dataset.root=DIR
  sngan-reproduce hydra/launcher=joblib hydra.launcher.n_jobs=4
  sngan-reproduce hydra/launcher=submitit_slurm hydra.launcher.gpus_per_node=1
  sngan-reproduce --pack 8                                   eight cells at a time on one GPU
  sngan-reproduce --workers 8 hydra/launcher=ray

What is finished is never done again, what was begun is continued. At Ctrl-C trainings on this
machine are saved and no further cell is begun; a second one leaves at once.
"""


OPTIONS = {"workers": Times | None, "pack": Times, "seeds": Times | None}
"""Those that are numbers, with what they may be."""


def main() -> None:
    """Run ``sngan-reproduce``."""
    send_nothing_home()
    parser = build_parser()
    options = parser.parse_intermixed_args()
    with errors_as_messages(*CONFIGURATION_ERRORS):
        for name, kind in OPTIONS.items():
            check(f"--{name}", kind, getattr(options, name))
        targets = read_targets()
        parts = select_parts(targets, options.only)
        typed = as_typed(options.words)
        trust = packages_of(parse(text for text in typed if gives(text, "trust")))
        own = [with_absolute_path(text) for text in typed if not gives(text, "trust")]
        words = assign(options.scale, own)
        evaluation = evaluation_of(words, options.config_dir)
        asked = (targets, words, options.seeds, parts, options.config_dir)
        choice = Choice.read(options.method, options.setting)
        cells = compose_cells(*asked, choice)
        if not choice.is_known_to(cells):
            cells = compose_cells(*asked)  # Something is wrong; what there is will be listed.
        chosen = select_cells(cells, parts, options.method, options.setting)
        folder = Reproduction(Path(options.folder or f"runs/reproduce/{options.scale}").absolute())
        plan = folder.merged(Plan(options.scale, own, evaluation, chosen))
        if options.list:
            print_list(folder, plan, chosen, parts)
            return
        wanted = chosen.by_name.values()
        todo = [cell for cell in wanted if folder.missing(cell, plan.evaluation_key)]
        launcher = [*words.launch, *_consent(plan, todo, trust)]
        compose("reproduce", ["folder=-", "jobs=-", "job=0", *launcher], options.config_dir)
        if options.dry_run:
            for cell in todo:
                print(cell.command + _config_dir(options.config_dir))
            print_summary(folder, plan, wanted)
            return
        _check_parts(plan, todo, is_here=not words.launch)
        folder.write_plan(plan)
        try:
            go = partial(launch, launcher, options.config_dir)
            run(folder, todo, go, options.workers, options.pack)
        except KeyboardInterrupt as error:
            print("interrupted; the same command goes on with what is left", file=sys.stderr)
            raise SystemExit(EXIT_SIGNAL + (*error.args, signal.SIGINT)[0]) from None
        print_summary(folder, plan, wanted)
        print(f"report: {command_line('sngan-report', str(folder.path))}")
        states = {folder.state(cell, plan.evaluation_key) for cell in wanted}
    if states - {"finished", "diverged"}:
        raise SystemExit(EXIT_FAILED)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-reproduce",
        description="Train and score what the tables and figures of the paper need.",
        epilog=f"{EXAMPLES}\nThe plan, a file each: {TARGETS_FOLDER}",
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
    parser.add_argument("--config-dir", type=Path, help="a folder with config groups of your own")
    parser.add_argument(
        "--workers", type=int, help="jobs that share all cells; otherwise each cell is a job"
    )
    parser.add_argument(
        "--pack", type=int, default=1, help="cells that a job trains together on one device"
    )
    return parser


def launch(launcher: Sequence[str], config_dir: Path | None, words: Sequence[str]) -> None:
    """Run jobs through Hydra, whose launchers spread them.

    Args:
        launcher: Which launcher, its settings, and what jobs may build.
        config_dir: A folder with config groups of the user's own: it may hold a launcher.
        words: See `sngan.reproduce.jobs.Launch`.
    """
    options = [] if config_dir is None else ["--config-dir", str(config_dir.resolve())]
    sys.argv[1:] = ["--multirun", *options, *words, *launcher]

    @hydra.main(str(CONFIG_DIR), "reproduce", **BASE)
    def job(config: DictConfig) -> None:
        from sngan.reproduce.work import work_through

        places = Path(config.folder), Path(config.jobs)
        work_through(*places, config.job, config.pack, tuple(config.trust))

    job()


def evaluation_of(words: Overrides, config_dir: Path | None = None) -> dict[str, object]:
    """Return the settings of the scores, checked."""
    config = compose("evaluate", words.evaluate, config_dir)
    check_evaluation(config, parse(words.evaluate))
    of_checkpoints = ("trust", "if_damaged")  # A plan has none, its cells are its own.
    return {key: value for key, value in plain(config).items() if key not in of_checkpoints}


def _consent(plan: Plan, todo: Iterable[Cell], trust: Sequence[str]) -> list[str]:
    """Return the word by which jobs learn what the user's words name, if that is not ours alone.

    A plan is a file, and files are not believed.

    Args:
        plan: With the evaluation.
        todo: Cells as they were composed.
        trust: Packages that the user has named.
    """
    named = [mark for cell in todo for mark in fingerprints(cell.config)]
    named += fingerprints(plan.evaluation, (*COMPONENTS, "metric"))
    consent = ",".join(dict.fromkeys([*trust, *named]))
    return [f"trust=[{consent}]"] if consent else []


def _config_dir(path: Path | None) -> str:
    return "" if path is None else f" --config-dir {shlex.quote(str(path))}"


def _check_parts(plan: Plan, todo: Sequence[Cell], *, is_here: bool) -> None:
    """Raise now what every cell would raise: missing weights, pictures or packages, no such device.

    Args:
        plan: With the evaluation.
        todo: Cells.
        is_here: Whether they will run on this machine.
    """
    if not todo:
        return
    import torch

    from sngan.assembly.component import component
    from sngan.assembly.scorer import build_scorer
    from sngan.system.device import resolve_device
    from sngan.system.workers import Workers

    device = resolve_device(str(plan.evaluation["device"])) if is_here else torch.device("cpu")
    build_scorer(plan.evaluation, device, Workers())
    for about in {json.dumps(cell.config["dataset"], sort_keys=True) for cell in todo}:
        component(json.loads(about), "dataset")
    for cell in todo:
        foreign_packages(cell.config)
