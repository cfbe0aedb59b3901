import json

import torch

from sngan.record import Metrics, write_environment


def test_one_object_a_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    Metrics(path).log(5, {"a": 1.0, "b": 2.0})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(x["step"], x["name"], x["value"]) for x in lines] == [(5, "a", 1.0), (5, "b", 2.0)]
    assert all(x["seconds"] >= 0 for x in lines)


def test_seconds_go_on_after_an_interruption(tmp_path):
    assert Metrics(tmp_path / "metrics.jsonl", seconds=100.0).seconds >= 100


def test_environment(tmp_path):
    write_environment(tmp_path / "environment.json", torch.device("cpu"))
    environment = json.loads((tmp_path / "environment.json").read_text())
    assert environment["device"] == "cpu"
    assert environment["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert environment["threads"] == torch.get_num_threads()
