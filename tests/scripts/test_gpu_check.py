"""The program, as `python -m scripts.gpu_check` runs it."""

import io
import json
import re
import tarfile

import pytest
import torch
from torchvision.transforms.functional import to_pil_image

from scripts.gpu_check import __main__ as program
from scripts.gpu_check.outcome import Outcome
from scripts.gpu_check.page import page


@pytest.fixture
def archive(tmp_path):
    """A tar file with a few pictures of two classes, in ``train`` and ``test``."""
    path = tmp_path / "pictures.tar.xz"
    with tarfile.open(path, "w:xz") as file:
        for name in (f"{split}/{kind}" for split in ("train", "test") for kind in "ab"):
            for index in range(20):
                data = io.BytesIO()
                to_pil_image(torch.randint(256, (3, 32, 32), dtype=torch.uint8)).save(data, "jpeg")
                info = tarfile.TarInfo(f"{name}/{index}.jpg")
                info.size = data.tell()
                data.seek(0)
                file.addfile(info, data)
    return path


@pytest.fixture
def run(tmp_path, archive):
    def run(*words, code=0):
        arguments = ["--pictures", str(archive), "--out", str(tmp_path / "out"), "--device", "cpu"]
        with pytest.raises(SystemExit) as end:
            program.main([*arguments, *words])
        assert end.value.code == code
        check = json.loads((tmp_path / "out" / "gpu_check.json").read_text())
        assert (tmp_path / "out" / "gpu_check.md").read_text() == page(check)
        return check

    return run


def test_parts_do_not_stop_each_other_and_leave_their_results(run, tmp_path, monkeypatch):
    written, limits = [], []

    def note(limit):
        limits.append(limit)
        path = tmp_path / "out" / "gpu_check.json"
        written.append(len(json.loads(path.read_text())["parts"]) if path.exists() else 0)
        return Outcome("passed", "fine", tail="")

    def fail(limit):
        note(limit)
        raise OSError(f"cannot read {tmp_path}")

    parts = [program.Part("first", 0.5, fail), program.Part("second", 2.0, note)]
    monkeypatch.setattr(program, "parts_of", lambda options, folder: parts)
    check = run("--minutes", "1", code="failed: first")
    assert [part["status"] for part in check["parts"]] == ["failed", "passed"]
    assert check["parts"][0]["summary"].startswith("OSError: cannot read")
    assert written == [0, 1]  # The second found what the first had left.
    assert limits[0] == pytest.approx(30)
    assert 50 < limits[1] < 60  # No more than what is left.


def test_parts_for_which_no_time_is_left_are_skipped(run, monkeypatch):
    parts = [program.Part("late", 1.0, lambda limit: pytest.fail("it ran"))]
    monkeypatch.setattr(program, "parts_of", lambda options, folder: parts)
    check = run("--minutes", "0.1")
    assert check["parts"][0]["status"] == "skipped"
    assert check["parts"][0]["summary"] == "no time was left"


def test_page_shows_tests_output_and_benchmark(run, monkeypatch):
    case = {"name": "test_a::test_b", "outcome": "failed", "seconds": 1.23, "message": "no"}
    parts = [
        program.Part(
            "tests", 1, lambda limit: Outcome("failed", "1 failed", {"cases": [case]}, "E")
        )
    ]
    monkeypatch.setattr(program, "parts_of", lambda options, folder: parts)
    text = page(run("--quick", code="failed: tests"))
    assert "| test_a::test_b | failed | 1.2 |" in text
    assert "## Output of: tests\n\n```\nE\n```" in text
    assert "--quick" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pictures", "nowhere.tar", "--out", "o"], "--pictures must be a tar file, got nowhere"),
        (["--pictures", __file__, "--out", "o", "--device", "tpu"], "device must be auto, cpu"),
    ],
)
def test_errors_name_the_setting(words, message, capsys):
    with pytest.raises(SystemExit):
        program.main(words)
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.slow
def test_runs_to_its_end_without_a_gpu(run):
    check = run("--quick")
    status = {part["name"]: part["status"] for part in check["parts"]}
    skipped = {name for name, result in status.items() if result == "skipped"}
    assert skipped == {"captured equals eager", "other tests on the GPU"}
    assert set(status.values()) == {"passed", "skipped"}
    training, score = (part for part in check["parts"] if part["name"] in ("training", "score"))
    assert training["results"]["step"] == 4
    assert score["results"]["step"] == 4
    text = page(check)
    assert "needs a CUDA device" in text
    for title in ("Against other programs", "Methods", "How time grows", "What bounds"):
        assert f"### {title}" in text
