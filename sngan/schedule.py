"""Learning rates over a run."""

from collections.abc import Callable


def linear_decay(start: int | None, total_steps: int) -> Callable[[int], float]:
    """Return the learning rate's factor as a function of the completed iterations.

    It is 1 up to ``start`` and falls linearly to 0 at ``total_steps``, so that the last iteration
    is the last with a rate above zero (the authors' ``LinearShift``, counted in G updates).

    Args:
        start: Iteration at which the decay begins; None for no decay.
        total_steps: Length of the run in iterations.

    Raises:
        ValueError: If the decay would begin outside the run.
    """
    if start is None:
        return lambda step: 1.0
    if not 0 <= start < total_steps:
        raise ValueError(
            f"setting.lr_decay_start must be null or in [0, total_steps={total_steps}), got {start}"
        )
    return lambda step: min(1.0, max(0.0, (total_steps - step) / (total_steps - start)))
