"""Scores of pictures, with everything that decides them: what ``sngan-eval`` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sngan.api.errors import as_value_errors
from sngan.api.pictures import Generated, Images, images_source, picture_path, source_of
from sngan.api.trained_generator import TrainedGenerator
from sngan.assembly.check import check_evaluation
from sngan.assembly.compose import compose, plain
from sngan.assembly.paths import as_typed
from sngan.assembly.scorer import build_scorer
from sngan.assembly.trained import real_pictures
from sngan.assembly.words import parse
from sngan.dataset.base import Dataset
from sngan.scoring.scorer import RealPictures, References, Scorer
from sngan.scoring.sheet import ScoreSheet
from sngan.system.device import resolve_device
from sngan.system.float32 import exact_float32
from sngan.system.workers import Workers

ARGUMENTS = ("extractor", "protocol", "metric", "seed", "device")
"""Words that are arguments here; what is below them, like ``extractor.input_size``, is not."""
OTHERWISE = ("dataset", "reference", "trust")
"""Settings of ``sngan-eval`` about real pictures and checkpoints, which are arguments here."""


def score(
    fake: Generated,
    *,
    real: Images | Dataset | None = None,
    metrics: Sequence[str] = (),
    protocol: str | Sequence[str] | None = None,
    extractor: str = "inception",
    seed: int = 0,
    device: str = "auto",
    settings: Sequence[str] = (),
    config_dir: str | Path | None = None,
) -> ScoreSheet:
    """Score pictures under named protocols, in one pass, as ``sngan-eval`` does.

    The statistics of real pictures are kept in the user's cache folder, and found there by their
    content the next time; ``settings=["cache=DIR"]`` names another folder.

    Args:
        fake: Pictures, or a generator, or a function of a number and a seed that makes so many
            pictures, ``(N, 3, H, H)`` in ``[-1, 1]``, 64 at a time. `sngan.as_generator` makes a
            generator of a network, of a function of noise, or of an ONNX file.
        real: Real pictures, or an ``.npz`` file with their statistics, or a data set, of which the
            protocol takes a split; None to leave out what compares.
        metrics: Members of the ``metric`` group besides Inception score and FID.
        protocol: Members of the ``protocol`` group, which say how many pictures enter. None for
            ``all`` there are, of a generator for ``modern``, which is 50,000.
        extractor: A member of the ``extractor`` group.
        seed: Seed of a generator's samples.
        device: ``cpu``, ``cuda``, ``cuda:1``, or ``auto`` for CUDA where there is one. A generator
            stays where it is.
        settings: More, as on the command line: ``["extractor.input_size=224"]``.
        config_dir: A folder with config groups of your own.

    Returns:
        All scores with everything that decides them: ``sheet.summary()`` is to be read,
        ``sheet.to_json()`` plain values.

    Raises:
        ValueError: If a setting or a picture is not accepted, or there are too few pictures.
        FileNotFoundError: If pictures, or the weights of the extractor, are missing.
        FloatingPointError: If a sample or a feature is not finite.
    """
    source = source_of(fake, seed)
    usual = "modern" if source.count is None else "all"
    protocols = [protocol] if isinstance(protocol, str) else protocol or [usual]
    words = [f"extractor={extractor}", f"seed={seed}", f"device={device}"]
    words += [f"protocol=[{','.join(protocols)}]", f"metric=[{','.join(metrics)}]"]
    with as_value_errors(), exact_float32():
        _check(settings)
        own = None if config_dir is None else Path(config_dir)
        values = _composed([*words, *as_typed(settings)], own)
        scorer = build_scorer(values, resolve_device(values["device"]), Workers())
        against = real_pictures(real, {}) if isinstance(real, Dataset) else real
        scorer.check(source, against if isinstance(against, RealPictures) else None)
        scores = scorer.score(source, _references(scorer, against, values))
    return ScoreSheet(
        name=source.name if source.count is None else f"{source.name}, {source.count:,} pictures",
        extractor=scorer.extractor,
        scores=scores,
        dataset={"name": real.name} if isinstance(real, Dataset) else None,
        seed=None if source.is_quantized else seed,
        checkpoint=fake.path if isinstance(fake, TrainedGenerator) else None,
        step=fake.step if isinstance(fake, TrainedGenerator) else None,
        weights=fake.weights if isinstance(fake, TrainedGenerator) else None,
        is_quantized=source.is_quantized,
        channels=source.channels,
    )


def _check(settings: Sequence[str]) -> None:
    """Raise if a setting is said otherwise here."""
    if isinstance(settings, str):
        raise ValueError(f"settings must be a list of KEY=VALUE, got {settings}")
    for word in parse(as_typed(settings)):
        if word.key in ARGUMENTS or word.root in OTHERWISE:
            raise ValueError(f"settings must not name what an argument says, got {word}")


def _composed(words: Sequence[str], config_dir: Path | None) -> dict[str, Any]:
    """Return the settings of an evaluation."""
    config = compose("evaluate", words, config_dir)
    check_evaluation(config, parse(words))
    return plain(config)


def _references(
    scorer: Scorer, real: Images | RealPictures | None, settings: dict[str, Any]
) -> References:
    """Return the statistics of the real pictures that belong to each protocol."""
    if real is None:
        return [None] * len(scorer.protocols)
    if isinstance(real, RealPictures):
        return scorer.of_dataset(real)
    if isinstance(real, str | Path):
        preset, allow_mismatch = settings["reference_preset"], settings["allow_mismatch"]
        return scorer.of_path(picture_path(real), preset, allow_mismatch)
    return scorer.of_source(images_source(real, "real"))
