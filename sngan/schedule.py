"""Learning rates over a run."""

from collections.abc import Callable


def linear_decay(start: float | None, total_steps: int) -> Callable[[int], float]:
    """Return the learning rate's factor as a function of the completed iterations.

    It is 1 up to the start and falls linearly to 0 at ``total_steps``, so that the last iteration
    is the last with a rate above zero (the authors' ``LinearShift``, counted in G updates).

    Args:
        start: Where the decay begins, as a fraction of the run; None for no decay.
        total_steps: Length of the run in iterations.

    Raises:
        ValueError: If ``start`` is outside [0, 1).
    """
    if start is None:
        return lambda _step: 1.0
    if isinstance(start, str) or not 0 <= start < 1:
        raise ValueError(f"setting.lr_decay_start must be null or in [0, 1), got {start}")
    length = max(1, total_steps - round(start * total_steps))
    # A start so late that rounding reaches the end decays within the last iteration.
    return lambda step: min(1.0, max(0.0, (total_steps - step) / length))
