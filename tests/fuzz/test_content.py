"""Whatever stands in a checkpoint, those who read it raise our errors and no others.

What is drawn, and who reads it, is in `scripts.torture.contents`.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.torture.contents import (
    READERS,
    GoOn,
    Spoiler,
    quiet,
    raises_ours_only,
    whole_state,
)
from sngan.run_folder import checkpoint


@pytest.fixture(scope="module")
def state(trained):
    return whole_state(trained)


@pytest.fixture(scope="module")
def spoilt(state, tmp_path_factory):
    """Write a checkpoint that is changed at a few places, as hypothesis draws them."""
    return Spoiler(state, tmp_path_factory.mktemp("spoilt") / "a.pt")


def fuzz(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )


def check_readers(spoilt, data):
    path = spoilt(data)
    for read in READERS:
        raises_ours_only(read, path)


@pytest.mark.slow
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
    with quiet():
        yield GoOn(tmp_path_factory.mktemp("again") / "run")


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
