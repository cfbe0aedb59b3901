"""What can be scored, each with its sheet: trained generators, pictures of others, real data."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sngan.architecture.base import Generator
from sngan.run_folder.weights import Weights
from sngan.scoring.scorer import RealPictures, References, Scorer
from sngan.scoring.sheet import ScoreSheet
from sngan.scoring.source import Samples, Source


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained generator.

    Attributes:
        name: What messages call it.
        path: The checkpoint.
        remark: Which one of its run it is; empty if the user named it.
        step: Completed iterations.
        weights: Which of the checkpoint's.
        seed: Of the training.
        kind: What it has in common with trainings of other seeds.
        generator: On the CPU.
        class_names: Of the data set it was trained on; empty if the checkpoint does not say.
        real: The pictures it should look like; None where it is compared with others anyway.
    """

    name: str
    path: Path
    remark: str
    step: int
    weights: Weights
    seed: int
    kind: str
    generator: Generator
    class_names: tuple[str, ...]
    real: RealPictures | None


Against = Callable[[], References]
"""Gives the real pictures of each protocol; describing them may take long."""


def of_trained(
    scorer: Scorer, trained: Sequence[Trained], against: Against | None, seed: int
) -> Iterator[ScoreSheet]:
    """Score generators one after the other.

    Args:
        scorer: Says how.
        trained: The generators.
        against: Gives what to compare with; None for the data set of each.
        seed: Seed of the samples.

    Yields:
        One sheet for each, as soon as it is done.

    Raises:
        FloatingPointError: At the end, naming those whose samples are not finite.
    """
    sources = [Samples(item.generator, seed, scorer.device, item.name) for item in trained]
    for item, source in zip(trained, sources, strict=True):
        scorer.check(source, item.real if against is None else None)
    references = None if against is None else against()
    failures: list[str] = []
    for item, source in zip(trained, sources, strict=True):
        item.generator.to(scorer.device)
        against_real = references
        if against_real is None:
            assert item.real is not None
            against_real = scorer.of_dataset(item.real)
        try:
            scores = scorer.score(source, against_real)
        except FloatingPointError as error:
            if scorer.is_shared:  # The other processes may not have met it.
                raise
            failures.append(str(error))
            continue
        yield ScoreSheet(
            name=f"{source.name}{item.remark}",
            extractor=scorer.extractor,
            scores=scores,
            dataset=None if item.real is None else {"name": item.real.name, **item.real.about},
            seed=seed,
            checkpoint=item.path,
            step=item.step,
            channels=source.channels,
            weights=item.weights,
        )
        item.generator.to("cpu")
    if failures:
        raise FloatingPointError("; ".join(failures))


def of_pictures(
    scorer: Scorer, pictures: Source, against: Against | None, real: RealPictures | None
) -> Iterator[ScoreSheet]:
    """Score pictures of others.

    Args:
        scorer: Says how.
        pictures: The pictures.
        against: Gives what to compare with.
        real: A data set to compare with otherwise; without both there is no distance.

    Yields:
        One sheet.
    """
    scorer.check(pictures, real if against is None else None)
    yield ScoreSheet(
        name=f"{pictures.name}, {pictures.count:,} pictures",
        extractor=scorer.extractor,
        scores=scorer.score(pictures, _references(scorer, against, real)),
        dataset=None if real is None else {"name": real.name, **real.about},
        is_quantized=True,
        channels=pictures.channels,
    )


def of_generator(
    scorer: Scorer, samples: Source, seed: int, against: Against | None, real: RealPictures | None
) -> Iterator[ScoreSheet]:
    """Score somebody else's generator.

    Args:
        scorer: Says how.
        samples: What it makes.
        seed: Their seed.
        against: See `of_pictures`.
        real: See there.

    Yields:
        One sheet.
    """
    scorer.check(samples, real if against is None else None)
    yield ScoreSheet(
        name=samples.name,
        extractor=scorer.extractor,
        scores=scorer.score(samples, _references(scorer, against, real)),
        dataset=None if real is None else {"name": real.name, **real.about},
        seed=seed,
        channels=samples.channels,
    )


def of_real(scorer: Scorer, real: RealPictures) -> Iterator[ScoreSheet]:
    """Score a data set itself.

    Args:
        scorer: Says how.
        real: The data set.

    Yields:
        One sheet.
    """
    yield ScoreSheet(
        name=f"real pictures of {real.name}, the training split as samples",
        extractor=scorer.extractor,
        scores=scorer.score_real(real),
        dataset={"name": real.name, **real.about},
        is_quantized=True,
        channels=real.load("train").images.shape[1],
    )


def _references(scorer: Scorer, against: Against | None, real: RealPictures | None) -> References:
    """Return what to compare pictures of others with; without both there is no distance."""
    if against is not None:
        return against()
    return [None] * len(scorer.protocols) if real is None else scorer.of_dataset(real)
