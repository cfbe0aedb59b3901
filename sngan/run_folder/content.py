"""What a checkpoint must hold, so that whoever reads one can rely on it.

A checkpoint may be a stranger's. It is loaded without running code, but what that gives can be
anything. All of it is looked at once, here, before anything is made of it. Whether values suit each
other is the business of those who use them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from reprlib import Repr
from typing import Literal

from sngan.run_folder import kinds
from sngan.run_folder.kinds import is_integer, is_number
from sngan.system.require import SettingError

Purpose = Literal["read", "score", "analyze", "continue", "export"]
"""What a checkpoint is read for. To continue from one takes more than to score it. An ``export`` is
what holds a generator alone."""
NOTHING = object()
SHORT = Repr()
SHORT.maxstring = SHORT.maxother = 60


@dataclass(frozen=True)
class Kind:
    """What an entry must be.

    Attributes:
        said: In words, behind ``must be``.
        holds: Whether a value is that.
        may_be_missing: Whether older checkpoints lack it.
    """

    said: str
    holds: Callable[[object], bool]
    may_be_missing: bool = False


SEED = Kind("an integer >= 0", is_integer)
COMPONENT = Kind("an object with a _target_", kinds.is_component)
MAYBE_ONE = Kind(
    f"null or {COMPONENT.said}",
    lambda value: value is None or kinds.is_component(value),
    may_be_missing=True,
)
COMPONENTS = Kind("objects with a _target_, by name", kinds.are_components)
SOME = Kind(
    f"null or {COMPONENTS.said}",
    lambda value: value is None or kinds.are_components(value),
    may_be_missing=True,
)
WEIGHTS = Kind("tensors by name", kinds.are_weights)
OPTIMIZER = Kind("the state of an optimizer", kinds.is_optimizer)

ALWAYS = {
    "step": Kind("an integer >= 0", is_integer),
    "seconds": Kind("a number >= 0", lambda value: is_number(value) and value >= 0),  # type: ignore[operator]
    "config": Kind("an object of plain values", kinds.is_settings),
    "iteration.generator": WEIGHTS,
    "iteration.discriminator": WEIGHTS,
    "average": Kind(
        "averaged weights and their count of updates", kinds.is_average, may_be_missing=True
    ),
}
SCORE = {
    "config.architecture.generator": COMPONENT,
    "config.seed": SEED,
    "class_names": Kind("names of classes", kinds.are_names, may_be_missing=True),
}
ANALYZE = {"config.architecture.discriminator": COMPONENT, "config.regularizer": COMPONENTS}
CONTINUE = {
    **SCORE,
    **ANALYZE,
    "config.dataset": COMPONENT,
    "config.preprocessing": COMPONENT,
    "config.loss": COMPONENT,
    "config.optimizer": COMPONENT,
    "config.setting": Kind("an object", kinds.is_settings),
    "config.monitor": SOME,
    "config.logger": SOME,
    "config.average": MAYBE_ONE,
    "config.augmentation": MAYBE_ONE,
    "best": Kind("null, or step, name and value", kinds.is_best, may_be_missing=True),
    "iteration.regularizer": replace(WEIGHTS, may_be_missing=True),
    "iteration.augmentation": replace(WEIGHTS, may_be_missing=True),
    "iteration.generator_optimizer": OPTIMIZER,
    "iteration.discriminator_optimizer": OPTIMIZER,
    "iteration.batches": Kind("pictures and numbers of some upcoming", kinds.are_batches),
    "losses": Kind("sums and their count", kinds.are_losses),
    "random": Kind("states of random sources, of the CPU's at least", kinds.are_random_states),
}
NEEDS: dict[Purpose, dict[str, Kind]] = {
    "read": ALWAYS,
    "score": ALWAYS | SCORE,
    "analyze": ALWAYS | ANALYZE,
    "continue": ALWAYS | CONTINUE,
    "export": {name: ALWAYS[name] for name in ("step", "config", "iteration.generator")} | SCORE,
}


def require_content(state: object, purpose: Purpose) -> None:
    """Raise unless a checkpoint holds what it is read for.

    Args:
        state: What the file holds; anything.
        purpose: What for.

    Raises:
        SettingError: Naming the first entry that is missing or of another kind.
    """
    for name, kind in NEEDS[purpose].items():
        value = _entry(state, name)
        if value is NOTHING and kind.may_be_missing:
            continue
        if not kind.holds(value):
            raise SettingError(name, f"must be {kind.said}, got {_shown(value)}")


def _entry(state: object, name: str) -> object:
    """Return what stands at a place like ``config.seed``, or `NOTHING`."""
    node = state
    for key in name.split("."):
        node = node.get(key, NOTHING) if type(node) is dict else NOTHING
    return node


def _shown(value: object) -> str:
    """Return a value in one short line."""
    if value is NOTHING:
        return "nothing"
    if kinds.is_tensor(value):
        return "a tensor"
    return SHORT.repr(value).replace("\n", " ")
