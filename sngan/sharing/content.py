"""What of a checkpoint is given away: a generator, and of which training it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from sngan.architecture.base import Generator
from sngan.assembly.consent import kept_consent
from sngan.assembly.networks import build_generator
from sngan.assembly.places import without_places
from sngan.assembly.trained import trusted_groups
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import run_of
from sngan.run_folder.exported import require_dtypes
from sngan.run_folder.identity import INDIFFERENT
from sngan.run_folder.weights import Weights, choose_weights
from sngan.system.finite import first_not_finite


@dataclass(frozen=True, kw_only=True)
class Content:
    """What an export holds.

    Attributes:
        generator: On the CPU, in eval mode.
        config: Of its training, without places and without what does not matter to others; at
            least the generator and a seed.
        step: Completed iterations.
        source: Where it comes from, in a few words.
        weights: Which ones of the checkpoint's.
        class_names: Of the data set it was trained on; empty if nobody says.
        sheets: Files with its scores, by what follows the checkpoint's name in theirs.
    """

    generator: Generator
    config: Mapping[str, Any]
    step: int
    source: str
    weights: Weights = "raw"
    class_names: tuple[str, ...] = ()
    sheets: Mapping[str, Path] = field(default_factory=dict)

    def tensors(self) -> dict[str, Tensor]:
        """Return copies of all weights and statistics, none of which share memory.

        Raises:
            ValueError: If one is not finite, or of a type that exports do not have.
        """
        found = self.generator.state_dict()
        require_dtypes(found, Path(self.source))
        wrong = first_not_finite(found)
        if wrong is not None:
            raise ValueError(f"{self.source}: {wrong} is not finite")
        return {name: tensor.detach().clone().contiguous() for name, tensor in found.items()}


def content_of(path: Path, trust: Collection[str] = (), weights: Weights | None = None) -> Content:
    """Read what a checkpoint, or an export, has to give.

    Args:
        path: The file.
        trust: Packages besides sngan whose components it may name.
        weights: See `sngan.run_folder.weights.choose_weights`.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be used.
    """
    state = checkpoint.load(path, "score")
    config = state["config"]
    run = run_of(path.absolute())
    which = choose_weights(state, weights, path)
    parts = trusted_groups(config, (*trust, *kept_consent(path)), "architecture.generator")
    return Content(
        generator=build_generator(parts, state, which).eval(),
        config=without_places({k: v for k, v in config.items() if _is_of_interest(k)}),
        step=state["step"],
        source=path.name if run is None else f"{path.name} of {run.path.name}",
        weights=which,
        class_names=tuple(state.get("class_names", ())),
        sheets=sheets_beside(path, which),
    )


def sheets_beside(path: Path, weights: Weights | None = None) -> dict[str, Path]:
    """Return the score sheets beside a checkpoint, by what follows its name in theirs.

    What they are called is said by `sngan.scoring.sheet.ScoreSheet.write`.

    Args:
        path: The checkpoint.
        weights: Of which of its weights; None for all there are.
    """
    return {
        file.name.removeprefix(path.stem): file
        for file in sorted(path.parent.iterdir())
        if file.name.startswith(f"{path.stem}.")
        and file.suffix == ".json"
        and (weights is None or (".average." in file.name) == (weights == "average"))
    }


def _is_of_interest(key: str) -> bool:
    return key == "seed" or key not in INDIFFERENT
