"""A training, built from its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import torch

from sngan.architecture.base import Discriminator, Generator
from sngan.architecture.parts.form import bring_into_form
from sngan.architecture.parts.heads import Conditioning
from sngan.assembly.compatibility import (
    check_classes,
    check_networks,
    check_pictures,
    check_same_classes,
)
from sngan.assembly.component import component
from sngan.assembly.networks import build_regularizer
from sngan.assembly.optimization import build_descent, build_optimizer, build_schedule
from sngan.augmentation.base import Augmentation
from sngan.average.base import Average
from sngan.dataset.base import Dataset, Pictures, Split
from sngan.logger.base import Logger
from sngan.loss.base import Loss
from sngan.monitor.base import Monitor
from sngan.regularizer.base import Regularizer
from sngan.run_folder.identity import digest
from sngan.sampling.latents import Latents
from sngan.step.iteration import Iteration, check_batch_sizes
from sngan.step.passes import passes_for
from sngan.step.splits import Splits
from sngan.system.random_state import kept_random_state
from sngan.system.require import within
from sngan.training.schedule import LearningRates

Loaded = dict[str, dict[Split, Pictures]]
"""Pictures on a device by a digest of their data set's settings, and by split."""


@dataclass(frozen=True)
class Training:
    """What a configuration says to train with."""

    iteration: Iteration
    schedule: LearningRates
    monitors: list[Monitor]
    splits: Splits
    loggers: dict[str, Logger]
    average: Average | None = None


def build_training(
    settings: Mapping[str, Any], device: torch.device, loaded: Loaded | None = None
) -> Training:
    """Build everything an iteration needs; networks first, pictures last, cheap errors first.

    Random numbers are drawn for the networks on the CPU, so that a seed means the same start
    everywhere.

    Args:
        settings: Of one training, resolved.
        device: Where it computes.
        loaded: Pictures that several trainings on one device share; a new data set is added.

    Raises:
        ValueError: If a setting is out of range.
        FileNotFoundError: If data are missing.
    """
    recipe = settings["setting"]
    loggers = _loggers(settings, device)
    dataset: Dataset = component(settings["dataset"], "dataset")
    preprocessing = component(settings["preprocessing"], "preprocessing")
    loss: Loss = component(settings["loss"], "loss")
    with within("setting"):
        check_batch_sizes(loss, recipe["batch_size"], recipe["generator_batch_size"])
    augmentation = _augmentation(settings, device)
    regularizer = build_regularizer(settings)
    _check_conditioned(settings["architecture"], dataset)
    generator, discriminator = _networks(settings, regularizer, device)
    check_networks(generator, discriminator, loss, dataset)
    optimizers = [
        build_optimizer(settings, generator, "generator"),
        build_optimizer(settings, discriminator, "discriminator"),
    ]
    schedule = LearningRates(optimizers, build_schedule(settings), settings["total_steps"], device)
    average = _average(settings, generator, device)
    monitors = _monitors(settings, device, average)
    pictures = ({} if loaded is None else loaded).setdefault(digest(settings["dataset"]), {})
    splits = Splits(dataset, preprocessing, recipe["batch_size"], device, pictures)
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
        n_dis=recipe["n_dis"],
        batch_size=recipe["batch_size"],
        generator_batch_size=recipe["generator_batch_size"],
        autocast_dtype=torch.bfloat16 if settings["precision"] == "bfloat16" else None,
        passes=passes_for(discriminator, settings["joint_pass"], settings["single_sigma"]),
        fakes_together=recipe["n_dis"] if settings["one_generator_pass"] else 1,
        descent=build_descent(settings),
        augmentation=augmentation,
    )
    return Training(iteration, schedule, monitors, splits, loggers, average)


def _check_conditioned(architecture: Mapping[str, Any], dataset: Dataset) -> None:
    """Raise if a conditional network is not told the number of classes; say how many there are."""
    wanted = architecture.get("conditioning")
    is_conditional = wanted != "none" and wanted in get_args(Conditioning)
    if is_conditional and architecture.get("n_classes", 0) is None:
        with within("dataset"):
            count = len(dataset.load("train").class_names)
        raise ValueError(
            "a conditional network must know how many classes there are: "
            f"dataset.n_classes={count}, or architecture.n_classes={count}"
        )


def _networks(
    settings: Mapping[str, Any], regularizer: Regularizer, device: torch.device
) -> tuple[Generator, Discriminator]:
    """Return generator and discriminator on the device, in the form in which they compute."""
    if settings["compile"] and regularizer.differentiates_twice:
        raise ValueError(
            "compile=true cannot be with a gradient penalty: PyTorch's compiler differentiates once"
        )
    architecture = settings["architecture"]
    generator: Generator = component(architecture["generator"], "architecture.generator")
    discriminator: Discriminator = component(
        architecture["discriminator"],
        "architecture.discriminator",
        wrap_layer=regularizer.wrap_layer,
    )
    for network in (generator, discriminator):
        bring_into_form(
            network,
            device,
            channels_last=settings["channels_last"],
            merged_resampling=settings["merged_resampling"],
            compiled=settings["compile"],
        )
    return generator, discriminator


def _augmentation(settings: Mapping[str, Any], device: torch.device) -> Augmentation | None:
    """Return what changes the pictures that D sees, if anything does."""
    node = settings.get("augmentation")
    if node is None:
        return None
    with kept_random_state(device):
        augmentation: Augmentation = component(node, "augmentation")
    return augmentation.to(device)


def _average(
    settings: Mapping[str, Any], generator: Generator, device: torch.device
) -> Average | None:
    """Return the average of G's weights, if one is wanted."""
    node = settings.get("average")
    if node is None:
        return None
    with kept_random_state(device):
        average: Average = component(node, "average", generator=generator)
    return average


def _monitors(
    settings: Mapping[str, Any], device: torch.device, average: Average | None
) -> list[Monitor]:
    """Return what watches; building it must not change what is watched."""
    with kept_random_state(device):
        monitors: list[Monitor] = [
            component(node, f"monitor.{name}")
            for name, node in (settings.get("monitor") or {}).items()
        ]
    for monitor in monitors:
        monitor.average = average
    return monitors


def _loggers(settings: Mapping[str, Any], device: torch.device) -> dict[str, Logger]:
    """Return what passes on numbers and pictures, by name; a missing package shows first."""
    with kept_random_state(device):
        return {
            name: component(node, f"logger.{name}")
            for name, node in (settings.get("logger") or {}).items()
        }


def _check_splits(splits: Splits, generator: Generator, monitors: Sequence[Monitor]) -> None:
    """Load the pictures, and raise if those that monitors will ask for are not there."""
    with within("dataset"):
        pictures = splits.pictures("train")
    check_pictures(pictures, splits.dataset)
    names = pictures.class_names
    check_classes(generator, names)
    for monitor in monitors:
        monitor.check(generator, splits)
        for split in monitor.uses:
            with within("dataset"):
                there = splits.pictures(split).class_names
            check_same_classes(generator, names, there)
            with kept_random_state(splits.device):
                splits(split)
