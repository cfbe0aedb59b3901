"""Whatever stands in a checkpoint, those who read it raise our errors and no others."""

import copy
import logging
import shutil

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def places(node, at=()):
    """Return where something stands in a state: keys, from the outside in."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in inner:
        found.append((*at, key))
        if isinstance(value, dict | list):
            found += places(value, (*at, key))
    return found


def put(state, at, value):
    """Return a state with another value at a place; only what is around it is copied."""
    key, *rest = at
    changed = copy.copy(state)
    try:
        if rest:
            changed[key] = put(state[key], rest, value)
        elif value is DELETED:
            del changed[key]
        else:
            changed[key] = value
    except (LookupError, TypeError):  # An earlier change has taken it away.
        return state
    return changed


@pytest.fixture(scope="module")
def state(trained):
    found = checkpoint.load(trained, "continue")
    found["config"]["total_steps"] = 50
    return found


@pytest.fixture(scope="module")
def spoilt(state, tmp_path_factory):
    """Write a checkpoint that is changed at a few places, as hypothesis draws them."""
    path = tmp_path_factory.mktemp("spoilt") / "a.pt"
    of_config = places(state["config"], ("config",))
    of_state = places({key: value for key, value in state.items() if key != "config"})
    where = st.one_of(st.sampled_from(of_config), st.sampled_from(of_state))
    changes = st.lists(st.tuples(where, JUNK | st.just(DELETED)), min_size=1, max_size=2)

    def write(data):
        changed = {**state, "format": 1}
        for at, value in data.draw(changes):
            changed = put(changed, at, value)
        try:
            torch.save(changed, path)
        except (ValueError, TypeError, NotImplementedError):  # It does not take everything.
            path.write_bytes(b"")
        return path

    return write


def fuzz(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )


def raises_ours_only(function, *arguments):
    """Call it and tell whether it went well."""
    try:
        function(*arguments)
    except OURS:
        return False
    return True


READERS = (
    lambda path: checkpoint.load(path, "continue"),
    lambda path: read_trained(path, (), None, False),
    read_analysis,
    load_generator,
)


def check_readers(spoilt, data):
    path = spoilt(data)
    for read in READERS:
        raises_ours_only(read, path)


@fuzz(60)
@given(data=st.data())
def test_reading(spoilt, data):
    check_readers(spoilt, data)


@pytest.mark.slow
@fuzz(3000)
@given(data=st.data())
def test_reading_for_long(spoilt, data):
    check_readers(spoilt, data)


@pytest.fixture(scope="module")
def go_on(tmp_path_factory):
    """Continue from a checkpoint for one iteration."""
    config = compose("train", ["resume=x"])
    folder = RunFolder(tmp_path_factory.mktemp("again") / "run")
    loaded = {}

    def call(path):
        shutil.rmtree(folder.path, ignore_errors=True)
        if len(loaded) > 10:
            loaded.clear()
        begin(continued(path, folder, config, ()), loaded)(lambda: True)

    logging.disable(logging.WARNING)
    yield call
    logging.disable(logging.NOTSET)


@fuzz(30)
@given(data=st.data())
def test_continuing(spoilt, go_on, data):
    raises_ours_only(go_on, spoilt(data))


@pytest.mark.slow
@fuzz(1500)
@given(data=st.data())
def test_continuing_for_long(spoilt, go_on, data):
    raises_ours_only(go_on, spoilt(data))


def test_without_a_change_all_goes_well(state, go_on, tmp_path):
    checkpoint.save(tmp_path / "a.pt", state)
    for read in (*READERS, go_on):
        assert raises_ours_only(read, tmp_path / "a.pt")
