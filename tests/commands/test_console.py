from sngan.commands.console import command_line


def test_printed_commands_work_where_the_environment_is_not_activated(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    monkeypatch.setattr("sys.argv", [".venv/bin/sngan-train", "seed=1"])
    assert command_line("sngan-eval", "a b.pt") == ".venv/bin/sngan-eval 'a b.pt'"
