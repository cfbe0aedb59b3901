"""The program, as `python -m scripts.benchmark` runs it."""

import json
import re

import pytest

from scripts.benchmark.__main__ import main
from scripts.benchmark.page import page
from sngan.cli import CONFIG_DIR


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.benchmark.mimicry.PACKAGE", "no_such_package")
    monkeypatch.setattr("scripts.benchmark.ours.PICTURES", 8)

    def run(*words):
        output = tmp_path / "new" / "b.json"
        main([*words, "--quick", "--device", "cpu", "--modes", "exact", "--output", str(output)])
        results = json.loads(output.read_text())
        assert output.with_suffix(".md").read_text() == page(results)
        return results

    return run


def test_iterations(run, capsys):
    results = run("iterations")
    assert results["machine"]["versions"]["torch"]
    tables = results["sections"]["iterations"]
    assert [table["task"]["network"] for table in tables] == ["cnn", "resnet"]
    for table in tables:
        assert [row["name"] for row in table["rows"]] == ["plain", "exact"]
        assert all(len(row["rounds"]) == 2 for row in table["rows"])
    assert "left out: mimicry" in capsys.readouterr().out
    text = page(results)
    assert "Left out: mimicry" in text
    assert "the numbers mean nothing" in text
    ratio = tables[0]["rows"][1]["speed_over"]["plain"]["median"]
    assert f"| {ratio:.2f} (" in text


def test_methods_and_roofline(run):
    results = run("methods", "roofline", "--networks", "cnn")
    [table] = results["sections"]["methods"]
    assert {row["name"] for row in table["rows"]} == {
        path.stem for path in (CONFIG_DIR / "method").iterdir()
    }
    assert all(row["time_over"]["vanilla"]["median"] > 0 for row in table["rows"])
    [table] = results["sections"]["roofline"]
    assert all(0 < row["share_of_arithmetic"] < 1 for row in table["rows"])


def test_scaling(run, monkeypatch):
    growth = {"width": (0.0625, 0.03125), "n_dis": (1, 2)}
    monkeypatch.setattr("scripts.benchmark.sections.QUICK_GROWTH", growth)
    tables = run("scaling", "--networks", "cnn")["sections"]["scaling"]
    assert [table["quantity"] for table in tables] == list(growth)
    for table in tables:
        assert len(table["rows"]) == 2
    once, twice = (
        row["pictures_per_second"] * row["seconds"]["median"] for row in tables[1]["rows"]
    )
    assert twice == pytest.approx(2 * once)


def test_failures_are_on_the_page(run, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("no kernel for this")

    monkeypatch.setattr("scripts.benchmark.contestants.build", fail)
    results = run("iterations", "--networks", "cnn")
    assert "exact failed: RuntimeError: no kernel for this" in page(results)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mimicry", "nowhere"], "--mimicry must be a folder with .* got nowhere"),
        (["--device", "tpu"], "device must be auto"),
        (["--rounds", "0"], "must be a positive number, got 0"),
        (["everything"], "invalid choice: 'everything'"),
    ],
)
def test_errors_name_the_setting(words, message, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert re.search(message, capsys.readouterr().err)
