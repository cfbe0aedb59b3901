"""The page about runs: of one and of several, while they train, and of what is damaged."""

import json
import os
import re
import socket
import sys
from io import BytesIO

import pytest
import yaml
from PIL import Image

from scripts.torture.compare import differences
from sngan.commands import report as command_of_report
from sngan.report.render import MARK, render, write
from sngan.report.run_curves import MOST_POINTS, thinned
from sngan.report.run_list import runs_of
from sngan.report.run_result import RunResult
from sngan.report.runs import report_of_runs
from sngan.run_folder.folder import RunFolder

ENVIRONMENT = {
    "step": 0,
    "versions": {"sngan": "0.1.0", "torch": "2.15.0", "python": "3.11.7"},
    "platform": "Linux",
    "device_name": "H9000",
    "threads": 2,
    "commit": "0123456789abcdef",
    "dirty": True,
}
SPECTRAL = {"spectral_norm": {"_target_": "sngan.regularizer.spectral_norm.SpectralNorm"}}


def log(run, *lines):
    """Add entries: step, name, value; a step takes a second."""
    with (run / "metrics.jsonl").open("a") as file:
        for step, name, value in lines:
            line = {"step": step, "name": name, "value": value, "seconds": float(step)}
            file.write(json.dumps(line) + "\n")


@pytest.fixture
def undrawn(monkeypatch):
    """Draw nothing, which takes most of the time, where drawings are not looked at."""
    for name in ("lines", "spectra"):
        monkeypatch.setattr(f"sngan.report.figures.{name}", lambda *_, **__: "<svg></svg>")
    monkeypatch.setattr("sngan.report.run_sections.spectra", lambda *_: "<svg></svg>")


@pytest.fixture
def begun(tmp_path):
    """Make the folder of a run that has just begun."""

    def make(name="run", **settings):
        run = tmp_path / name
        (run / "checkpoints").mkdir(parents=True)
        (run / "samples").mkdir()
        config = {"seed": 0, "total_steps": 100, "dataset": {"_target_": "sngan.dataset.a.A"}}
        (run / "config.yaml").write_text(yaml.safe_dump({**config, **settings}))
        (run / "environment.json").write_text(json.dumps([ENVIRONMENT]))
        return run

    return make


@pytest.fixture
def trained(begun):
    """Make the folder of a run with something of everything."""

    def make(name="run", distance=100.0, **settings):
        run = begun(name, **settings)
        for step in range(10, 101, 10):
            log(
                run,
                (step, "loss/generator", 1.5), (step, "loss/discriminator", step / 100),
                (step, "penalty", 0.0), (step, "speed/steps_per_second", 4.0),
                (step, "speed/share_besides", 0.25), (step, "sigma/in_use/block.0", 1.01),
                (step, "sigma/raw/block.0", 3.0), (step, "sigma/in_use/block.1", 1.02),
                (step, "distance/inception/quick", distance + 5 - step / 20),
            )  # fmt: skip
            score(run, step, distance - step / 20)
        (run / "checkpoints" / "step_0000100.pt").touch()
        layers = [{"name": n, "in_use": [2.0, 1.0], "stable_rank": 1.25} for n in ("a", "b")]
        (run / "checkpoints" / "step_0000100.spectra.json").write_text(
            json.dumps({"layers": layers})
        )
        grid(run, 50, "black")
        grid(run, 100, "teal")
        return run

    return make


def score(run, step, distance):
    sheet = {
        "step": step,
        "extractor": {"name": "inception", "sha256": "0" * 64},
        "names": {"score": "Inception score", "distance": "FID"},
        "protocols": {
            "quick": {
                "score_mean": 7.0, "score_std": 0.25, "distance": distance,
                "more": {"kid": {"kid": 0.125}},
            }
        },
    }  # fmt: skip
    path = run / "checkpoints" / f"step_{step:07d}.inception.quick.abc.json"
    path.write_text(json.dumps(sheet))


def grid(run, step, color):
    Image.new("RGB", (342, 342), color).save(run / "samples" / f"step_{step:07d}.png")


def report_of(*paths):
    return report_of_runs(runs_of(paths))


def section(report, key):
    (found,) = (section for section in report.sections if section.key == key)
    return found


def texts(report, key):
    """Return the first table of a section, a list of texts for each line."""
    table = next(x for x in section(report, key).blocks if hasattr(x, "lines"))
    return [[entry.text for entry in line.entries] for line in table.lines]


def drawings(report):
    return [x.name for part in report.sections for x in part.blocks if hasattr(x, "svg")]


def test_everything_of_a_run_is_shown(trained):
    report = report_of(trained())
    assert report.title == "run"
    assert texts(report, "overview") == [
        ["run", "finished", "100", "01:40", "1.500", "1.000", "95"]
    ]
    assert drawings(report) == [
        "losses", "score_0", "score_0_monitor", "score_1", "score_2", "sigma_in_use", "sigma_raw",
        "spectra", "speed",
    ]  # fmt: skip
    assert texts(report, "speed") == [["run", "250.0", "25%", "-"]]
    page = render(report, ".html")
    for said in ("FID, protocol quick", "H9000", "01234567 with changes", "7 ± 0.25", "0.125"):
        assert said in page
    assert [part.key for part in report.sections][-1] == "provenance"
    assert "differences" not in [part.key for part in report.sections]


def test_names_break_between_their_words_and_one_thread_is_one(undrawn, trained):
    runs = trained(), trained("other", regularizer=SPECTRAL)
    for run in runs:
        (run / "environment.json").write_text(json.dumps([ENVIRONMENT | {"threads": 1}]))
    report = report_of_runs(runs_of(runs))
    page = render(report, ".html")
    assert "<code>sngan.<wbr>regularizer.<wbr>spectral_<wbr>norm.<wbr>SpectralNorm</code>" in page
    assert "`sngan.regularizer.spectral_norm.SpectralNorm`" in render(report, ".md")
    assert page.count("H9000, 1 thread<") == 2


def test_a_page_asks_for_nothing_else(trained):
    page = render(report_of(trained("a"), trained("b")), ".html")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert page.count("<img") == 2


def test_scores_of_sheets_and_monitors_are_told_apart(undrawn, trained):
    report = report_of(trained())
    assert texts(report, "scores") == [["run", "95", "95"]]
    every = texts(report, "every_score")
    assert ["run", "100", "FID, protocol quick", "95", "sngan-eval"] in every
    assert ["run", "100", "inception distance, protocol quick", "100", "while training"] in every
    assert ["run", "10", "inception kid, protocol quick", "0.125", "sngan-eval"] in every


def test_the_best_of_a_distance_is_the_smallest_of_a_score_the_largest(begun):
    run = begun()
    log(run, (1, "distance/x/quick", 9.0), (2, "distance/x/quick", 5.0))
    log(run, (3, "distance/x/quick", 7.0), (1, "score/x/quick", 3.0), (2, "score/x/quick", 2.0))
    tables = [x for x in section(report_of(run), "scores").blocks if hasattr(x, "lines")]
    found = [[entry.text for entry in table.lines[0].entries] for table in tables]
    assert found == [["run", "7", "5"], ["run", "2", "3"]]


def test_settings_that_differ(undrawn, trained):
    one = trained("a", regularizer=SPECTRAL, lr=0.1)
    part = {"none": {"_target_": "sngan.regularizer.none.NoRegularizer", "inner": {"value": 1}}}
    report = report_of(one, trained("b", regularizer=part, lr=0.2))
    assert texts(report, "differences") == [
        ["`lr`", "`0.1`", "`0.2`"],
        ["`regularizer.spectral_norm._target_`", f"`{SPECTRAL['spectral_norm']['_target_']}`", "-"],
        ["`regularizer.none._target_`", "-", f"`{part['none']['_target_']}`"],
    ]
    common = [line[0] for line in texts(report, "settings")]
    assert common == ["`dataset._target_`", "`seed`", "`total_steps`"]


def test_a_run_has_one_colour_in_all_drawings(begun):
    """Also where runs before it have logged nothing of a kind."""
    first, second = begun("a"), begun("b")
    log(first, (1, "loss/generator", 1.0), (2, "loss/generator", 1.0))
    for name in ("loss/generator", "speed/steps_per_second", "sigma/in_use/x"):
        log(second, (1, name, 1.0), (2, name, 2.0))
    report = report_of(first, second)
    svgs = {x.name: x.svg for part in report.sections for x in part.blocks if hasattr(x, "svg")}
    assert sorted(svgs) == ["losses_loss_generator", "sigma_in_use", "speed"]
    assert "#3b7dd8" in svgs["losses_loss_generator"]
    for name in ("sigma_in_use", "speed"):
        assert "#d95f02" in svgs[name]
        assert "#3b7dd8" not in svgs[name]


def test_samples_are_side_by_side_of_several_and_over_time_of_one(undrawn, trained):
    one, other = trained("a"), trained("b")
    (other / "samples" / "step_0000100.png").write_bytes(b"\x89PNG")  # Cut short.
    assert list(report_of(one).pictures) == ["samples_0", "samples_1"]
    report = report_of(one, other)
    assert texts(report, "samples")[1] == ["", "after 100 updates", "after 50 updates"]
    for name, color in (("samples_0", (0, 128, 128)), ("samples_1", (0, 0, 0))):
        with Image.open(BytesIO(report.pictures[name])) as picture:
            assert picture.size == (172, 172)
            assert picture.getpixel((9, 9)) == color


def test_a_run_that_has_just_begun(begun):
    report = report_of(begun())
    page = render(report, ".html")
    for said in ("Nothing is logged yet.", "Not scored", "Not measured", "No grid is made yet."):
        assert said in page
    assert texts(report, "overview")[0][:4] == ["run", "stopped", "0", "00:00"]


def test_while_it_trains(begun):
    """A line is half written, and who holds the folder lives."""
    run = begun()
    log(run, (10, "loss/generator", 1.0), (20, "loss/generator", 2.0))
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 30, "name": "loss/gen')
    holder = {"host": socket.gethostname(), "process": os.getpid()}
    (run / ".holder.json").write_text(json.dumps(holder))
    report = report_of(run)
    assert texts(report, "overview")[0][:5] == ["run", "running", "20", "00:20", "2.000"]
    assert "Training goes on in run" in report.warning


@pytest.mark.parametrize(
    ("about", "state"),
    [
        ({"process": 2**22 + 1}, "stopped"),  # No such process can be.
        ({"process": 1, "host": "elsewhere"}, "running on elsewhere, or killed there"),
        ({"process": "1"}, "stopped"),
        ({"process": 2**80}, "stopped"),
        ({"process": -1}, "stopped"),
    ],
)
def test_whoever_was_killed_does_not_train(begun, about, state):
    run = begun()
    (run / ".holder.json").write_text(json.dumps({"host": socket.gethostname(), **about}))
    assert RunResult("run", RunFolder(run)).state == state


@pytest.mark.parametrize("damage", ["", "[1", "3", "{}", "a: [", '[{"step": "x"}]', "[[1]]"])
@pytest.mark.parametrize(
    "file",
    [
        "environment.json", "config.yaml", "metrics.jsonl", ".holder.json",
        "checkpoints/step_0000100.spectra.json",
        "checkpoints/step_0000100.inception.quick.abc.json",
        "samples/step_0000100.png",
    ],
)  # fmt: skip
def test_a_damaged_file_does_not_stop_the_report(undrawn, trained, file, damage):
    run = trained()
    (run / file).write_text(damage)
    assert "FID, protocol quick" in render(report_of(run), ".html")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1" + "0" * 400])
def test_values_that_cannot_be_drawn_are_left_out(begun, value):
    run = begun()
    lines = (f'{{"step": {s}, "name": "loss/generator", "value": {v}, "seconds": 1}}\n'
             for s, v in ((1, value), (2, 1), (3, 2)))  # fmt: skip
    (run / "metrics.jsonl").write_text("".join(lines))
    assert RunResult("run", RunFolder(run)).points("loss/generator") == ([2, 3], [1, 2])
    assert drawings(report_of(run)) == ["losses"]


def test_odd_names_are_shown_as_they_are(begun):
    for name in ("_under", "a$b$", "<i>x"):
        log(begun(f"odd/{name}"), (1, "loss/generator", 1.0), (2, "loss/generator", 1.0))
    page = render(report_of(begun("odd/z").parent), ".html")
    for name in ("_under", "a$b$", "&lt;i&gt;x"):
        assert re.search(rf"<text[^>]*>\u200b?{re.escape(name)}</text>", page), name
    assert "<i>x" not in page


def test_long_curves_are_means_of_neighbours():
    points = [float(x) for x in range(MOST_POINTS * 2 + 1)]
    at, values = thinned((points, points))
    assert len(at) <= MOST_POINTS
    assert at[:2] == values[:2] == [1.0, 4.0]
    assert thinned((points[:MOST_POINTS],) * 2) == (points[:MOST_POINTS],) * 2


def test_packs_and_sweeps_are_the_runs_within(begun, tmp_path):
    for name in ("sweep/2", "sweep/10", "sweep/pack/seed_0", "sweep/pack/seed_1", "other"):
        begun(name)
    (tmp_path / "sweep" / ".hydra").mkdir()
    (tmp_path / "sweep" / ".hydra" / "config.yaml").touch()
    sweep = tmp_path / "sweep"
    assert list(runs_of([sweep])) == ["pack/seed_0", "pack/seed_1", "2", "10"]
    assert list(runs_of([sweep / "pack"])) == ["seed_0", "seed_1"]
    assert list(runs_of([sweep / "2", tmp_path / "other", sweep / "2"])) == ["sweep/2", "other"]


@pytest.fixture
def report_command(monkeypatch, capsys, tmp_path):
    """Run the command in an empty folder; returns its exit code, pages and message."""

    def run(*words):
        here = tmp_path / "here"
        here.mkdir(exist_ok=True)
        monkeypatch.chdir(here)
        monkeypatch.setattr(sys, "argv", ["sngan-report", *map(str, words)])
        try:
            command_of_report.main()
            code = 0
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run


def test_where_the_report_goes(undrawn, report_command, trained, tmp_path):
    one, other = trained("a"), trained("b")
    for words, place in [
        ((one,), str(one)),
        ((one, other), "runs_report"),
        ((one, "--output", tmp_path / "x" / "y"), str(tmp_path / "x" / "y")),
    ]:
        for _ in range(2):  # Its own it replaces.
            pages = [f"{place}/report.md", f"{place}/report.html"]
            assert report_command(*words) == (0, pages, "")


def test_what_others_wrote_stays(undrawn, report_command, trained):
    run = trained()
    for name in ("report.md", "report.html", "report/notes.txt"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text("mine")
        code, _, said = report_command(run)
        assert (code, (run / name).read_text()) == (2, "mine")
        assert "was not" in said
        assert "--output=DIR" in said
        (run / name).unlink()
    assert report_command(run)[0] == 0
    assert all(MARK in (run / name).read_text() for name in ("report.md", "report.html"))


def test_what_is_no_run_is_said(report_command, begun, tmp_path):
    run, empty, reproduction = begun(), tmp_path / "empty", tmp_path / "reproduction"
    empty.mkdir()
    reproduction.mkdir()
    (reproduction / "plan.json").write_text("{")
    for words, said in [
        ((empty,), "holds no reproduction (plan.json) and no run (config.yaml)"),
        ((run, empty), f"{empty} holds no reproduction"),
        ((run / "config.yaml",), "holds no reproduction"),
        ((reproduction,), "plan.json is damaged"),
        ((reproduction, run), "holds a reproduction, whose report is one by itself"),
        ((run, "--output", run / "config.yaml"), "must be a folder, and is none"),
    ]:
        code, pages, error = report_command(*words)
        assert (code, pages) == (2, [])
        assert said in error
        assert "Traceback" not in error
    assert not list(empty.iterdir())
    assert not list((tmp_path / "here").iterdir())


def test_a_report_in_a_run_s_folder_is_no_part_of_the_run(begun, tmp_path):
    """Whoever compares what kills have left does not see it."""
    found, wanted = begun("a"), begun("b")
    for run in (found, wanted):
        log(run, (1, "loss/generator", 1.0), (2, "loss/generator", 1.0))
    write(report_of(found), found)
    assert (found / "report" / "losses.svg").exists()
    assert differences(found, wanted) == []
    (found / "other.md").touch()
    assert differences(found, wanted) == ["other.md is left over"]
