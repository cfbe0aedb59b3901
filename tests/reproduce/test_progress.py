"""How far a reproduction is, in its log and in a file that workers share."""

import logging

import pytest

from sngan.reproduce.jobs import Jobs
from sngan.reproduce.progress import FILE, Progress, in_words, written_down
from sngan.reproduce.work import work_through


@pytest.mark.parametrize(
    ("hours", "said"),
    [(4.2, "4 h"), (2.26, "2.3 h"), (1.49, "89 min"), (0.2, "12 min"), (0.01, "36 s")],
)
def test_times_in_words(hours, said):
    assert in_words(hours) == said


@pytest.fixture
def four(reproduction):
    """Four cells, none begun, and where the jobs are among them."""
    words = ("method=vanilla", "+experiment=figure1_cifar10")
    folder, plan = reproduction(*words, key="figure1", seeds=1)
    cells = [*plan.cells.by_name.values()][:4]
    return folder, cells, Progress(folder, plan, cells, "this")


def test_of_nothing_known_only_the_place_is_said(four):
    _, _, progress = four
    assert str(progress) == "cell 1 of 4"


def test_time_is_measured_and_shared_by_those_at_work(four):
    folder, cells, progress = four
    for cell in cells:
        folder.note(cell.name, seconds={"train": 900.0})
    folder.note(cells[0].name, failure="ValueError: no", attempt="this")
    with folder.held(cells[1].name):
        assert str(progress) == "cell 2 of 4, about 3 h left"  # Three of four updates of 900 s.
        with folder.held(cells[2].name):
            assert str(progress) == "cell 3 of 4, about 1.5 h left"
    folder.note(cells[0].name, failure="ValueError: no", attempt="before")
    with folder.held(cells[1].name):
        assert str(progress) == "cell 1 of 4, about 4 h left"


def test_what_is_unknown_is_said_besides(four):
    folder, cells, progress = four
    folder.note(cells[0].name, seconds={"train": 900.0})
    for cell in cells[1:]:
        cell.config["architecture"]["width"] = cell.name  # Alike to nothing.
    with folder.held(cells[0].name):
        assert str(progress) == "cell 1 of 4, about 60 min left, 3 of unknown length besides"


def test_workers_share_a_file_and_others_do_not_write_there(four):
    folder, _, _ = four
    for text in ("one", "two"):
        with written_down(folder):
            logging.getLogger("sngan.reproduce.work").warning(text)
            logging.getLogger("sngan.training").warning("no")
    lines = (folder.path / FILE).read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["one", "two"]


@pytest.mark.slow
def test_each_cell_that_is_begun_says_where_it_is(reproduction, caplog):
    folder, plan = reproduction("+experiment=figure9", seeds=2)
    names = list(plan.cells.by_name)
    jobs = Jobs.write(folder, [names])
    with caplog.at_level(logging.INFO, "sngan.reproduce"):
        work_through(folder.path, jobs.path, 0)
    lines = (folder.path / FILE).read_text().splitlines()
    assert f"cell 1 of 2: {names[0]}: train" in lines[0]
    assert "cell 2 of 2, about " in lines[1]
    assert f" left: {names[1]}: train" in lines[1]
    assert folder.record(names[0]).seconds["train"] > 0
