import json

import pytest
import torch

from sngan.run_folder.environment import add_environment
from sngan.run_folder.metrics import Metrics, read_metrics


def test_one_object_a_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    Metrics(path).log(5, {"a": 1.0, "b": 2.0})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(x["step"], x["name"], x["value"]) for x in lines] == [(5, "a", 1.0), (5, "b", 2.0)]
    assert all(x["seconds"] >= 0 for x in lines)


def test_damaged_lines_are_left_out(tmp_path):
    path = tmp_path / "metrics.jsonl"
    Metrics(path).log(5, {"a": 1.0})
    whole = path.read_bytes()
    odd = (
        b'{"step": "5", "name": "a", "value": 1, "seconds": 1}',
        b'{"step": 5, "name": ["a"], "value": 1, "seconds": 1}',
        b'{"step": 5, "name": "a", "value": null, "seconds": 1}',
        b'{"step": 5, "name": "a", "value": true, "seconds": 1}',
        b'{"step": 5, "name": "\xff", "value": 1, "seconds": 1}',
        b"[" * 100_000,
        b"3",
    )
    path.write_bytes(b"\n".join(odd) + b"\n" + whole)
    assert [line["step"] for line in read_metrics(path)] == [5]
    Metrics(path, step=5)
    assert path.read_bytes() == whole


def test_a_full_disk_is_said_with_the_file(tmp_path, small_files):
    metrics = Metrics(tmp_path / "metrics.jsonl")
    message = r"metrics\.jsonl could not be written: File too large"
    with pytest.raises(OSError, match=message), small_files():
        metrics.log(1, dict.fromkeys(map(str, range(10_000)), 1.0))


def test_seconds_go_on_after_an_interruption(tmp_path):
    assert Metrics(tmp_path / "metrics.jsonl", seconds=100.0).seconds >= 100


def test_environment_has_an_entry_per_start(tmp_path):
    path = tmp_path / "environment.json"
    for step in (0, 20, 10):
        add_environment(path, step, torch.device("cpu"))
    entries = json.loads(path.read_text())
    assert [entry["step"] for entry in entries] == [0, 10]
    assert entries[0]["device"] == "cpu"
    assert entries[0]["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert entries[0]["threads"] == torch.get_num_threads()


def test_a_revision_of_the_pictures_is_kept_where_there_is_one(tmp_path):
    path = tmp_path / "environment.json"
    add_environment(path, 0, torch.device("cpu"))
    add_environment(path, 1, torch.device("cpu"), "0123")
    first, second = json.loads(path.read_text())
    assert "dataset_revision" not in first
    assert second["dataset_revision"] == "0123"


def test_a_damaged_file_is_begun_anew(tmp_path):
    path = tmp_path / "environment.json"
    for text in ("{", '{"step": 3}', '[3, null, {}, {"step": "0"}, {"step": null}]'):
        path.write_text(text)
        add_environment(path, 0, torch.device("cpu"))
        assert len(json.loads(path.read_text())) == 1
