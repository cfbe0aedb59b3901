"""Scores under some protocols: which real pictures belong to each, and the passes over all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sngan.dataset.base import Pictures, Split
from sngan.metric.base import Metric
from sngan.scoring.evaluate import evaluate
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.needs import check_metric
from sngan.scoring.picture_files import is_statistics, open_pictures
from sngan.scoring.protocol import Protocol
from sngan.scoring.reference import Reference, open_reference
from sngan.scoring.scores import Scores
from sngan.scoring.source import Fixed, Selection, Source, shuffled
from sngan.scoring.store import ReferenceStore

References = Sequence[Reference | None]
"""The real pictures of each protocol; None where there are none."""


@dataclass(frozen=True, kw_only=True)
class RealPictures:
    """Splits of a data set, for scores.

    Attributes:
        name: The member of the ``dataset`` group.
        load: Returns a split.
        about: The data set's settings, JSON-able.
    """

    name: str
    load: Callable[[Split], Pictures]
    about: Mapping[str, Any]


class Scorer:
    """Scores any pictures under some protocols.

    Args:
        describe: The extractor's pass.
        protocols: Which pictures enter.
        metrics: What to measure, by name.
        store: Where the statistics of real pictures are.
    """

    def __init__(
        self,
        describe: FeaturePass,
        protocols: Sequence[Protocol],
        metrics: Mapping[str, Metric],
        store: ReferenceStore,
    ) -> None:
        self.describe = describe
        self.protocols = protocols
        self.metrics = metrics
        self.store = store
        self.extractor = describe.extractor
        self.device = describe.device
        self.is_shared = describe.workers.count > 1

    def score(self, source: Source, references: References) -> list[Scores]:
        """Score pictures; one entry per protocol. See `sngan.scoring.evaluate.evaluate`."""
        return evaluate(source, self.protocols, references, self.metrics, self.describe)

    def check(self, source: Source, real: RealPictures | None) -> None:
        """Raise now what `score` and `of_dataset` would raise after hours.

        Args:
            source: What will be scored.
            real: The data set it will be compared with, if it is one.

        Raises:
            ValueError: If there are too few pictures for a protocol or a metric.
        """
        for protocol in self.protocols:
            filled = protocol.for_source(source.name, source.count)
            for name, metric in self.metrics.items():
                check_metric(name, metric, filled, filled.num_real)
            if real is not None:
                protocol.choose_real(real.load)

    def of_dataset(self, real: RealPictures) -> list[Reference]:
        """Return the statistics of a data set's pictures, those each protocol asks for.

        Raises:
            ValueError: If there are too few of them.
        """
        found = []
        for protocol in self.protocols:
            split, pictures = protocol.choose_real(real.load)
            images = Fixed(pictures.images, f"{real.name} {split}")
            found.append(self._statistics(images, protocol, {**real.about, "split": split}))
        return found

    def of_path(self, path: Path, preset: str | None, allow_mismatch: bool) -> list[Reference]:
        """Return the statistics in a file, or of a folder's or an array's pictures.

        Args:
            path: Statistics or pictures.
            preset: See `sngan.scoring.reference.open_reference`.
            allow_mismatch: See there.

        Raises:
            ValueError: See there; also if there are fewer pictures than a protocol takes.
        """
        if path.is_file() and is_statistics(path):
            picture = torch.zeros(1, 3, 32, 32, dtype=torch.uint8, device=self.device)
            dimension = self.extractor(picture).pool.shape[1]
            found = open_reference(path, self.extractor, dimension, preset, allow_mismatch)
            return [_as_wanted(found, protocol) for protocol in self.protocols]
        return self.of_source(open_pictures(path))

    def of_source(self, pictures: Source) -> list[Reference]:
        """Return the statistics of any pictures, of as many as each protocol asks for.

        Raises:
            ValueError: If there are too few of them.
        """
        return [self._statistics(pictures, protocol, {}) for protocol in self.protocols]

    def score_real(self, real: RealPictures) -> list[Scores]:
        """Score the training pictures as if they were samples: what a perfect generator gets.

        They are compared with test pictures where there are enough, else with other training
        pictures; where a protocol takes all training pictures, all test pictures take their place.

        Raises:
            ValueError: If there are no other pictures to compare with.
        """
        train = Fixed(real.load("train").images, f"{real.name} train")
        assert train.count is not None
        order = shuffled(train.count)
        scores: dict[str, Scores] = {}
        for beyond, members in self._by_overlap(real).items():
            source = Selection(train, order[beyond:])
            protocols = [_at_most(protocol, source.count) for protocol, _ in members]
            references = [reference for _, reference in members]
            found = evaluate(source, protocols, references, self.metrics, self.describe)
            scores |= {entry.protocol.name: entry for entry in found}
        return [scores[protocol.name] for protocol in self.protocols]

    def _by_overlap(self, real: RealPictures) -> dict[int, list[tuple[Protocol, Reference]]]:
        """Return the protocols by how many of the shuffled training pictures they compare with."""
        found: dict[int, list[tuple[Protocol, Reference]]] = {}
        for protocol in self.protocols:
            split, pictures = replace(protocol, real_split=("test", "train")).choose_real(real.load)
            beyond = 0 if split == "test" else protocol.num_real or len(pictures)
            if split == "train" and len(pictures) - beyond < 2:
                raise ValueError(
                    f"protocol {protocol.name} would compare the training pictures of {real.name} "
                    "with themselves: there are no test pictures"
                )
            images = Fixed(pictures.images, f"{real.name} {split}")
            reference = self._statistics(images, protocol, {**real.about, "split": split})
            found.setdefault(beyond, []).append((protocol, reference))
        return found

    def _statistics(
        self, pictures: Source, protocol: Protocol, about: Mapping[str, Any]
    ) -> Reference:
        assert pictures.count is not None
        count = protocol.num_real or pictures.count
        if count > pictures.count:
            raise ValueError(
                f"protocol {protocol.name} takes {count:,} real pictures, {pictures.name} has "
                f"{pictures.count:,}; protocol.{protocol.name}.num_real=null takes them all"
            )
        chosen = Selection(pictures, shuffled(pictures.count)[:count])
        num_features = max([metric.num_real for metric in self.metrics.values()], default=0)
        return self.store.get(chosen, pictures.name, num_features, about)


def _as_wanted(reference: Reference, protocol: Protocol) -> Reference:
    """Return statistics of a file, with a mark if they are not of as many pictures as wanted."""
    if protocol.num_real in (None, reference.count) or reference.count is None:
        return reference
    said = f"protocol {protocol.name} takes {protocol.num_real:,} real pictures"
    return replace(reference, mismatches=[*reference.mismatches, said])


def _at_most(protocol: Protocol, count: int | None) -> Protocol:
    """Return a protocol that takes no more pictures than there are."""
    assert count is not None
    n = min(protocol.num_generated or count, count)
    n_fid = min(protocol.num_generated_fid or n, n)
    return replace(protocol, num_generated=n, num_generated_fid=n_fid)
