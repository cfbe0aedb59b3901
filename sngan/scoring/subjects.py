"""What can be scored, each with its sheet: trained generators, pictures of others, real data."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sngan.scoring.files import open_pictures
from sngan.scoring.scorer import RealPictures, References, Scorer
from sngan.scoring.sheet import ScoreSheet
from sngan.scoring.source import Samples
from sngan.scoring.trained import Trained


def of_trained(
    scorer: Scorer, trained: Sequence[Trained], references: References | None, seed: int
) -> Iterator[ScoreSheet]:
    """Score generators one after the other.

    Args:
        scorer: Says how.
        trained: The generators.
        references: What to compare with; None for the data set of each.
        seed: Seed of the samples.

    Yields:
        One sheet for each, as soon as it is done.
    """
    sources = [
        Samples(item.generator, seed, scorer.device, f"{item.path}, step {item.step}")
        for item in trained
    ]
    for item, source in zip(trained, sources, strict=True):
        if references is None:
            scorer.check(source, item.real)
    for item, source in zip(trained, sources, strict=True):
        item.generator.to(scorer.device)
        against = scorer.of_dataset(item.real) if references is None else references
        yield ScoreSheet(
            name=f"{source.name}{item.remark}",
            extractor=scorer.extractor,
            scores=scorer.score(source, against),
            dataset={"name": item.real.name, **item.real.about},
            seed=seed,
            checkpoint=item.path,
            step=item.step,
        )
        item.generator.to("cpu")


def of_images(
    scorer: Scorer, path: Path, references: References | None, real: RealPictures | None
) -> Iterator[ScoreSheet]:
    """Score pictures of others.

    Args:
        scorer: Says how.
        path: A folder, or an ``.npz`` file.
        references: What to compare with.
        real: A data set to compare with, if there are no references; without both there is no
            distance.

    Yields:
        One sheet.
    """
    source = open_pictures(path)
    if references is None and real is not None:
        scorer.check(source, real)
        references = scorer.of_dataset(real)
    yield ScoreSheet(
        name=f"{source.name}, {source.count:,} pictures",
        extractor=scorer.extractor,
        scores=scorer.score(source, references or [None] * len(scorer.protocols)),
        dataset=None if real is None else {"name": real.name, **real.about},
        is_quantized=True,
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
    )
