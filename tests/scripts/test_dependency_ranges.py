"""The program with commands that are only written down: real ones take minutes and a network."""

import subprocess

import pytest

from scripts import dependency_ranges as module


@pytest.fixture
def run(monkeypatch):
    """Run it; commands of which a word is `broken` fail. Returns the exit code and commands."""

    def start(*words, broken=None):
        commands = []

        def note(command, **options):
            commands.append(" ".join(map(str, command)))
            if broken and broken in command:
                raise subprocess.CalledProcessError(3, command)

        monkeypatch.setattr(module.subprocess, "run", note)
        monkeypatch.setattr("sys.argv", ["dependency_ranges", *words])
        with pytest.raises(SystemExit) as end:
            module.main()
        return end.value.code, commands

    return start


def test_both_ends_are_installed_used_and_tested(run):
    code, commands = run()
    assert code == 0
    for resolution, python in (("lowest-direct", "3.10"), ("highest", "3.13")):
        assert sum(f"--resolution {resolution} --editable .[" in line for line in commands) == 2
        assert sum(f"venv --python {python} " in line for line in commands) == 1
    for name in ("train", "eval", "analyze", "reproduce", "report"):
        assert sum(f"/env/bin/sngan-{name} " in line for line in commands) >= 2
    assert sum("-m pytest" in line for line in commands) == 4


def test_an_end_that_fails_is_named_and_the_other_tried(run, capsys):
    code, commands = run(broken="lowest-direct")
    assert code == 1
    assert any("pytest" in line for line in commands)
    out = capsys.readouterr().out
    assert "lowest: code 3 of " in out
    assert "highest: " not in out


def test_words(run):
    code, commands = run("highest", "--python", "/opt/python")
    assert code == 0
    assert "venv --python /opt/python " in commands[0]
    assert not any("lowest-direct" in line for line in commands)
    assert run("newest") == (2, [])
