import os

import pytest
import torch

from sngan.commands.console import command_line, errors_as_messages


def test_printed_commands_work_in_any_folder_where_the_environment_is_not_activated(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda program: None)
    monkeypatch.setattr("sys.argv", [".venv/bin/sngan-train", "seed=1"])
    assert command_line("sngan-eval", "a b.pt") == f"{tmp_path}/.venv/bin/sngan-eval 'a b.pt'"


@pytest.mark.parametrize("name", ["sngan-train", "sngan-eval", "sngan-reproduce"])
def test_no_library_reports_to_its_makers_unless_the_user_lets_it(name, in_process, monkeypatch):
    for variable in ("HF_HUB_DISABLE_TELEMETRY", "RAY_USAGE_STATS_ENABLED"):
        monkeypatch.setenv(variable, "")  # So that it is undone.
        monkeypatch.delenv(variable)
    in_process(name, "--help")
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    in_process(name, "--help")
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "1"


def use_up_memory():
    torch.empty(2**60)


def use_up_python_s_memory():
    raise MemoryError


@pytest.mark.parametrize("work", [use_up_memory, use_up_python_s_memory])
def test_too_little_memory_is_said_in_one_line(work, capsys):
    with pytest.raises(SystemExit) as end, errors_as_messages():
        work()
    assert end.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: there is not enough memory for this")


def test_other_errors_of_programs_keep_their_traceback():
    with pytest.raises(RuntimeError, match="ours"), errors_as_messages():
        raise RuntimeError("ours")
