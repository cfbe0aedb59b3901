"""A page about runs, from their folders, while they go on or afterwards."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from sngan.report import run_scores, run_sections, run_settings
from sngan.report.document import Report
from sngan.report.render import MARK
from sngan.report.run_result import RunResult
from sngan.report.run_samples import samples
from sngan.run_folder.folder import RunFolder

FOLDER = "runs_report"
"""Where the page about several folders is put, below the current one."""
COMPONENTS = {
    "data set": "dataset",
    "generator": "architecture.generator",
    "discriminator": "architecture.discriminator",
    "loss": "loss",
    "regularizer": "regularizer",
}
"""What is said first of runs, and where it stands in their settings."""
PAGES = ("report.md", "report.html")


def report_of_runs(folders: Mapping[str, RunFolder]) -> Report:
    """Return the report, whatever there is so far.

    Args:
        folders: At least one run, by what it is called.
    """
    runs = [RunResult(label, folder) for label, folder in folders.items()]
    grids, pictures = samples(runs)
    several = [run_settings.differences(runs)] if len(runs) > 1 else []
    return Report(
        title=runs[0].label if len(runs) == 1 else f"{len(runs)} runs",
        facts=_facts(runs),
        warning=_warning(runs),
        sections=[
            run_sections.overview(runs),
            run_sections.losses(runs),
            run_scores.scores(runs),
            run_sections.singular_values(runs),
            run_sections.speed(runs),
            grids,
            *several,
            run_scores.every_score(runs),
            run_settings.common(runs),
            run_settings.provenance(runs),
        ],
        pictures=pictures,
    )


def place_of(paths: Sequence[Path], output: Path | None) -> Path:
    """Return where the report goes: beside a run or a sweep, of several into a folder of its own.

    Args:
        paths: What is reported.
        output: What the user wants.

    Raises:
        FileExistsError: If something is there that is no report of ours.
    """
    default = paths[0] if len(paths) == 1 else Path(FOLDER)
    place = output or default
    if place.exists() and not place.is_dir():
        raise FileExistsError(f"--output={place} must be a folder, and is none")
    for page in (place / name for name in PAGES):
        if page.exists() and MARK not in page.read_text(encoding="utf-8", errors="replace"):
            raise FileExistsError(f"{page} was not written by sngan-report; --output=DIR elsewhere")
    pictures = place / "report"
    is_ours = (place / PAGES[0]).exists() or not pictures.exists()
    if not is_ours and (not pictures.is_dir() or any(pictures.iterdir())):
        raise FileExistsError(f"{pictures} was not made by sngan-report; --output=DIR elsewhere")
    return place


def _facts(runs: Sequence[RunResult]) -> list[tuple[str, str]]:
    """Return what was trained on what and where, each once."""
    machines = (
        str(x["device_name"]) for run in runs for x in run.environments if "device_name" in x
    )
    return [
        *((name, _components(runs, node)) for name, node in COMPONENTS.items()),
        ("machines", "; ".join(dict.fromkeys(machines))),
        ("sngan of this report", version("sngan")),
    ]


def _components(runs: Sequence[RunResult], node: str) -> str:
    """Return the members of a group that runs use, in the order in which they come."""
    used = (
        str(value).split(".")[-2:][0]
        for run in runs
        for name, value in run.settings.items()
        if name.endswith("._target_") and name.startswith(f"{node}.")
    )
    return ", ".join(dict.fromkeys(used))


def _warning(runs: Sequence[RunResult]) -> str:
    """Return what a reader must know before all else."""
    going = [run.label for run in runs if run.state.startswith("running")]
    damaged = [run.label for run in runs if not run.settings]
    networks = dict.fromkeys(score.network for run in runs for score in run.scores)
    said = []
    if going:
        said.append(f"Training goes on in {', '.join(going)}: this is how far it was.")
    if damaged:
        said.append(f"The settings (config.yaml) of {', '.join(damaged)} cannot be read.")
    if len(networks) > 1:
        said.append(f"Scores of {' and of '.join(networks)} features do not compare.")
    return " ".join(said)
