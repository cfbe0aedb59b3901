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
    scale_after_experiment,
)
from sngan.settings import check_settings

if TYPE_CHECKING:
    from sngan.train import Result, Run

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
                _report_end(_train(config, folder), folder)
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


def _train(config: DictConfig, folder: Path) -> "Result":
    _check(config, HydraConfig.get().runtime.choices, HydraConfig.get().overrides.task)
    from sngan import build, checkpoint

    state = None
    if config.resume is not None:
        state = checkpoint.load(checkpoint.latest(Path(config.resume)))
    source = None if config.resume is None else Path(config.resume).resolve()
    if is_run(folder) and not (source and source.is_relative_to(folder.resolve())):
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
    if state is not None:
        config = _continued(config, build.trusted(state["config"]))
    return run_training(without_places(config), folder, state)


def run_training(config: DictConfig, folder: Path, state: dict[str, Any] | None) -> "Result":
    """Train as a configuration says; see `begin_training`."""
    from sngan.pack import run_alone

    return run_alone(begin_training(config, folder, state))


def begin_training(
    config: DictConfig, folder: Path, state: dict[str, Any] | None, label: str = ""
) -> "Run":
    """Build and train as a configuration says, an iteration at a time; see `sngan.train.train`.

    Args:
        config: Of one training, without ``resume`` and ``run_dir``.
        folder: The run's folder; exists.
        state: A checkpoint's content to continue from.
        label: Tells runs apart that share a terminal.

    Raises:
        ValueError: If a setting is not accepted.
        FileNotFoundError: If data are missing.
        DivergenceError: If a loss is not finite.
    """
    from sngan import build, record
    from sngan.device import resolve_device, set_float32_precision
    from sngan.random_state import seed_everything
    from sngan.train import train as run

    settings = build.plain(config)
    try:
        build.trusted(settings)
    except ValueError as error:
        logger.warning("%s: it will not be possible to resume this run", error)
    device = resolve_device(config.device)
    set_float32_precision(config.precision, device)
    seed_everything(config.seed)
    training = build.build_training(config, device)
    OmegaConf.save(config, folder / "config.yaml", resolve=True)
    record.add_environment(
        folder / "environment.json", 0 if state is None else state["step"], device
    )
    return (
        yield from run(
            iteration=training.iteration,
            schedule=training.schedule,
            monitors=training.monitors,
            splits=training.splits,
            folder=folder,
            config=settings,
            device=device,
            seed=config.seed,
            total_steps=config.total_steps,
            log_every=config.log_every,
            sample_every=config.sample_every,
            checkpoint_every=config.checkpoint_every,
            keep_checkpoints=config.keep_checkpoints,
            resume_from=state,
            label=label,
            cuda_graph=config.cuda_graph,
        )
    )


def without_places(config: DictConfig) -> DictConfig:
    """Return a composed configuration of a training without where it comes from and goes to."""
    kept = [str(key) for key in config if key not in ("hydra", "resume", "run_dir")]
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

        work_through(Path(config.folder), Path(config.jobs), config.job)

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
        print(f"continue with: {resume_command(folder)}", file=sys.stderr)
        raise SystemExit(EXIT_INTERRUPTED)
    print(f"finished {result.step} steps in {folder}")
    if result.best is not None:
        print(f"best: {result.best}: {command_line('sngan-eval', str(folder), '--best')}")
    print(f"score it with: {command_line('sngan-eval', str(result.checkpoint))}")
