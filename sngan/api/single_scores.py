"""The usual numbers, one call each; `sngan.api.score.score` gives all of them in one pass.

What is called FID, Inception score or KID in the literature is measured on the features of one
network, the extractor ``inception`` with its published weights. With any other extractor the
functions here return other numbers, which do not compare with published ones.
"""

from collections.abc import Sequence

from sngan.api.pictures import Generated, Images
from sngan.api.score import score
from sngan.dataset.base import Dataset
from sngan.scoring.scores import Scores


def fid(
    real: Images | Dataset,
    fake: Generated,
    *,
    protocol: str | None = None,
    extractor: str = "inception",
    seed: int = 0,
    device: str = "auto",
    settings: Sequence[str] = (),
) -> float:
    """Return the Frechet distance between two sets of pictures (Heusel et al., 2017).

    It is the FID with the extractor ``inception``; see the top of this file.

    Args:
        real: See `score`, as the other arguments.
        fake: Pictures, or a generator.
        protocol: Which pictures enter.
        extractor: What looks at them.
        seed: Of a generator's samples.
        device: Where.
        settings: More.

    Raises:
        ValueError: See `score`.
    """
    found = _scores([], real, fake, protocol, extractor, seed, device, settings)
    assert found.distance is not None  # There are real pictures.
    return found.distance


def inception_score(
    fake: Generated,
    *,
    protocol: str | None = None,
    extractor: str = "inception",
    seed: int = 0,
    device: str = "auto",
    settings: Sequence[str] = (),
) -> tuple[float, float]:
    """Return mean and standard deviation of the score over splits (Salimans et al., 2016).

    It is the Inception score with the extractor ``inception``; see the top of this file.

    Args:
        fake: Pictures, or a generator; see `score`, as for the other arguments.
        protocol: Which pictures enter, and in how many splits.
        extractor: What looks at them.
        seed: Of a generator's samples.
        device: Where.
        settings: More.

    Raises:
        ValueError: If the extractor has no classes; else see `score`.
    """
    found = _scores([], None, fake, protocol, extractor, seed, device, settings)
    if found.score_mean is None or found.score_std is None:
        raise ValueError(f"extractor must be one with classes for this score, got {extractor}")
    return found.score_mean, found.score_std


def kid(
    real: Images | Dataset,
    fake: Generated,
    *,
    protocol: str | None = None,
    extractor: str = "inception",
    seed: int = 0,
    device: str = "auto",
    settings: Sequence[str] = (),
) -> tuple[float, float]:
    """Return mean and standard deviation of the kernel distance over subsets.

    Subsets are of 1,000 pictures, ``settings=["metric.kid.subset_size=100"]`` makes them smaller.
    Arguments and errors are those of `fid`. Source: Binkowski et al., 2018.
    """
    found = _scores(["kid"], real, fake, protocol, extractor, seed, device, settings)
    values = found.more["kid"].values
    return values["kid_mean"], values["kid_std"]


def prdc(
    real: Images | Dataset,
    fake: Generated,
    *,
    protocol: str | None = None,
    extractor: str = "inception",
    seed: int = 0,
    device: str = "auto",
    settings: Sequence[str] = (),
) -> dict[str, float]:
    """Return precision, recall, density and coverage by name.

    Arguments and errors are those of `fid`. Sources: see `sngan.metric.prdc`.
    """
    found = _scores(["prdc"], real, fake, protocol, extractor, seed, device, settings)
    return dict(found.more["prdc"].values)


def _scores(
    metrics: Sequence[str],
    real: Images | Dataset | None,
    fake: Generated,
    protocol: str | None,
    extractor: str,
    seed: int,
    device: str,
    settings: Sequence[str],
) -> Scores:
    """Return the scores under a single protocol."""
    sheet = score(
        fake,
        real=real,
        metrics=metrics,
        protocol=protocol,
        extractor=extractor,
        seed=seed,
        device=device,
        settings=settings,
    )
    (scores,) = sheet.scores
    return scores
