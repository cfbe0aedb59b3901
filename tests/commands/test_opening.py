"""What commands say before they import anything slow."""

import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

COMMANDS = (
    "sngan-train", "sngan-eval", "sngan-sample", "sngan-analyze", "sngan-reproduce", "sngan-report",
    "sngan-export", "sngan-import",
)  # fmt: skip
FUNCTIONS = (
    "train", "evaluate", "sample", "analyze", "reproduce", "report", "export", "import_generator",
)  # fmt: skip
BEFORE_IMPORTS = """
import sys
from sngan.commands import entry
sys.argv = ["x", "nowhere"]
entry.import_module = lambda name: sys.exit(str(sorted({"hydra", "torch"} & {*sys.modules})))
getattr(entry, sys.orig_argv[-1])()
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_all_say_their_version(in_process, name):
    process = in_process(name, "--version")
    line = rf"sngan {version('sngan')}, torch {re.escape(version('torch'))}, Python 3\.\d+\.\d+\S*"
    assert re.fullmatch(line, process.stdout.strip())
    assert process.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_line_says_what_will_be_done(in_process, name):
    process = in_process(name, "runs/nowhere", "--nothing", check=False)
    first = process.stderr.splitlines()[0]
    assert re.fullmatch(rf"{name} \w+ .*: runs/nowhere --nothing", first)
    assert process.stdout == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_comes_before_hydra_and_pytorch(name):
    process = subprocess.run(
        [sys.executable, "-c", BEFORE_IMPORTS, name], capture_output=True, text=True, timeout=60
    )
    first, imported = process.stderr.splitlines()
    assert first.endswith(": nowhere")
    assert imported == "[]"


def test_it_comes_at_once(tmp_path):
    """The best of three: other programs share the machine."""
    taken = []
    for _ in range(3):
        start = time.monotonic()
        with subprocess.Popen(
            [Path(sys.executable).with_name("sngan-eval"), "nowhere"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr.readline().startswith(b"sngan-eval scores")
            taken.append(time.monotonic() - start)
    assert min(taken) < 0.3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sngan-train", "-m", "seed=1,2", "nothing=1"), "trains once for each combination of: -m"),
        (("sngan-train", "resume=nowhere"), "goes on with a training: resume=nowhere"),
        (("sngan-eval", "--images", "nowhere"), "scores pictures: --images nowhere"),
        (("sngan-eval", "--real", "x=1"), "scores real pictures: --real x=1"),
        (("sngan-reproduce", "--list", "--only", "x"), "lists what there is to reproduce"),
    ],
)
def test_options_decide_what_it_is(in_process, words, said):
    process = in_process(*words, check=False)
    assert process.stderr.startswith(f"{words[0]} {said}")


def test_quiet_commands_and_later_workers_say_nothing(in_process, monkeypatch):
    process = in_process("sngan-eval", "nowhere", "--quiet", check=False)
    assert process.stderr.startswith("error: ")
    monkeypatch.setenv("RANK", "1")
    process = in_process("sngan-eval", "nowhere", check=False)
    assert process.stderr.startswith("error: ")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", [60, 120])
def test_help_fits_the_terminal(in_process, name, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    process = in_process(name, "--help")
    assert process.stderr == ""
    first, *lines = process.stdout.splitlines()
    assert first.startswith(f"{name} ")
    assert not [line for line in lines if len(line) > width and "/" not in line]  # A path is whole.
    assert len(lines) > 5


@pytest.mark.parametrize("width", [60, 120])
def test_the_help_of_a_training_keeps_what_files_say_of_settings(in_process, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    text = in_process("sngan-train", "--help", "dataset=image_folder", "monitor=[scores]").stdout
    said = " ".join(re.sub(r"^\s*# ", "", text, flags=re.MULTILINE).replace("#", "").split())
    for comment in (
        "trainings together on one device, with this seed and the next ones",  # Of train.yaml,
        "where a linear decay to 0 begins, fraction of the run; null for none",  # of a member,
        "of the leaky ReLU: Table 3; their code 0.2",  # deep in a member,
        "a folder for a memory-mapped copy, for sets too large for memory",  # of one chosen here,
        "how pictures are resized: as the original TensorFlow graph, or pytorch-fid",  # in another.
        "a row of the paper's Table 1: Adam and n_dis",  # Of a group.
    ):
        assert comment in said
    assert "keep_checkpoints: null" in text


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "sngan-train"])
def test_mistyped_options_are_guessed(in_process, name):
    process = in_process(name, "x", "--hlep", check=False)
    assert process.returncode == 2
    assert "there is no option --hlep; did you mean --help?" in process.stderr
