"""How good are the samples? Scores during training, by the code that ``sngan-eval`` runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sngan.architecture.base import Generator
from sngan.extractor.base import Extractor
from sngan.monitor.base import Monitor
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference
from sngan.scoring.scorer import RealPictures, Scorer
from sngan.scoring.scores import SCORE_AND_DISTANCE
from sngan.scoring.source import Samples
from sngan.scoring.store import ReferenceStore
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.declared import BatchSize, PathText, Seed, Steps, checked
from sngan.system.require import within

OF_AVERAGE = "/average"
"""Ends the names of scores of averaged weights."""


class ScoresMonitor(Monitor):
    """Logs ``score/NAME`` and ``distance/NAME``, ``NAME`` being that of extractor and protocol.

    The checkpoint with the smallest distance is kept as the best. Where the run keeps an average of
    G's weights, that is scored, too, as ``distance/NAME/average``, and its distance decides: it is
    what commands take of the checkpoint.

    Args:
        extractor: The feature network.
        protocol: Settings of a `Protocol`.
        every: Iterations between two measurements, at least 1.
        seed: Seed of the samples.
        batch_size: Pictures per pass; None for what the device holds.
        cache: Folder of the statistics of real pictures; None for the user's cache folder.

    Raises:
        ValueError: If a setting is out of range.
    """

    @checked
    def __init__(
        self,
        extractor: Extractor,
        protocol: Mapping[str, Any],
        every: Steps = 5000,
        seed: Seed = 0,
        batch_size: BatchSize | None = None,
        cache: PathText | None = None,
    ) -> None:
        super().__init__(every)
        self.extractor = extractor
        with within("protocol"):
            self.protocol = Protocol(**protocol)
        self.seed = seed
        self.batch_size = batch_size
        self.cache = None if cache is None else Path(cache).expanduser()
        self.name = f"{extractor.name}/{self.protocol.name}"
        self.decisive = f"distance/{self.name}"
        self._references: list[Reference] = []

    def check(self, generator: Generator, splits: Splits) -> None:
        """See `Monitor.check`; describes the real pictures, which may take a while, once."""
        if self.average is not None:
            self.decisive = f"distance/{self.name}{OF_AVERAGE}"
        scorer, real = self._scorer(splits), _real(splits)
        scorer.check(Samples(generator, self.seed, splits.device), real)
        self._references = scorer.of_dataset(real)

    def measure(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """See `Monitor.measure`."""
        values = self._of(iteration.generator, self.name, splits)
        if self.average is not None:
            values |= self._of(self.average.generator, f"{self.name}{OF_AVERAGE}", splits)
        return values

    def _of(self, generator: Generator, name: str, splits: Splits) -> dict[str, float]:
        source = Samples(generator, self.seed, splits.device)
        (scores,) = self._scorer(splits).score(source, self._references)
        assert scores.distance is not None
        values = {f"distance/{name}": scores.distance}
        if scores.score_mean is not None:
            values[f"score/{name}"] = scores.score_mean
        return values

    def _scorer(self, splits: Splits) -> Scorer:
        self.extractor.to(splits.device)
        describe = FeaturePass(self.extractor, splits.device, self.batch_size)
        return Scorer(
            describe, [self.protocol], SCORE_AND_DISTANCE, ReferenceStore(self.cache, describe)
        )


def _real(splits: Splits) -> RealPictures:
    return RealPictures(name=splits.dataset.name, load=splits.pictures, about={})
