"""Checkpoints with odd contents under a right checksum: refused by our own errors, or read."""

import copy
import logging
import shutil
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from scripts.torture.commands import Place
from scripts.torture.small import plain_run
from scripts.torture.tally import Tally
from sngan.api.trained_generator import load_generator
from sngan.assembly.compose import compose
from sngan.assembly.resume import continued
from sngan.assembly.run import begin
from sngan.assembly.trained import read_analysis, read_trained
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder

OURS = (ValueError, FileNotFoundError, FloatingPointError, ModuleNotFoundError)
DELETED = object()
TENSORS = (
    torch.tensor(1.5),
    torch.tensor(3),
    torch.zeros(3),
    torch.full((3,), float("nan")),
    torch.arange(2),
    torch.zeros(0),
    torch.zeros(2, 3, dtype=torch.bfloat16),
    torch.zeros(2, dtype=torch.complex64),
    torch.zeros(1).expand(100),
    torch.zeros(2).to_sparse(),
    torch.zeros(1, device="meta"),
    torch.nn.Parameter(torch.zeros(2)),
)
# Larger numbers would be taken at their word: so many updates, so many pictures.
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 100),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["cpu", "cuda", "text", "null", "${seed}", "???", "sngan.loss.hinge.HingeLoss"]
    ),
    st.binary(max_size=4),
    st.sampled_from(TENSORS),
)
KEYS = st.one_of(st.text(max_size=5), st.integers(-1, 3), st.sampled_from(["_target_", "_args_"]))
JUNK = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner, max_size=3),
    ),
    max_leaves=6,
)
Read = Callable[[Path], object]
READERS: tuple[Read, ...] = (
    lambda path: checkpoint.load(path, "continue"),
    lambda path: read_trained(path, (), None, False),
    read_analysis,
    load_generator,
)
"""Who reads a checkpoint, but for who goes on from it."""


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Return where something stands in a state: keys, from the outside in."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in inner:
        found.append((*at, key))
        if isinstance(value, dict | list):
            found += places(value, (*at, key))
    return found


def put(state: Any, at: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401
    """Return a state with another value at a place; only what is around it is copied."""
    key, *rest = at
    changed = copy.copy(state)
    try:
        if rest:
            changed[key] = put(state[key], tuple(rest), value)
        elif value is DELETED:
            del changed[key]
        else:
            changed[key] = value
    except (LookupError, TypeError):  # An earlier change has taken it away.
        return state
    return changed


class Spoiler:
    """Writes checkpoints that are changed at a few places, as hypothesis draws them.

    Args:
        state: Of a whole one.
        path: Where.
    """

    def __init__(self, state: dict[str, Any], path: Path) -> None:
        self.path = path
        self._state = state
        of_config = places(state["config"], ("config",))
        of_state = places({key: value for key, value in state.items() if key != "config"})
        where = st.one_of(st.sampled_from(of_config), st.sampled_from(of_state))
        self._changes = st.lists(st.tuples(where, JUNK | st.just(DELETED)), min_size=1, max_size=2)

    def __call__(self, data: st.DataObject) -> Path:
        """Write one and return it."""
        changed = {**self._state, "format": 1}
        for at, value in data.draw(self._changes):
            changed = put(changed, at, value)
        try:
            torch.save(changed, self.path)
        except (ValueError, TypeError, NotImplementedError):  # It does not take everything.
            self.path.write_bytes(b"")
        return self.path


class GoOn:
    """Continues from a checkpoint for one iteration.

    Args:
        folder: Where; it is made anew each time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = RunFolder(folder)
        self._config = compose("train", ["resume=x"])
        self._loaded: dict[str, Any] = {}

    def __call__(self, path: Path) -> None:
        """Continue."""
        shutil.rmtree(self._folder.path, ignore_errors=True)
        if len(self._loaded) > 10:
            self._loaded.clear()
        begin(continued(path, self._folder, self._config, ()), self._loaded)(lambda: True)


def whole_state(path: Path) -> dict[str, Any]:
    """Return a checkpoint's content, with some way to go."""
    found = checkpoint.load(path, "continue")
    found["config"]["total_steps"] = 50
    return found


def raises_ours_only(read: Read, path: Path) -> bool:
    """Call it and tell whether it went well."""
    try:
        read(path)
    except OURS:
        return False
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out warnings about what a checkpoint says."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def run(place: Place, count: int) -> Tally:
    """Draw checkpoints and have them read by everybody.

    Args:
        place: Where.
        count: Checkpoints for readers; half as many again are continued from.
    """
    tally = Tally()
    whole = max(plain_run(place).glob("checkpoints/*.pt"))
    spoiler = Spoiler(whole_state(whole), place.scratch / "odd.pt")
    with quiet():
        _fuzz(place, "read", spoiler, READERS, count, tally)
        go_on = GoOn(place.scratch / "odd run")
        _fuzz(place, "continued from", spoiler, (go_on,), -(-count // 2), tally)
    return tally


def _fuzz(
    place: Place, name: str, spoiler: Spoiler, readers: tuple[Read, ...], count: int, tally: Tally
) -> None:
    def check(data: st.DataObject) -> None:
        tally.count(f"checkpoints {name}")
        path = spoiler(data)
        went_well = [raises_ours_only(read, path) for read in readers]
        tally.count(f"checkpoints {name}: refused", not all(went_well))

    limits = settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=[*HealthCheck]
    )
    drawn = seed(place.random.getrandbits(32))(limits(given(data=st.data())(check)))
    try:
        drawn()
    except Exception as error:  # Whatever a reader raised that is not ours.
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{name}: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
        tally.broken.append(place.keep(spoiler.path, said))
