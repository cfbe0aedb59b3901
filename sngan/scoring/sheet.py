"""What is said of scores: lines that can stand beside a published number, and JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sngan.extractor.base import Extractor
from sngan.run_folder.environment import versions
from sngan.run_folder.identity import digest
from sngan.scoring.reference import extractor_identity
from sngan.scoring.scores import Scores
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
    is_quantized: bool = False
    channels: int = 3
    versions: dict[str, str] = field(default_factory=versions)

    def summary(self) -> str:
        """Return the lines to print: each score with everything that decides it."""
        lines = [self.name]
        for scores in self.scores:
            lines += [f"  {line}" for line in self._lines(scores)]
            lines += [f"  note: {warning}" for warning in scores.warnings]
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        score_name, distance_name = score_names(self.extractor)
        return {
            "name": self.name,
            "checkpoint": None if self.checkpoint is None else self.checkpoint.name,
            "step": self.step,
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
                metrics, a seed that is not 0, and a digest of all that decides the numbers.
        """
        protocols = "+".join(scores.protocol.name for scores in self.scores)
        words = [path.stem, self.extractor.name, protocols, *self.scores[0].more]
        if self.seed:
            words.append(f"seed{self.seed}")
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
        return digest([extractor_identity(self.extractor), self.seed, of_protocols])

    def _comparable(self, scores: Scores) -> bool:
        """Tell whether network, sides and counts are such that published scores compare."""
        is_whole = scores.num_real is not None and not (scores.mismatches or scores.warnings)
        return self.extractor.is_fid_inception and is_whole

    def _lines(self, scores: Scores) -> list[str]:
        protocol = scores.protocol
        score_name, distance_name = score_names(self.extractor)
        bits: str = "8-bit" if self.is_quantized else protocol.quantization
        bits += ", grey as three equal channels" if self.channels == 1 else ""
        alone = f"protocol {protocol.name}: {protocol.num_generated:,} samples ({bits})"
        compared = (
            f"protocol {protocol.name}: {protocol.num_generated_fid:,} samples ({bits}), "
            f"{_real(scores)}"
        )
        lines = []
        if scores.score_mean is not None:
            said = f"{score_name} {scores.score_mean:.3f} +- {scores.score_std:.3f}"
            lines.append(f"{said} | {alone} in {protocol.splits} splits")
        if scores.distance is not None:
            lines.append(f"{distance_name} {scores.distance:.3f} | {compared}")
        for found in scores.more.values():
            values = ", ".join(f"{key} {value:.5g}" for key, value in found.values.items())
            settings = f"{found.settings} | " if found.settings else ""
            sides = compared if found.is_compared else alone
            lines.append(f"{self.extractor.name} {values} | {settings}{sides}")
        return [f"{line} | {self._provenance()}" for line in lines]

    def _provenance(self) -> str:
        """Return how features were made, whatever the extractor has to say of it."""
        of_extractor = {
            key: str(value)[:8] if key == "sha256" else value
            for key, value in self.extractor.provenance.items()
            if key != "weights"
        }
        said = " ".join(f"{key} {value}" for key, value in of_extractor.items())
        seed = "" if self.seed is None else f" | seed {self.seed}"
        software = " ".join(f"{key} {self.versions[key]}" for key in ("sngan", "torch"))
        return f"{self.extractor.name} {said} float32{seed} | {software}"


def score_names(extractor: Extractor) -> tuple[str, str]:
    """Return what score and distance are called: only one network's are IS and FID."""
    if extractor.is_fid_inception:
        return "Inception score", "FID"
    return f"{extractor.name} score", f"{extractor.name} distance"


def _real(scores: Scores) -> str:
    count = "?" if scores.num_real is None else f"{scores.num_real:,}"
    mismatch = f" NOT COMPARABLE: {'; '.join(scores.mismatches)}" if scores.mismatches else ""
    return f"{count} real of {scores.real}{mismatch}"
