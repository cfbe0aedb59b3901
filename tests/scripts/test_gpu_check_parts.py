import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from scripts.gpu_check.gpu_tests import outcome_of, parse_junit
from scripts.gpu_check.process import ROOT, Finished, private, python, run_limited
from scripts.gpu_check.real_run import picture_words, progress, score, unpack
from scripts.gpu_check.timings import run_benchmark

SAVES = (
    "import time\ntry: print('on', flush=True); time.sleep(60)\nexcept KeyboardInterrupt: exit(3)"
)
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_command_that_ends_by_itself():
    finished = run_limited(
        python("-c", "import os; print(os.environ['A']); exit(2)"), 30, {"A": "b"}
    )
    assert (finished.code, finished.cut_off, finished.tail) == (2, False, "b\n")


def test_a_command_at_its_limit_may_save_what_it_has():
    finished = run_limited(python("-c", SAVES), 1)
    assert (finished.code, finished.cut_off, finished.tail) == (3, True, "on\n")
    assert finished.seconds < 10


def test_a_command_that_does_not_listen_ends_with_its_children(monkeypatch):
    monkeypatch.setattr("scripts.gpu_check.process.GRACE", 0.2)
    finished = run_limited(python("-c", STUBBORN), 1)
    assert finished.code == -9
    child = int(finished.tail)
    for _ in range(50):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    os.kill(child, 9)
    pytest.fail("the child lives on")


def test_texts_do_not_say_where_things_lie(tmp_path):
    text = f"{ROOT}/tests/a.py, {tmp_path}/run, {sys.prefix}/bin/python"
    assert private(text, tmp_path) == "./tests/a.py, .../run, .../bin/python"


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tests")
    (folder / "test_some.py").write_text("""
import pytest
def test_good(): pass
def test_bad(): assert 1 == 2
@pytest.mark.skip(reason="no device")
def test_skipped(): pass
@pytest.fixture
def broken(): raise OSError("no disk")
def test_error(broken): pass
""")
    words = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=junit.xml", ".")
    subprocess.run(words, cwd=folder, capture_output=True, check=False)
    return parse_junit((folder / "junit.xml").read_text())


def test_junit_files_are_read(cases):
    assert [(case["name"].split("::")[1], case["outcome"]) for case in cases] == [
        ("test_good", "passed"),
        ("test_bad", "failed"),
        ("test_skipped", "skipped"),
        ("test_error", "failed"),
    ]
    assert "1 == 2" in cases[1]["message"]
    assert cases[2]["message"] == "no device"


def test_tests_that_failed_or_were_cut_off(cases):
    outcome = outcome_of(Finished(1, 2.0, False, "the end"), cases)
    assert (outcome.status, outcome.tail) == ("failed", "the end")
    assert outcome.summary == "2 failed, 1 passed, 1 skipped"
    assert outcome_of(Finished(2, 2.0, True, ""), cases[:1]).status == "cut off"
    assert outcome_of(Finished(0, 2.0, False, "dots"), cases[:1]).tail == ""
    assert outcome_of(Finished(4, 2.0, False, "usage"), []).status == "failed"


def test_skipped_tests_have_not_passed(cases):
    outcome = outcome_of(Finished(0, 2.0, False, ""), [cases[2]])
    assert outcome.status == "skipped"
    assert outcome.summary == "all 1 tests were skipped: no device"
    assert outcome_of(Finished(5, 2.0, False, ""), []).status == "skipped"


def test_archives_stay_within_their_folder(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as file:
        info = tarfile.TarInfo("../outside.jpg")
        file.addfile(info, io.BytesIO())
    with pytest.raises(tarfile.OutsideDestinationError):
        unpack(path, tmp_path / "pictures")


def test_splits_are_found_where_there_are_any(tmp_path):
    assert picture_words(tmp_path) == ["dataset=image_folder", f"dataset.root={tmp_path}"]
    for name in ("train", "test"):
        (tmp_path / name).mkdir()
    assert picture_words(tmp_path)[1:] == [
        f"dataset.root={tmp_path / 'train'}",
        f"dataset.test_root={tmp_path / 'test'}",
    ]


def test_progress_of_a_training():
    entries = [
        (100, "loss/generator", 1.0, 4.0),
        (100, "speed/steps_per_second", 25.0, 4.0),
        (200, "loss/generator", 0.5, 6.0),
        (200, "speed/steps_per_second", 50.0, 6.0),
    ]
    names = ("step", "name", "value", "seconds")
    text = "\n".join(json.dumps(dict(zip(names, entry, strict=True))) for entry in entries)
    assert progress(text) == {
        "step": 200,
        "seconds": 6.0,
        "steps_per_second": 37.5,
        "losses": {"loss/generator": 0.5},
    }
    assert progress("") == {}


def test_without_checkpoint_or_extractor_there_is_no_score(tmp_path, monkeypatch):
    assert "no checkpoint" in score(tmp_path, "cpu", quick=True, limit=1).summary
    monkeypatch.setattr("scripts.gpu_check.real_run.EXTRACTOR_PACKAGES", ("no_such_package",))
    outcome = score(tmp_path, "cpu", quick=True, limit=1)
    assert (outcome.status, outcome.summary) == ("skipped", "not installed: no_such_package")


def test_what_a_benchmark_measured_before_its_limit_counts(tmp_path, monkeypatch):
    rows = [{"name": "plain"}, {"name": "fast", "error": "RuntimeError: no"}]

    def run(words, limit):
        results = {"sections": {"methods": [{"rows": rows[: 1 + finished.code]}]}}
        Path(words[-1]).write_text(json.dumps(results))
        return finished

    monkeypatch.setattr("scripts.gpu_check.timings.run_limited", run)
    finished = Finished(0, 1.0, False, "")
    outcome = run_benchmark("methods", (), tmp_path, quick=True, limit=1)
    assert (outcome.status, outcome.summary) == ("passed", "1 tables")
    finished = Finished(1, 1.0, True, "interrupted")
    outcome = run_benchmark("methods", (), tmp_path, quick=True, limit=1)
    assert (outcome.status, outcome.summary) == ("failed", "1 tables, failed: fast")
    assert outcome.results["sections"]["methods"][0]["rows"] == rows
