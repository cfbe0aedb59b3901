"""From a composed configuration to objects; with `cli.py` the only file that knows Hydra."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from sngan.architecture.base import Generator
from sngan.batches import Batches
from sngan.dataset.base import Dataset
from sngan.evaluate import Protocol
from sngan.extractor.base import Extractor
from sngan.iteration import Iteration
from sngan.latents import Latents
from sngan.schedule import linear_decay

COMPONENTS = ("architecture", "loss", "regularizer", "dataset", "preprocessing")
TRUSTED_TARGET = re.compile(rf"sngan\.(?:{'|'.join(COMPONENTS)})\.[a-z0-9_]+\.[A-Z][A-Za-z0-9]*")
TRUSTED_OPTIMIZER = re.compile(r"torch\.optim\.[A-Z][A-Za-z0-9]*")


@dataclass(frozen=True)
class Training:
    """What a configuration says to train with."""

    iteration: Iteration
    schedulers: list[LRScheduler]


def build_training(config: DictConfig, device: torch.device) -> Training:
    """Build everything an iteration needs; networks first, pictures last, cheap errors first.

    Random numbers are drawn for the networks on the CPU, so that a seed means the same start
    everywhere.

    Raises:
        ValueError: If a setting is out of range.
        FileNotFoundError: If data are missing.
    """
    dataset: Dataset = _build(config.dataset)
    preprocessing = _build(config.preprocessing)
    loss = _build(config.loss)
    regularizer = _build(config.regularizer)
    generator = _build(config.architecture.generator)
    discriminator = _build(config.architecture.discriminator, wrap_layer=regularizer.wrap_layer)
    for network in (generator, discriminator):
        network.to(device, memory_format=_memory_format(config))
    decay = linear_decay(config.setting.lr_decay_start, config.total_steps)
    optimizers = [
        _build(config.optimizer, params=list(network.parameters()))
        for network in (generator, discriminator)
    ]
    iteration = Iteration(
        generator=generator,
        discriminator=discriminator,
        loss=loss,
        regularizer=regularizer,
        generator_optimizer=optimizers[0],
        discriminator_optimizer=optimizers[1],
        batches=Batches(dataset.load("train"), preprocessing, config.setting.batch_size, device),
        latents=Latents(generator.latent_size, device),
        n_dis=config.setting.n_dis,
        batch_size=config.setting.batch_size,
        generator_batch_size=config.setting.generator_batch_size,
        autocast_dtype=None if config.precision == "float32" else getattr(torch, config.precision),
    )
    return Training(iteration, [LambdaLR(optimizer, decay) for optimizer in optimizers])


def build_generator(config: DictConfig, state: Mapping[str, Any]) -> Generator:
    """Build the generator of a checkpoint on the CPU, with the configuration it carries.

    Raises:
        ValueError: If configuration and weights do not fit each other.
    """
    generator: Generator = _build(config.architecture.generator)
    try:
        generator.load_state_dict(state["iteration"]["generator"])
    except RuntimeError as error:
        raise ValueError(
            f"the checkpoint's weights do not fit its configuration: {error}"
        ) from error
    return generator


def build_dataset(config: DictConfig) -> Dataset:
    """Build the ``dataset`` node."""
    return _build(config.dataset)


def build_extractor(config: DictConfig) -> Extractor:
    """Build the ``extractor`` node."""
    return _build(config.extractor)


def build_protocols(config: DictConfig) -> list[Protocol]:
    """Build every chosen member of the ``protocol`` group.

    Raises:
        ValueError: If a setting is unknown, or its value is not accepted.
    """
    try:
        return [Protocol(name=str(name), **node) for name, node in config.protocol.items()]
    except TypeError as error:  # A key that Protocol does not know, or a value it cannot compare.
        raise ValueError(f"protocol: {error}") from error


def plain(config: DictConfig) -> dict[str, Any]:
    """Return a configuration as plain resolved values."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def trusted(config: dict[str, Any]) -> DictConfig:
    """Accept a configuration that came out of a checkpoint, which may be a stranger's.

    Checkpoints hold resolved values, so an interpolation, which could run a resolver, is as
    suspicious as a foreign target.

    Raises:
        ValueError: If it names a target that is not one of our components, or holds an
            interpolation.
    """
    for text in _strings(config):
        if "${" in text:
            raise ValueError(f"the checkpoint's configuration holds an interpolation: {text!r}")
    for target in _targets(config):
        if not _is_component(target):
            raise ValueError(
                f"the checkpoint's configuration names {target!r}, which is not of sngan"
            )
    return OmegaConf.create(config)


def _is_component(target: object) -> bool:
    """Tell whether a target is an optimizer, or a class of the very module its path names."""
    if not isinstance(target, str):
        return False
    if TRUSTED_OPTIMIZER.fullmatch(target):
        return True
    if not TRUSTED_TARGET.fullmatch(target):
        return False
    module = target.rpartition(".")[0]
    try:
        return get_object(target).__module__ == module
    except (ImportError, ValueError):
        return False


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for pair in node.items():
            yield from _strings(list(pair))
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _targets(node: object) -> Iterator[object]:
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield node["_target_"]
        for value in node.values():
            yield from _targets(value)
    elif isinstance(node, list):
        for value in node:
            yield from _targets(value)


def _build(node: DictConfig, **arguments: object) -> Any:  # noqa: ANN401 - the caller's annotation says what.
    """Instantiate a node; our own errors come out as they were raised."""
    try:
        return instantiate(node, _convert_="all", **arguments)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ValueError | FileNotFoundError | ModuleNotFoundError):
            raise cause from None
        raise ValueError(str(error)) from error


def _memory_format(config: DictConfig) -> torch.memory_format:
    return torch.channels_last if config.channels_last else torch.contiguous_format
