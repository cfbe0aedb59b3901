"""What can be measured. Each section yields its tables one by one, as data for JSON."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from scripts.benchmark.contestants import ours, peers
from scripts.benchmark.options import Options
from scripts.benchmark.race import Contestant, race
from scripts.benchmark.roofline import roofline
from scripts.benchmark.summary import rows
from scripts.benchmark.task import Task
from sngan.assembly.compose import CONFIG_DIR

Table = dict[str, Any]
Section = Callable[[Options], Iterator[Table]]

METHODS_N_DIS = 5  # Of Figure 10.
BASELINE_METHOD = "vanilla"
GROWTH: Mapping[str, tuple[Any, ...]] = {
    "batch_size": (16, 32, 64, 128, 256),
    "width": (0.25, 0.5, 1.0, 2.0),
    "image_size": (32, 48, 64),
    "n_dis": (1, 2, 5),
}
QUICK_GROWTH: Mapping[str, tuple[Any, ...]] = {
    "image_size": (16, 32),
    "n_dis": (1, 2),
}


def iterations(options: Options) -> Iterator[Table]:
    """Measure our modes against the programs of others, for each network and ``n_dis``."""
    for network in options.networks:
        for n_dis in options.n_dis:
            task = replace(options.task, network=network, n_dis=n_dis)
            others = peers(task, options)
            contestants = [*others, *(ours(task, mode, options) for mode in options.modes)]
            baselines = [contestant.name for contestant in others]
            yield _table(contestants, [task] * len(contestants), options, baselines)


def methods(options: Options) -> Iterator[Table]:
    """Measure every method on the CNN (Figure 10), in each mode; with ``n_dis`` if one is named."""
    n_dis = options.n_dis[0] if len(options.n_dis) == 1 else METHODS_N_DIS
    task = replace(options.task, network="cnn", n_dis=n_dis)
    names = method_names()
    for mode in options.modes:
        contestants = [
            # A setting brings its n_dis and batch size; the task's come later, and win.
            ours(task, mode, options, f"method={name}", f"setting={options.setting}", name=name)
            for name in names
        ]
        table = _table(contestants, [task] * len(names), options, [BASELINE_METHOD])
        yield {**table, "mode": mode, "setting": options.setting}


def method_names() -> list[str]:
    """Return every member of the ``method`` group."""
    return sorted(path.stem for path in (CONFIG_DIR / "method").glob("*.yaml"))


def scaling(options: Options) -> Iterator[Table]:
    """Measure how time grows with each quantity, the others as usual."""
    for network in options.networks:
        for mode in options.modes:
            for quantity, values in (QUICK_GROWTH if options.quick else GROWTH).items():
                base = replace(options.task, network=network)
                tasks = [replace(base, **{quantity: value}) for value in values]
                contestants = [
                    ours(task, mode, options, name=str(value))
                    for task, value in zip(tasks, values, strict=True)
                ]
                table = _table(contestants, tasks, options, [str(values[0])])
                yield {**table, "task": asdict(base), "mode": mode, "quantity": quantity}


SECTIONS: Mapping[str, Section] = {
    "iterations": iterations,
    "methods": methods,
    "scaling": scaling,
    "roofline": roofline,
}


def _table(
    contestants: list[Contestant], tasks: list[Task], options: Options, baselines: list[str]
) -> Table:
    timings = race(contestants, options.device, options.rounds, options.block_seconds)
    pictures = [task.pictures for task in tasks]
    return {"task": asdict(tasks[0]), "rows": rows(timings, pictures, baselines)}
