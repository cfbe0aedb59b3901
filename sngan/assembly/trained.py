"""What checkpoints hold, for scores and for analyses; nothing is built that is not needed."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from torch import Tensor

from sngan.analysis.layers import Analysis
from sngan.architecture.base import Discriminator, weighted_layers
from sngan.assembly.component import component
from sngan.assembly.compose import plain
from sngan.assembly.consent import kept_consent
from sngan.assembly.networks import build_discriminator, build_generator
from sngan.assembly.paths import located, with_absolute_path
from sngan.assembly.places import require_places, with_own_places
from sngan.assembly.trust import check_plain, check_trusted
from sngan.assembly.words import change
from sngan.dataset.base import Dataset, Pictures, Split
from sngan.preprocessing.symmetric import Symmetric
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import REMEDY, choose, latest
from sngan.run_folder.identity import kind_of_training
from sngan.run_folder.weights import Weights, choose_weights, title
from sngan.sampling.samples import generate
from sngan.scoring.scorer import RealPictures
from sngan.scoring.source import shuffled
from sngan.scoring.subjects import Trained
from sngan.system.declared import Seed, check
from sngan.system.require import within


def read_trained(
    path: Path,
    of_dataset: Sequence[str] | None,
    real: RealPictures | None,
    best: bool,
    trust: Collection[str] = (),
    if_damaged: str = "refuse",
    weights: Weights | None = None,
) -> Trained:
    """Read the generator of a checkpoint; whatever is wrong with it shows here.

    Args:
        path: A checkpoint, or a run folder.
        of_dataset: Changes to its data set's settings, ``dataset.KEY=VALUE``; None if it is
            compared with something else, so that its data set is not built.
        real: Pictures to compare with instead of that data set.
        best: Of a run folder, take the best checkpoint instead of the newest.
        trust: Packages besides sngan whose components it may name, besides those that its folder's
            owner has consented to.
        if_damaged: See `sngan.run_folder.choice.latest`.
        weights: See `sngan.run_folder.weights.choose_weights`.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be used.
    """
    choice = choose(path, best=best, if_damaged=if_damaged)
    state = checkpoint.load(choice.path, "score", "" if best else REMEDY)
    settings, trust = state["config"], (*trust, *kept_consent(choice.path))
    which = choose_weights(state, weights, choice.path)
    parts = trusted_groups(settings, trust, "architecture.generator")
    generator = build_generator(parts, state, which)
    check("seed", Seed, settings.get("seed"))
    about = settings.get("dataset")
    if real is None and of_dataset is not None:
        about = _own_dataset(choice.path, settings, trust, of_dataset)
        real = shared_pictures(about)
    compared = about if isinstance(about, dict) else {}
    return Trained(
        name=title(choice.path, state["step"], which, settings),
        path=choice.path,
        remark=choice.remark,
        step=state["step"],
        weights=which,
        seed=settings["seed"],
        kind=kind_of_training({**settings, "dataset": compared}, "best" if best else state["step"]),
        generator=generator,
        class_names=tuple(state.get("class_names", ())),
        real=real,
    )


def read_analysis(
    path: Path, trust: Collection[str] = (), pictures: int = 0, of_dataset: Sequence[str] = ()
) -> Analysis:
    """Analyze the discriminator of a checkpoint, or of the newest one of a run folder.

    Args:
        path: A checkpoint, or a run folder.
        trust: See `read_trained`.
        pictures: How many of the training pictures to look for the steepest place from, and half
            as many generated ones; an even number.
        of_dataset: Changes to the settings of the data set, ``dataset.KEY=VALUE``.

    Raises:
        ValueError: If it is not a checkpoint of sngan.
        FileNotFoundError: If there is none.
    """
    path = latest(path)
    state = checkpoint.load(path, "analyze")
    trust = (*trust, *kept_consent(path))
    parts = ("architecture.discriminator", "regularizer")
    settings = trusted_groups(state["config"], trust, *parts)
    discriminator = build_discriminator(settings, state)
    if not weighted_layers(discriminator):
        raise ValueError(f"{path} has a discriminator without a layer that can be analyzed")
    some = None
    if pictures:
        about = _own_dataset(path, state["config"], trust, of_dataset)
        real, labels = _first(shared_pictures(about).load("train"), pictures, discriminator)
        some = real, labels, _fakes(state, trust, pictures // 2, labels)
    return Analysis.of(path, state["step"], discriminator, some)


def _first(
    pictures: Pictures, count: int, discriminator: Discriminator
) -> tuple[Tensor, Tensor | None]:
    """Return the first of the pictures in shuffled order, in ``[-1, 1]``, and their classes."""
    if len(pictures) < count:
        raise ValueError(f"--pictures must be at most {len(pictures)}, got {count}")
    index = shuffled(len(pictures))[:count]
    labels = None if discriminator.n_classes is None else pictures.labels[index]
    return Symmetric()(pictures.images[index]), labels


def _fakes(
    state: Mapping[str, Any], trust: Collection[str], count: int, labels: Tensor | None
) -> Tensor:
    """Return the first pictures of the generator in a checkpoint, of some classes."""
    parts = trusted_groups(state["config"], trust, "architecture.generator")
    generator = build_generator(parts, state)
    classes = None if labels is None or generator.n_classes is None else labels[:count]
    return generate(generator, torch.arange(count), 0, torch.device("cpu"), classes).clone()


def _own_dataset(
    checkpoint: Path, settings: Mapping[str, Any], trust: Collection[str], words: Sequence[str]
) -> dict[str, Any]:
    """Return the settings of the data set that a checkpoint was trained on, changed by words."""
    own = with_own_places(settings, trust)
    about = _changed(trusted_groups(own, trust, "dataset")["dataset"], words)
    changed: dict[str, Any] = located({"dataset": about}, checkpoint)["dataset"]
    return changed


def trusted_groups(
    settings: Mapping[str, Any], trust: Collection[str], *places: str
) -> dict[str, Any]:
    """Return some groups of the configuration in a checkpoint, or only parts of them.

    Args:
        settings: The whole configuration.
        trust: See `sngan.assembly.trust`.
        places: As ``dataset`` or ``architecture.generator``.

    Raises:
        ValueError: If one is missing, or `sngan.assembly.trust.check_trusted` finds something in
            them, or there is anywhere what no configuration holds.
    """
    check_plain(settings)
    found: dict[str, Any] = {}
    for place in places:
        group, _, part = place.partition(".")
        node = settings.get(group)
        if part and isinstance(node, dict):
            node = node.get(part)
        if not isinstance(node, dict):
            raise ValueError(f"the checkpoint's configuration lacks {place}")
        found[group] = {**found.get(group, {}), part: node} if part else node
    check_trusted(found, trust)
    return found


def shared_pictures(about: Mapping[str, Any]) -> RealPictures:
    """Return the pictures of a data set, the same to all who ask in this process.

    Args:
        about: Its settings, JSON-able and trusted.

    Raises:
        ValueError: If a setting is not accepted.
    """
    return _shared(json.dumps(about, sort_keys=True))


@cache
def _shared(about: str) -> RealPictures:
    settings = json.loads(about)
    return real_pictures(component(settings, "dataset"), settings)


def real_pictures(dataset: Dataset, about: Mapping[str, Any]) -> RealPictures:
    """Return the splits of a data set, each loaded once, when it is first asked for."""

    @cache
    def load(split: Split) -> Pictures:
        with within("dataset"):
            return dataset.load(split)

    return RealPictures(name=dataset.name, load=load, about=about)


def _changed(dataset: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    config = OmegaConf.create({"dataset": dict(dataset)})
    change(config, [with_absolute_path(word) for word in words])
    settings = plain(config)
    require_places(settings)
    changed: dict[str, Any] = settings["dataset"]
    return changed
