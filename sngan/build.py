"""From a composed configuration to objects; with `cli.py` the only file that knows Hydra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from hydra.errors import HydraException, InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import nn
from torch.optim import Optimizer
from yaml import YAMLError

from sngan.architecture.base import Discriminator, Generator
from sngan.architecture.form import settle
from sngan.compatibility import check_classes, check_networks, check_same_classes
from sngan.dataset.base import Dataset, Pictures, Split
from sngan.extractor.base import Extractor
from sngan.iteration import Iteration
from sngan.latents import Latents
from sngan.loss.base import Loss
from sngan.metric.base import Metric
from sngan.monitor.base import Monitor
from sngan.passes import judge_of
from sngan.random_state import kept_random_state
from sngan.regularizer.base import Regularizer
from sngan.regularizer.combined import Combined
from sngan.schedule import LinearDecay
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.scorer import Scorer
from sngan.scoring.store import ReferenceStore
from sngan.splits import Splits
from sngan.trust import COMPONENTS, check_trusted
from sngan.workers import Workers

MENDABLE = (HydraException, OmegaConfBaseException)
"""Errors of the configuration libraries that a user can mend."""


Loaded = dict[str, dict[Split, Pictures]]
"""Pictures on a device by the description of their data set, and by split."""


@dataclass(frozen=True)
class Training:
    """What a configuration says to train with."""

    iteration: Iteration
    schedule: LinearDecay
    monitors: list[Monitor]
    splits: Splits


def build_training(
    config: DictConfig, device: torch.device, loaded: Loaded | None = None
) -> Training:
    """Build everything an iteration needs; networks first, pictures last, cheap errors first.

    Random numbers are drawn for the networks on the CPU, so that a seed means the same start
    everywhere.

    Args:
        config: Of one training.
        device: Where it computes.
        loaded: Pictures that several trainings on one device share; a new data set is added.

    Raises:
        ValueError: If a setting is out of range.
        FileNotFoundError: If data are missing.
    """
    dataset: Dataset = _build(config.dataset)
    preprocessing = _build(config.preprocessing)
    loss: Loss = _build(config.loss)
    regularizer = build_regularizer(config)
    if config.compile and regularizer.differentiates_twice:
        raise ValueError(
            "compile=true cannot be with a gradient penalty: PyTorch's compiler differentiates once"
        )
    generator: Generator = _build(config.architecture.generator)
    discriminator: Discriminator = _build(
        config.architecture.discriminator, wrap_layer=regularizer.wrap_layer
    )
    check_networks(generator, discriminator, loss, dataset)
    for network in (generator, discriminator):
        settle(network, device, config.channels_last, config.merged_resampling, config.compile)
    optimizers: list[Optimizer] = [
        _build(config.optimizer, params=list(network.parameters()))
        for network in (generator, discriminator)
    ]
    schedule = LinearDecay(optimizers, config.setting.lr_decay_start, config.total_steps, device)
    with kept_random_state(device):  # Watching must not change what is watched.
        monitors: list[Monitor] = [_build(node) for node in config.get("monitor", {}).values()]
    pictures = ({} if loaded is None else loaded).setdefault(OmegaConf.to_yaml(config.dataset), {})
    splits = Splits(dataset, preprocessing, config.setting.batch_size, device, pictures)
    _check_splits(splits, generator, monitors)
    iteration = Iteration(
        generator=generator,
        discriminator=discriminator,
        loss=loss,
        regularizer=regularizer,
        generator_optimizer=optimizers[0],
        discriminator_optimizer=optimizers[1],
        batches=splits("train"),
        latents=Latents(generator, device),
        n_dis=config.setting.n_dis,
        batch_size=config.setting.batch_size,
        generator_batch_size=config.setting.generator_batch_size,
        autocast_dtype=torch.bfloat16 if config.precision == "bfloat16" else None,
        judge=judge_of(discriminator, config.joint_pass, config.single_sigma),
        fakes_together=config.setting.n_dis if config.one_generator_pass else 1,
    )
    return Training(iteration, schedule, monitors, splits)


def build_generator(config: DictConfig, state: Mapping[str, Any]) -> Generator:
    """Build the generator of a checkpoint on the CPU, with the configuration it carries.

    Raises:
        ValueError: If configuration and weights do not fit each other.
    """
    generator: Generator = _build(config.architecture.generator)
    _load_weights(generator, state["iteration"]["generator"])
    return generator


def build_discriminator(config: DictConfig, state: Mapping[str, Any]) -> Discriminator:
    """Build the discriminator of a checkpoint on the CPU, as its regularizer made it.

    Raises:
        ValueError: If configuration and weights do not fit each other.
    """
    wrap_layer = build_regularizer(config).wrap_layer
    discriminator: Discriminator = _build(config.architecture.discriminator, wrap_layer=wrap_layer)
    _load_weights(discriminator, state["iteration"]["discriminator"])
    return discriminator


def build_regularizer(config: DictConfig) -> Regularizer:
    """Build every chosen member of the ``regularizer`` group.

    Raises:
        ValueError: If there is none, or a setting belongs to one that is not chosen.
    """
    chosen = config.get("regularizer") or {}
    if not chosen:
        raise ValueError("regularizer must name at least one, got []; regularizer=none is for none")
    for name, node in chosen.items():
        if "_target_" not in node:
            raise ValueError(
                f"regularizer.{name} is set, but regularizer={name} is not among those chosen"
            )
    return Combined([_build(node) for node in chosen.values()])


def build_dataset(config: DictConfig) -> Dataset:
    """Build the ``dataset`` node."""
    return _build(config.dataset)


def build_scorer(config: DictConfig, device: torch.device, workers: Workers) -> Scorer:
    """Build what ``sngan-eval`` scores with; cheap errors first.

    Raises:
        ValueError: If a setting is not accepted.
        FileNotFoundError: If weights are missing.
    """
    protocols = build_protocols(config)
    metrics: dict[str, Metric] = {
        str(name): _build(node) for name, node in (config.get("metric") or {}).items()
    }
    extractor: Extractor = _build(config.extractor)
    extractor.to(device)
    describe = FeaturePass(extractor, device, config.batch_size, workers)
    folder = None if config.cache is None else Path(config.cache).expanduser()
    return Scorer(describe, protocols, metrics, ReferenceStore(folder, describe))


def build_protocols(config: DictConfig) -> list[Protocol]:
    """Build every chosen member of the ``protocol`` group.

    Raises:
        ValueError: If a setting is unknown, or its value is not accepted.
    """
    try:
        protocols = [Protocol(**plain(node)) for node in config.protocol.values()]
    except TypeError as error:  # A key that Protocol does not know.
        raise ValueError(f"protocol: {error}") from error
    names = [protocol.name for protocol in protocols]
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"protocol must name some, each once, got {names}")
    return protocols


def plain(config: DictConfig) -> dict[str, Any]:
    """Return a configuration as plain resolved values."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def as_config(settings: dict[str, Any]) -> DictConfig:
    """Return plain values as a configuration, whatever they name; `trusted` is for strangers'."""
    return OmegaConf.create(settings)


def save(config: DictConfig, path: Path) -> None:
    """Write a configuration as YAML."""
    OmegaConf.save(config, path, resolve=True)


def override(config: DictConfig, words: Sequence[str]) -> None:
    """Change settings in place.

    Args:
        config: What to change.
        words: ``KEY=VALUE``, with or without a plus before the key.

    Raises:
        ValueError: If a word cannot be read.
    """
    try:
        config.merge_with_dotlist([word.lstrip("+") for word in words])
    except (YAMLError, OmegaConfBaseException) as error:
        raise ValueError(f"cannot read {' '.join(words)}: {error}") from error


def trusted_parts(state: Mapping[str, Any], *groups: str) -> DictConfig:
    """Return some groups of the configuration in a checkpoint.

    Raises:
        ValueError: If a group is missing, or `sngan.trust.check_trusted` finds something.
    """
    config = state["config"]
    for group in groups:
        if not isinstance(config.get(group), dict):
            raise ValueError(f"the checkpoint's configuration lacks {group}")
    return trusted({group: config[group] for group in groups})


def trusted(config: dict[str, Any], *groups: str) -> DictConfig:
    """Accept a configuration that came out of a checkpoint or another file.

    Args:
        config: Plain values.
        groups: Of which it may name members besides those that a checkpoint may.

    Raises:
        ValueError: See `sngan.trust.check_trusted`.
    """
    check_trusted(config, (*COMPONENTS, *groups))
    return OmegaConf.create(config)


def _build(node: DictConfig, **arguments: object) -> Any:  # noqa: ANN401 - the caller's annotation says what.
    """Instantiate a node; our own errors come out as they were raised."""
    if "_target_" not in node:
        raise ValueError(f"a component must name its _target_, got {node}")
    try:
        return instantiate(node, _convert_="all", **arguments)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ValueError | FileNotFoundError | ModuleNotFoundError):
            raise cause from None
        raise ValueError(str(error)) from error


def _check_splits(splits: Splits, generator: Generator, monitors: Sequence[Monitor]) -> None:
    """Load the pictures, and raise if those that monitors will ask for are not there."""
    names = splits.pictures("train").class_names
    check_classes(generator, names)
    for monitor in monitors:
        monitor.check(generator, splits)
        for split in monitor.uses:
            check_same_classes(generator, names, splits.pictures(split).class_names)
            with kept_random_state(splits.device):
                splits(split)


def _load_weights(network: nn.Module, weights: Mapping[str, Any]) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"the checkpoint's weights do not fit its configuration: {error}"
        ) from error
