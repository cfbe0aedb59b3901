"""What is said of scores: a table with all that decides them, and JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sngan.extractor.base import Extractor
from sngan.run_folder.environment import versions
from sngan.run_folder.identity import digest
from sngan.run_folder.weights import Weights
from sngan.scoring.reference import extractor_identity
from sngan.scoring.scores import Scores
from sngan.scoring.table import score_names, table
from sngan.system.files import write_json


@dataclass(frozen=True, kw_only=True)
class ScoreSheet:
    """The scores of one set of pictures, with everything that decides them.

    Attributes:
        name: What was scored: a checkpoint, a folder, real pictures.
        extractor: The feature network.
        scores: One entry per protocol.
        dataset: Settings of the data set the real pictures are of; None if they are of none.
        seed: Seed of the samples' noise; None for pictures that were there.
        checkpoint: What was scored, if it is a checkpoint.
        step: Its completed iterations.
        weights: Which of its weights made the pictures; None for those of no checkpoint.
        is_quantized: Whether the pictures were 8-bit already.
        channels: 1 if they are grey: the extractor saw three equal channels.
    """

    name: str
    extractor: Extractor
    scores: Sequence[Scores]
    dataset: dict[str, Any] | None = None
    seed: int | None = None
    checkpoint: Path | None = None
    step: int | None = None
    weights: Weights | None = None
    is_quantized: bool = False
    channels: int = 3
    versions: dict[str, str] = field(default_factory=versions)

    def summary(self) -> str:
        """Return the lines to print: scores, and everything that decides them."""
        return table([self])

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        score_name, distance_name = score_names(self.extractor)
        return {
            "name": self.name,
            "checkpoint": None if self.checkpoint is None else self.checkpoint.name,
            "step": self.step,
            "weights": self.weights,
            "extractor": {"name": self.extractor.name, **self.extractor.provenance},
            "precision": "float32",
            **({"channels": self.channels} if self.channels != 3 else {}),
            "names": {"score": score_name, "distance": distance_name},
            "protocols": {
                scores.protocol.name: {**scores.to_json(), "comparable": self._comparable(scores)}
                for scores in self.scores
            },
            "dataset": self.dataset,
            "seed": self.seed,
            "versions": self.versions,
        }

    def write(self, path: Path) -> Path:
        """Write the sheet next to a checkpoint and return the file.

        Only scores that are decided by the same things take the place of an earlier file.

        Args:
            path: The checkpoint; the file is named after it, the extractor, the protocols, further
                metrics, a seed that is not 0, ``average`` for averaged weights, and a digest of
                all that decides the numbers.
        """
        protocols = "+".join(scores.protocol.name for scores in self.scores)
        words = [path.stem, self.extractor.name, protocols, *self.scores[0].more]
        if self.seed:
            words.append(f"seed{self.seed}")
        if self.weights == "average":
            words.append(self.weights)
        target = path.with_name(f"{'.'.join([*words, self._identity()])}.json")
        return write_json(target, self.to_json(), indent=2)

    def _identity(self) -> str:
        """Return a digest of everything that decides the numbers but the scored pictures.

        The real pictures are told apart by the name of the file of their statistics, which holds a
        digest of their content.
        """
        of_protocols = [
            {
                "protocol": asdict(scores.protocol),
                "real": None if scores.statistics is None else Path(scores.statistics).name,
                "mismatches": scores.mismatches,
                "metrics": {name: found.settings for name, found in scores.more.items()},
            }
            for scores in self.scores
        ]
        decisive = [extractor_identity(self.extractor), self.seed, of_protocols]
        return digest([*decisive, self.weights] if self.weights == "average" else decisive)

    def _comparable(self, scores: Scores) -> bool:
        """Tell whether network, sides and counts are such that published scores compare."""
        is_whole = scores.num_real is not None and not (scores.mismatches or scores.warnings)
        return self.extractor.is_fid_inception and is_whole
