"""Hours are estimated from what has been logged."""

import json

import pytest

from sngan.reproduce.estimate import Estimate, seconds_per_step


def log(folder, cell, *speeds):
    run = folder.of_cell(cell.name).path
    run.mkdir(parents=True)
    name = "speed/steps_per_second"
    lines = [{"step": i + 1, "name": name, "value": s, "seconds": i} for i, s in enumerate(speeds)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def three(reproduction):
    """The same networks at n_dis 5, 5 and 1, and another method."""
    folder, plan = reproduction("+experiment=figure1_cifar10", key="figure1", seeds=1)
    by_use = {use: plan.cells.by_name[names[0]] for use, names in plan.cells.by_variant.items()}
    prefix = "+experiment=figure1_cifar10 method="
    names = ("vanilla setting=D", "vanilla setting=E", "vanilla setting=C")
    return folder, *(by_use[prefix + name] for name in names)


def test_the_same_work_has_the_same_speed(three):
    folder, d, e, c = three
    log(folder, d, 99.0, 4.0, 2.0, 1.0)  # The first holds the warming up.
    assert seconds_per_step(folder.of_cell(d.name)) == 0.5
    estimate = Estimate(folder, [d, e, c])
    assert estimate.hours(d) == pytest.approx(4 * 0.5 / 3600)
    assert estimate.hours(e) == pytest.approx(4 * 0.5 / 3600)
    assert estimate.hours(c) == pytest.approx(4 * 0.5 * 2 / 6 / 3600)  # Scaled by passes.


def test_monitors_grids_and_checkpoints_take_their_share_of_the_hours(three):
    folder, d, _, _ = three
    log(folder, d, 99.0, 1.0)
    with (folder.of_cell(d.name).path / "metrics.jsonl").open("a") as file:
        line = {"step": 2, "name": "speed/share_besides", "value": 0.75, "seconds": 1}
        file.write(json.dumps(line) + "\n")
    alone, besides = 1 / 99 + 1, 3
    expected = 4 * (alone + besides) / alone / 3600
    assert Estimate(folder, [d]).hours(d) == pytest.approx(expected)
    assert seconds_per_step(folder.of_cell(d.name)) == 1.0


def test_what_is_done_does_not_count(three):
    folder, d, _, _ = three
    log(folder, d, 1.0)
    checkpoints = folder.of_cell(d.name).path / "checkpoints"
    checkpoints.mkdir()
    (checkpoints / "step_0000003.pt").touch()
    assert Estimate(folder, [d]).hours(d) == pytest.approx(1 / 3600)


def test_nothing_alike_is_unknown(three):
    folder, d, _, _ = three
    assert Estimate(folder, [d]).hours(d) is None


def test_a_line_that_a_kill_cut_short_is_left_out(three):
    folder, d, _, _ = three
    log(folder, d, 1.0, 2.0)
    with (folder.of_cell(d.name).path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 3, "na')
    assert seconds_per_step(folder.of_cell(d.name)) == 0.5


def test_what_ended_counts_with_all_it_took(three):
    """Start, monitors and scores included, which the logged speed does not know."""
    folder, d, e, _ = three
    log(folder, d, 1.0)
    folder.note(d.name, seconds={"train": 9.0, "scores": 36.0})
    estimate = Estimate(folder, [d, e])
    assert estimate.hours(e) == pytest.approx(4 * 9 / 3600)
    assert estimate.hours(e, ["train", "scores"]) == pytest.approx((4 * 9 + 36) / 3600)
    assert estimate.hours(e, ["scores", "spectra"]) == pytest.approx(0.01)
