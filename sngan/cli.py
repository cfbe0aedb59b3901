"""The commands. Heavy imports stay inside functions, so that ``--help`` and errors are quick."""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan import checkpoint
from sngan.console import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    command_line,
    errors_as_messages,
    is_run,
    no_empty_folder,
    resume_command,
    run_folder,
    runs_within,
    scale_after_experiment,
)
from sngan.settings import check_settings

if TYPE_CHECKING:
    from sngan.run import Job
    from sngan.train import Result

logger = logging.getLogger(__name__)

CONFIG_DIR = next(
    folder
    for folder in (Path(__file__).parent / "configs", Path(__file__).parents[1] / "configs")
    if folder.is_dir()  # The first is there in an installed wheel, the second in a checkout.
)
RESUMABLE = (
    "total_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "keep_checkpoints",
    "device",
    "dataset.root",
    "dataset.test_root",
    "dataset.cache",
    "dataset.verify",
)
"""Settings that may change when a run is continued; none changes what has been computed."""

MENDABLE = (HydraException, OmegaConfBaseException)


OmegaConf.register_new_resolver("sngan.run_dir", run_folder, use_cache=True, replace=True)


def train() -> None:
    """Run ``sngan-train``."""
    sys.argv[1:] = scale_after_experiment(sys.argv[1:])
    outcomes: list[int] = []  # Exit codes of the jobs: one, or several of a sweep.

    @hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name="train")
    def job(config: DictConfig) -> None:
        outcomes.append(EXIT_FAILED)
        folder = Path(HydraConfig.get().runtime.output_dir)
        try:
            with errors_as_messages(*MENDABLE), no_empty_folder(folder):
                _train(config, folder)
            outcomes[-1] = 0
        except SystemExit as end:
            outcomes[-1] = int(end.code or 0)
            if HydraConfig.get().mode == RunMode.RUN or end.code == EXIT_INTERRUPTED:
                raise  # In a sweep the other jobs go on: a diverged one is a result.

    try:
        job()
    except SystemExit as end:
        # Hydra explains a wrong group or key well, but exits with the code of a crash.
        raise SystemExit(end.code if outcomes or not end.code else EXIT_USAGE) from None
    if any(outcomes):
        raise SystemExit(max(outcomes))


def _train(config: DictConfig, folder: Path) -> None:
    _check(config, HydraConfig.get().runtime.choices, HydraConfig.get().overrides.task)
    jobs = _begun(config, folder) if config.resume is not None else _new(config, folder)
    from sngan import run

    ends = dict(zip(jobs, run.run(jobs), strict=True))
    finished = {job: end for job, end in ends.items() if not isinstance(end, Exception)}
    for job, end in finished.items():
        _report_end(end, job.folder)
    failed = {job: end for job, end in ends.items() if isinstance(end, Exception)}
    for job, error in [*failed.items()][1:]:
        print(f"{job.label}: {error}", file=sys.stderr)
    for error in failed.values():
        raise error
    if any(end.interrupted for end in finished.values()):
        print(f"continue with: {resume_command(folder)}", file=sys.stderr)
        raise SystemExit(EXIT_INTERRUPTED)


def _new(config: DictConfig, folder: Path) -> "list[Job]":
    """Return the trainings of a command: one, or with ``pack`` one for each of several seeds."""
    if is_run(folder) or runs_within(folder):
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
    from sngan.run import Job

    settings = _plain(without_places(config))
    if config.pack == 1:
        return [Job(settings, folder)]
    labels = {f"seed_{seed}": seed for seed in range(config.seed, config.seed + config.pack)}
    return [
        Job({**settings, "seed": seed}, folder / label, label=label)
        for label, seed in labels.items()
    ]


def _begun(config: DictConfig, folder: Path) -> "list[Job]":
    """Return the trainings that a command continues: one, or all that were packed together."""
    source = Path(config.resume)
    within = runs_within(source)
    lost = [path for path in within if not any(path.glob("checkpoints/*.pt"))]
    for path in lost if len(lost) < len(within) else []:
        logger.warning("%s is left out: it has no checkpoint", path)
        within.remove(path)
    newest = {path: checkpoint.latest(path) for path in within or [source]}
    if is_run(folder) and not source.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
    from sngan import build
    from sngan.run import Job

    jobs = []
    for path, file in newest.items():
        state = checkpoint.load(file)
        if "cuda_graph" not in state["config"]:
            raise ValueError(f"{file} is of an older version: it can be scored, not continued")
        settings = _plain(_continued(config, build.trusted(state["config"])))
        place = folder / path.name if within else folder
        jobs.append(Job(settings, place, state, label=path.name if within else ""))
    return jobs


def without_places(config: DictConfig) -> DictConfig:
    """Return a composed configuration of a training without where it comes from and goes to."""
    kept = [str(key) for key in config if key not in ("hydra", "resume", "run_dir", "pack")]
    copy = OmegaConf.masked_copy(config, kept)
    OmegaConf.set_struct(copy, False)
    return copy


def launch(words: Sequence[str]) -> None:
    """Run jobs of ``sngan-reproduce`` through Hydra, whose launchers spread them.

    Args:
        words: Of Hydra's command line, among them ``job=0,1,2``.
    """
    sys.argv[1:] = words

    @hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name="reproduce")
    def job(config: DictConfig) -> None:
        from sngan.reproduce.work import work_through

        work_through(Path(config.folder), Path(config.jobs), config.job, config.pack)

    job()


def compose(name: str, overrides: Sequence[str], config_dir: Path | None) -> DictConfig:
    """Compose a configuration outside of `hydra.main`.

    Args:
        name: Of the primary file.
        overrides: Words of the command line.
        config_dir: A folder with config groups of the user's own.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    own = []
    if config_dir is not None:
        if not config_dir.is_dir():
            raise FileNotFoundError(f"--config-dir must be an existing folder, got {config_dir}")
        own = [f"hydra.searchpath=[file://{config_dir.resolve()}]"]
    with hydra.initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        return hydra.compose(name, overrides=[*own, *overrides])


def compose_plain(name: str, overrides: Sequence[str]) -> dict[str, Any]:
    """Compose a configuration to plain resolved values; see `compose`."""
    return _plain(compose(name, overrides, None))


def compose_trainings(
    several: Sequence[Sequence[str]],
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Compose trainings as ``sngan-train`` would, each in a fifth of a second.

    Args:
        several: Words of the command line of each.

    Yields:
        Plain settings, and the members chosen by group.

    Raises:
        ValueError: If a setting is not accepted.
    """
    with hydra.initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        for words in several:
            config = hydra.compose(
                "train", scale_after_experiment([*words]), return_hydra_config=True
            )
            choices = dict(config.hydra.runtime.choices)
            training = without_places(config)
            _check(training, choices, words)
            yield _plain(training), choices


def _plain(config: DictConfig) -> dict[str, Any]:
    values = OmegaConf.to_container(config, resolve=True)
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()}


def _continued(config: DictConfig, saved: DictConfig) -> DictConfig:
    """Return a checkpoint's configuration with the few settings that a command may change."""
    for override in HydraConfig.get().overrides.task:
        key = override.lstrip("+~").partition("=")[0]
        if key == "total_steps" and saved.setting.lr_decay_start is not None:
            raise ValueError(
                f"{override} would change the learning rates of the decay already under way"
            )
        if key in RESUMABLE:
            OmegaConf.update(saved, key, OmegaConf.select(config, key))
        elif key not in ("resume", "run_dir"):
            raise ValueError(
                f"resume continues a run as it was configured: {override} cannot be changed "
                f"(accepted: {', '.join(RESUMABLE)})"
            )
    return saved


def _check(config: DictConfig, choices: Mapping[str, Any], words: Sequence[str]) -> None:
    """Check what can be checked without PyTorch."""
    for key in OmegaConf.missing_keys(config):
        raise ValueError(f"{key} must be given: {key}=...")
    added = [word.lstrip("+").partition("=")[0] for word in words if word.startswith("+")]
    check_settings(config, [key for key in added if key not in choices])


def _report_end(result: "Result", folder: Path) -> None:
    if result.interrupted:
        print(f"interrupted at step {result.step}, saved {result.checkpoint}", file=sys.stderr)
        return
    print(f"finished {result.step} steps in {folder}")
    if result.best is not None:
        print(f"best: {result.best}: {command_line('sngan-eval', str(folder), '--best')}")
    print(f"score it with: {command_line('sngan-eval', str(result.checkpoint))}")
