"""Which weights of G a checkpoint holds: those that were trained, and perhaps their average."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Weights = Literal["raw", "average"]
SAID: Mapping[Weights, str] = {"raw": "raw weights", "average": "average"}


def choose_weights(state: Mapping[str, Any], wanted: Weights | None, path: Path) -> Weights:
    """Return which weights to take: by default the average, if there is one.

    An export holds one kind, and says which.

    Args:
        state: A checkpoint's content.
        wanted: Those to take; None for the default.
        path: The checkpoint.

    Raises:
        ValueError: If those that are wanted are not there.
    """
    alone: Weights | None = state.get("weights")
    if alone is not None:
        if wanted not in (None, alone):
            raise ValueError(f"{path} holds no other weights than these: {SAID[alone]}")
        return alone
    has_average = "average" in state
    if wanted == "average" and not has_average:
        raise ValueError(
            f"{path} holds no average of the weights: it was trained without average=ema; "
            "its raw weights are all there is"
        )
    return wanted or ("average" if has_average else "raw")


def weights_of(state: Mapping[str, Any], which: Weights) -> Mapping[str, Any]:
    """Return weights of G out of a checkpoint that has them."""
    is_average = which == "average" and "average" in state
    found: Mapping[str, Any] = state["average" if is_average else "iteration"]["generator"]
    return found


def title(path: Path, step: int, weights: Weights, config: Mapping[str, Any]) -> str:
    """Return what messages call the generator of a checkpoint.

    Args:
        path: The checkpoint.
        step: Its completed iterations.
        weights: Which of its weights; named where it was trained with an average.
        config: The configuration of its training.
    """
    of_weights = "" if config.get("average") is None else f", {SAID[weights]}"
    return f"{path}, step {step}{of_weights}"
