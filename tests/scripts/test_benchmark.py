"""The program, as `python -m scripts.benchmark` runs it."""

import json
import re

import pytest

from scripts.benchmark.__main__ import main
from scripts.benchmark.page import page
from scripts.benchmark.sections import GROWTH, method_names
from scripts.benchmark.task import Task
from sngan.assembly.compose import CONFIG_DIR


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


@pytest.mark.slow
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


def test_all_methods_are_compared():
    assert {"vanilla", "spectral_norm", "wgan_gp", "batch_norm"} < set(method_names())
    assert len(method_names()) == len(list((CONFIG_DIR / "method").iterdir()))


@pytest.mark.slow
def test_methods_and_roofline(run, monkeypatch):
    names = ["vanilla", "wgan_gp"]
    monkeypatch.setattr("scripts.benchmark.sections.method_names", lambda: names)
    results = run("methods", "roofline", "--networks", "cnn")
    [table] = results["sections"]["methods"]
    assert [row["name"] for row in table["rows"]] == names
    assert all(row["time_over"]["vanilla"]["median"] > 0 for row in table["rows"])
    assert "| method |" in page(results)
    [table] = results["sections"]["roofline"]
    assert all(0 < row["share_of_arithmetic"] < 1 for row in table["rows"])


@pytest.mark.slow
def test_scaling(run):
    tables = run("scaling", "--networks", "cnn")["sections"]["scaling"]
    assert [table["quantity"] for table in tables] == ["image_size", "n_dis"]
    for table in tables:
        assert len(table["rows"]) == 2
    once, twice = (
        row["pictures_per_second"] * row["seconds"]["median"] for row in tables[1]["rows"]
    )
    assert twice == pytest.approx(2 * once)


def test_quantities_that_grow_are_those_of_a_task():
    for quantity, values in GROWTH.items():
        usual = getattr(Task("cnn"), quantity)
        assert usual in values
        assert sorted(values) == list(values)


@pytest.mark.slow
def test_failures_are_on_the_page(run, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("no kernel for this")

    monkeypatch.setattr("scripts.benchmark.contestants.step_of", fail)
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
