"""What bounds an iteration: arithmetic, memory or launches."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import torch

from scripts.benchmark.ceilings import Ceilings, measure_ceilings
from scripts.benchmark.contestants import PLAIN, ours
from scripts.benchmark.numerics import kept_switches
from scripts.benchmark.operations import Demand, demand_of
from scripts.benchmark.options import Options
from scripts.benchmark.ours import MODES, Arithmetic, step_of, words_of
from scripts.benchmark.plain import PlainIteration
from scripts.benchmark.race import Contestant, Step, Timing, race
from scripts.benchmark.summary import spread
from scripts.benchmark.task import Task


def roofline(options: Options) -> Iterator[dict[str, Any]]:
    """Compare an iteration of each network with what the machine can do; the first ``n_dis``."""
    ceilings = measure_ceilings(options.device, options.quick)
    for network in options.networks:
        task = replace(options.task, network=network, n_dis=options.n_dis[0])
        contestants = [
            Contestant(PLAIN, partial(PlainIteration, task, options.device)),
            *(ours(task, mode, options) for mode in options.modes),
        ]
        timings = race(contestants, options.device, options.rounds, options.block_seconds)
        rows = [_row(timing, task, ceilings, options.device) for timing in timings]
        yield {"task": asdict(task), "ceilings": asdict(ceilings), "rows": rows}


def bounds(demand: Demand, ceilings: Ceilings, arithmetic: Arithmetic) -> dict[str, float]:
    """Return the seconds that each part of a demand takes by itself at the machine's ceiling."""
    return {
        "arithmetic": demand.multiplications / ceilings.multiplications[arithmetic],
        "traffic": demand.traffic / ceilings.traffic,
        "launches": demand.operations / ceilings.operations,
    }


def _row(timing: Timing, task: Task, ceilings: Ceilings, device: torch.device) -> dict[str, Any]:
    if timing.error or not timing.seconds:
        return {"name": timing.name, "error": timing.error or "no rounds"}
    with kept_switches():
        step = _eager_step(timing.name, task, device)
        step()  # The first iteration also allocates, for the optimizers.
        demand = demand_of(step)
    seconds = spread(timing.seconds)
    parts = bounds(demand, ceilings, _arithmetic(timing.name, device))
    return {
        "name": timing.name,
        "demand": asdict(demand),
        "bounds": parts,
        "seconds": seconds,
        "share_of_arithmetic": parts["arithmetic"] / seconds["median"],
    }


def _eager_step(name: str, task: Task, device: torch.device) -> Step:
    if name == PLAIN:
        return PlainIteration(task, device)
    return step_of([*words_of(task, name), "compile=false"], device, eager=True)


def _arithmetic(name: str, device: torch.device) -> Arithmetic:
    if name == PLAIN:  # PyTorch's default for convolutions.
        return "tf32" if device.type == "cuda" else "float32"
    return MODES[name].arithmetic
