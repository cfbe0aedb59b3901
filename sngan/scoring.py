"""What ``sngan-eval`` does with one generator: score it, say it, write it down."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from sngan.architecture.base import Generator
from sngan.dataset.base import Dataset
from sngan.evaluate import Protocol, Reference, Scores, evaluate, reference
from sngan.extractor.base import Extractor
from sngan.record import versions
from sngan.settings import require_positive, require_seed


class Scorer:
    """Scores generators one after the other; real pictures are described once.

    Args:
        extractor: On ``device``.
        protocols: What to measure.
        seed: Seed of the samples' noise.
        batch_size: Pictures per pass, at least 1.
        device: Where networks run.

    Raises:
        ValueError: If ``batch_size`` is below 1 or the seed negative.
    """

    def __init__(
        self,
        extractor: Extractor,
        protocols: list[Protocol],
        seed: int,
        batch_size: int,
        device: torch.device,
    ) -> None:
        require_positive(batch_size=batch_size)
        require_seed(seed)
        self.extractor = extractor
        self.protocols = protocols
        self.seed = seed
        self.batch_size = batch_size
        self.device = device
        self._references: dict[str, list[Reference]] = {}

    def score(
        self, generator: Generator, dataset: Dataset, description: dict[str, Any]
    ) -> "ScoreSheet":
        """Score a generator under every protocol.

        Args:
            generator: On the device.
            dataset: The real pictures.
            description: The data set's settings; equal settings share their statistics.
        """
        key = json.dumps(description, sort_keys=True)
        if key not in self._references:
            self._references[key] = self._describe(dataset)
        scores = [
            evaluate(
                generator,
                self.extractor,
                real,
                protocol,
                seed=self.seed,
                batch_size=self.batch_size,
                device=self.device,
            )
            for protocol, real in zip(self.protocols, self._references[key], strict=True)
        ]
        return ScoreSheet(self.extractor, scores, description, self.seed)

    def _describe(self, dataset: Dataset) -> list[Reference]:
        # The test split first: where there is none, nothing has been read in vain.
        names = sorted({protocol.real_split for protocol in self.protocols})
        splits = {name: dataset.load(name) for name in names}
        return [
            reference(
                splits[protocol.real_split],
                self.extractor,
                protocol,
                batch_size=self.batch_size,
                device=self.device,
            )
            for protocol in self.protocols
        ]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a checkpoint holds for scoring.

    Attributes:
        path: The checkpoint.
        step: Completed iterations.
        generator: Its generator, on the CPU.
        dataset: The data set it was trained on.
        description: The data set's settings.
    """

    path: Path
    step: int
    generator: Generator
    dataset: Dataset
    description: dict[str, Any]


@dataclass(frozen=True)
class ScoreSheet:
    """The scores of one generator, with everything that decides them.

    Attributes:
        extractor: The feature network.
        scores: One entry per protocol.
        dataset: The data set's settings.
        seed: Seed of the samples' noise.
    """

    extractor: Extractor
    scores: list[Scores]
    dataset: dict[str, Any]
    seed: int
    versions: dict[str, str] = field(default_factory=versions)

    def summary(self, path: Path, step: int) -> str:
        """Return the lines to print."""
        lines = [f"{path}, step {step}"]
        for scores in self.scores:
            lines += [f"  protocol {scores.protocol.name}", *_lines(scores, self._names())]
        provenance = ", ".join(f"{k} {v}" for k, v in self.extractor.provenance.items())
        lines.append(f"  extractor {self.extractor.name}: {provenance}; seed {self.seed}")
        return "\n".join(lines)

    def write(self, path: Path, step: int) -> Path:
        """Write the sheet as JSON next to a checkpoint and return the file."""
        protocols = "+".join(scores.protocol.name for scores in self.scores)
        target = path.with_name(f"{path.stem}.{self.extractor.name}.{protocols}.json")
        score_name, distance_name = self._names()
        sheet = {
            "checkpoint": path.name,
            "step": step,
            "extractor": {"name": self.extractor.name, **self.extractor.provenance},
            "names": {"score": score_name, "distance": distance_name},
            "protocols": {scores.protocol.name: scores.to_json() for scores in self.scores},
            "dataset": self.dataset,
            "seed": self.seed,
            "versions": self.versions,
        }
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        temporary.write_text(json.dumps(sheet, indent=2) + "\n")
        return temporary.replace(target)

    def _names(self) -> tuple[str, str]:
        """Return what score and distance are called: only one network's are IS and FID."""
        if self.extractor.is_fid_inception:
            return "Inception score", "FID"
        return f"{self.extractor.name} score", f"{self.extractor.name} distance"


def _lines(scores: Scores, names: tuple[str, str]) -> list[str]:
    protocol = scores.protocol
    width = max(map(len, names))
    lines = []
    if scores.score_mean is not None:
        lines.append(
            f"    {names[0]:{width}}  {scores.score_mean:.3f} +- {scores.score_std:.3f}"
            f"  ({protocol.num_generated:,} samples in {protocol.splits} splits, "
            f"quantization {protocol.quantization})"
        )
    lines.append(
        f"    {names[1]:{width}}  {max(scores.distance, 0):.3f}"
        f"  ({protocol.num_generated_fid:,} samples, {scores.num_real:,} real pictures "
        f"of the {protocol.real_split} split)"
    )
    return lines
