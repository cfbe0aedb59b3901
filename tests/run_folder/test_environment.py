import json

import torch

from sngan.run_folder.environment import add_environment
from sngan.run_folder.metrics import Metrics


def test_one_object_a_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    Metrics(path).log(5, {"a": 1.0, "b": 2.0})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(x["step"], x["name"], x["value"]) for x in lines] == [(5, "a", 1.0), (5, "b", 2.0)]
    assert all(x["seconds"] >= 0 for x in lines)


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


def test_a_damaged_file_is_begun_anew(tmp_path):
    path = tmp_path / "environment.json"
    for text in ("{", '{"step": 3}'):
        path.write_text(text)
        add_environment(path, 0, torch.device("cpu"))
        assert len(json.loads(path.read_text())) == 1
