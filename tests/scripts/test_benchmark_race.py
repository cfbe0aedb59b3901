import itertools
import time

import pytest
import torch

from scripts.benchmark.numerics import kept_switches, switches
from scripts.benchmark.race import MORE_WARM_UP, Contestant, race
from sngan.system.float32 import unset_float32, use_exact_float32

CPU = torch.device("cpu")
SWITCHES = pytest.mark.skipif(
    not hasattr(torch.backends, "fp32_precision"), reason="before torch 2.9 there are others"
)


def test_contestants_take_turns_and_are_timed():
    calls = []

    def build(name, seconds):
        def step():
            calls.append(name)
            time.sleep(seconds)

        return lambda: step

    contestants = [Contestant("quick", build("q", 0.002)), Contestant("slow", build("s", 0.02))]
    timings = race(contestants, CPU, rounds=3, block_seconds=0.001)
    turns = [name for name, last in zip(calls, [None, *calls], strict=False) if name != last]
    assert "".join(turns) == "qs" * 4  # Warming up, then three rounds.
    assert [timing.iterations for timing in timings] == [1, 1]
    for timing, seconds in zip(timings, (0.002, 0.02), strict=True):
        assert len(timing.seconds) == 3
        assert seconds <= min(timing.seconds) < 3 * seconds


def test_a_block_lasts_about_as_long_as_asked():
    [timing] = race(
        [Contestant("a", lambda: lambda: time.sleep(0.005))], CPU, rounds=1, block_seconds=0.05
    )
    assert 5 <= timing.iterations <= 10


def test_one_that_fails_is_left_out_and_says_why():
    steps = itertools.count()
    second_round = 2 + 2 * MORE_WARM_UP + 1

    def tires():
        if next(steps) == second_round:
            raise RuntimeError("out of breath")

    def missing():
        raise ImportError("no such package")

    contestants = [
        Contestant("missing", missing),
        Contestant("tires", lambda: tires),
        Contestant("fine", lambda: lambda: time.sleep(0.001)),
    ]
    timings = race(contestants, CPU, rounds=3, block_seconds=0)
    assert [timing.error for timing in timings] == [
        "ImportError: no such package",
        "RuntimeError: out of breath",
        None,
    ]
    assert [len(timing.seconds) for timing in timings] == [0, 1, 3]


@SWITCHES
def test_switches_of_one_contestant_do_not_reach_the_others():
    seen = {"ours": set(), "plain": set()}
    before = switches()

    def ours():
        use_exact_float32()
        torch.backends.cudnn.benchmark = True
        return lambda: seen["ours"].add(_switched())

    def plain():
        return lambda: seen["plain"].add(_switched())

    contestants = [Contestant("ours", ours), Contestant("plain", plain)]
    with kept_switches(), unset_float32():  # Others in this process may have switched.
        race(contestants, CPU, rounds=2, block_seconds=0)
    assert seen == {"ours": {(True, False)}, "plain": {(False, True)}}
    assert switches() == before


def _switched():
    tf32 = torch.backends.cudnn.conv.fp32_precision == "tf32"
    return torch.backends.cudnn.benchmark, tf32


@SWITCHES
@pytest.mark.parametrize("precision", ["ieee", "tf32"])
def test_switches_come_back(precision):
    with kept_switches(), unset_float32():  # Others in this process may have switched.
        before = switches()
        with kept_switches():
            torch.backends.fp32_precision = precision
            assert switches() != before
        assert switches() == before
