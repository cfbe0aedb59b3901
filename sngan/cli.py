"""The commands. Heavy imports stay inside functions, so that ``--help`` and errors are quick."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.console import (
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    errors_as_messages,
    no_empty_folder,
    resume_command,
    run_folder,
    scale_after_experiment,
)
from sngan.settings import check_settings

if TYPE_CHECKING:
    from sngan.architecture.base import Generator
    from sngan.train import Result

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
)
"""Settings that may change when a run is continued; none changes what has been computed."""

MENDABLE = (HydraException, OmegaConfBaseException)


def train() -> None:
    """Run ``sngan-train``."""
    OmegaConf.register_new_resolver("sngan.run_dir", run_folder, use_cache=True)
    sys.argv[1:] = scale_after_experiment(sys.argv[1:])
    started = False

    @hydra.main(version_base="1.3", config_path=str(CONFIG_DIR), config_name="train")
    def job(config: DictConfig) -> None:
        nonlocal started
        started = True
        folder = Path(HydraConfig.get().runtime.output_dir)
        with errors_as_messages(*MENDABLE), no_empty_folder(folder):
            _report_end(_train(config, folder), folder)

    try:
        job()
    except SystemExit as end:
        # Hydra explains a wrong group or key well, but exits with the code of a crash.
        raise SystemExit(end.code if started or not end.code else EXIT_USAGE) from None


def evaluate() -> None:
    """Run ``sngan-eval``."""
    parser = argparse.ArgumentParser(
        prog="sngan-eval",
        description="Score checkpoints: Inception score and FID, or another extractor's scores.",
        epilog="examples: sngan-eval RUN_FOLDER | "
        "sngan-eval step_0010000.pt extractor=efficientnet_lite0 protocol=quick | "
        "sngan-eval RUN_FOLDER dataset.root=DIR. "
        f"All settings with their defaults: {CONFIG_DIR / 'evaluate.yaml'}",
    )
    parser.add_argument(
        "arguments",
        nargs="+",
        metavar="CHECKPOINT | KEY=VALUE",
        help="checkpoints, or run folders, whose newest one is meant; and settings",
    )
    parser.add_argument("--config-dir", type=Path, help="a folder with config groups of your own")
    options = parser.parse_intermixed_args()
    overrides = [word for word in options.arguments if "=" in word and not Path(word).exists()]
    paths = [Path(word) for word in options.arguments if word not in overrides]
    if not paths:
        parser.error("name at least one checkpoint or run folder")
    of_dataset = [word for word in overrides if word.startswith("dataset.")]
    others = [word for word in overrides if word not in of_dataset]
    with errors_as_messages(*MENDABLE):
        _evaluate(paths, _compose(others, options.config_dir), of_dataset)


def _train(config: DictConfig, folder: Path) -> "Result":
    _check(config)
    from sngan import build, checkpoint, record
    from sngan.device import resolve_device, use_exact_float32
    from sngan.random_state import seed_everything
    from sngan.train import train as run

    state = None
    if config.resume is not None:
        state = checkpoint.load(checkpoint.latest(Path(config.resume)))
        config = _continued(config, build.trusted(state["config"]))
    elif (folder / "config.yaml").exists():
        raise ValueError(f"run_dir={folder} holds a run already; continue it: resume={folder}")
    config = OmegaConf.create({k: v for k, v in config.items() if k not in ("resume", "run_dir")})
    device = resolve_device(config.device)
    use_exact_float32()
    seed_everything(config.seed)
    training = build.build_training(config, device)
    OmegaConf.save(config, folder / "config.yaml", resolve=True)
    record.write_environment(folder / "environment.json", device)
    return run(
        iteration=training.iteration,
        schedulers=training.schedulers,
        folder=folder,
        config=build.plain(config),
        device=device,
        seed=config.seed,
        total_steps=config.total_steps,
        log_every=config.log_every,
        sample_every=config.sample_every,
        checkpoint_every=config.checkpoint_every,
        keep_checkpoints=config.keep_checkpoints,
        resume_from=state,
    )


def _evaluate(paths: Sequence[Path], config: DictConfig, of_dataset: Sequence[str]) -> None:
    from sngan import build, checkpoint
    from sngan.device import resolve_device, use_exact_float32
    from sngan.scoring import Scorer

    trained = [_read(checkpoint.latest(path), of_dataset) for path in paths]
    device = resolve_device(config.device)
    use_exact_float32()
    extractor = build.build_extractor(config)
    extractor.to(device)
    scorer = Scorer(
        extractor, build.build_protocols(config), config.seed, config.batch_size, device
    )
    for path, step, generator, settings in trained:
        dataset = build.build_dataset(settings)
        sheet = scorer.score(generator.to(device), dataset, build.plain(settings.dataset))
        print(sheet.summary(path, step))
        print(f"  written to {sheet.write(path, step)}")


def _read(path: Path, of_dataset: Sequence[str]) -> "tuple[Path, int, Generator, DictConfig]":
    """Read what scoring needs of a checkpoint, and check that its data set can be built."""
    from sngan import build, checkpoint

    state = checkpoint.load(path)
    settings = build.trusted(state["config"])
    settings.merge_with_dotlist(list(of_dataset))
    build.build_dataset(settings)
    return path, state["step"], build.build_generator(settings, state), settings


def _compose(overrides: Sequence[str], config_dir: Path | None) -> DictConfig:
    own = []
    if config_dir is not None:
        if not config_dir.is_dir():
            raise FileNotFoundError(f"--config-dir must be an existing folder, got {config_dir}")
        own = [f"hydra.searchpath=[file://{config_dir.resolve()}]"]
    with hydra.initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        return hydra.compose("evaluate", overrides=[*own, *overrides])


def _continued(config: DictConfig, saved: DictConfig) -> DictConfig:
    """Return a checkpoint's configuration with the few settings that a command may change."""
    for override in HydraConfig.get().overrides.task:
        key = override.lstrip("+~").partition("=")[0]
        if key in RESUMABLE:
            OmegaConf.update(saved, key, OmegaConf.select(config, key))
        elif key not in ("resume", "run_dir"):
            raise ValueError(
                f"resume continues a run as it was configured: {override} cannot be changed "
                f"(accepted: {', '.join(RESUMABLE)})"
            )
    return saved


def _check(config: DictConfig) -> None:
    """Check what can be checked without PyTorch."""
    for key in OmegaConf.missing_keys(config):
        raise ValueError(f"{key} must be given: {key}=...")
    choices = HydraConfig.get().runtime.choices
    words = HydraConfig.get().overrides.task
    added = [word.lstrip("+").partition("=")[0] for word in words if word.startswith("+")]
    check_settings(config, [key for key in added if key not in choices])


def _report_end(result: "Result", folder: Path) -> None:
    if result.interrupted:
        print(f"interrupted at step {result.step}, saved {result.checkpoint}", file=sys.stderr)
        print(f"continue with: {resume_command(folder)}", file=sys.stderr)
        raise SystemExit(EXIT_INTERRUPTED)
    print(f"finished {result.step} steps in {folder}")
    print(f"score it with: sngan-eval {result.checkpoint}")
