"""Whatever a command is doing, a signal ends it: conventional code, no noise, nothing half done.

Signals do not come after some seconds, but when the process is about to do something that Python's
audit events tell, and whatever a handler raises is swallowed there, as some libraries do.
"""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.hold import held

HOOK = """
import atexit, os, sys

event, text, number = os.environ["SIGNAL_AT"].split("|")
left = ["once"]

def strike():
    left.clear()
    try:
        os.kill(os.getpid(), int(number))
    except BaseException:
        pass

def hook(name, arguments):
    if left and name == event and text in str(arguments[0]):
        strike()

if event == "atexit":
    atexit.register(strike)
else:
    sys.addaudithook(hook)
"""
TRAIN = (
    "sngan-train", "+scale=smoke", "dataset=synthetic", "dataset.num_images=100",
    "setting.batch_size=8", "setting.generator_batch_size=8", "run_dir=run",
)  # fmt: skip
SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}
SIGNALS[signal.SIGHUP] = "ended by SIGHUP"


@pytest.fixture
def struck(command, tmp_path_factory):
    """Run a command to which a signal comes at an event; returns the finished process."""
    hook = tmp_path_factory.mktemp("hook")
    (hook / "sitecustomize.py").write_text(HOOK)

    def run(words, event, text, number=signal.SIGINT):
        at = f"{event}|{text}|{int(number)}"
        return command(*words, check=False, SIGNAL_AT=at, PYTHONPATH=str(hook))

    return run


def is_quiet(process, number):
    """Tell whether it said no more than what it was about to do, and that it ended."""
    first, *others = process.stderr.splitlines()
    assert first.startswith("sngan-")
    return (process.returncode, others) == (
        128 + number,
        [f"{SIGNALS[number]}; what was written before is whole"],
    )


@pytest.mark.parametrize("number", SIGNALS)
def test_before_the_first_iteration_nothing_is_left(struck, tmp_path, number):
    assert is_quiet(struck(TRAIN, "import", "hydra", number), number)
    assert is_quiet(struck(TRAIN, "open", "environment.json", number), number)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("import", "antlr4"),
        ("import", "torch"),
        ("os.mkdir", "run"),
        ("open", ".holder.json"),
        ("import", "torch._dynamo"),
        ("open", "config.yaml"),
    ],
)
def test_at_every_stage_before_training(struck, tmp_path, event, text):
    assert is_quiet(struck(TRAIN, event, text), signal.SIGINT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "module"),
    [
        (("sngan-eval", "nowhere"), "omegaconf"),
        (("sngan-eval", "--images", ".", "extractor=efficientnet_lite0"), "torch"),
        (("sngan-analyze", "nowhere"), "omegaconf"),
        (("sngan-reproduce", "--list"), "hydra"),
        (("sngan-report", "nowhere"), "sngan.report.run_list"),
    ],
)
def test_other_commands_while_they_import(struck, words, module):
    assert is_quiet(struck(words, "import", module), signal.SIGINT)


@pytest.mark.slow
def test_a_checkpoint_that_is_being_saved_is_saved_whole(struck, tmp_path):
    process = struck(TRAIN, "open", "step_0000002.pt")
    assert process.returncode == 130, process.stderr
    assert "Traceback" not in process.stderr
    assert "continue with: " in process.stderr
    state = checkpoint.load(latest(tmp_path / "run"), "continue")
    assert 2 <= state["step"] < 4
    assert not list((tmp_path / "run" / "checkpoints").glob(".*"))


@pytest.mark.slow
def test_at_the_very_end_all_is_done_and_the_code_says_that_a_signal_came(struck, tmp_path):
    """Who trains several in a loop of the shell wants to end that, too."""
    process = struck(TRAIN, "open", "step_0000004.png")
    assert process.returncode == 130, process.stderr
    assert "finished 4 steps" in process.stdout
    assert "continue with" not in process.stderr
    later = struck((*TRAIN[:-1], "run_dir=later"), "atexit", "")
    assert later.returncode == 130
    assert "Traceback" not in later.stderr
    assert later.stderr.endswith("interrupted; what was written before is whole\n")
    for name in ("run", "later"):
        assert checkpoint.load(latest(tmp_path / name))["step"] == 4
        assert (tmp_path / name / "samples" / "step_0000004.png").exists()


def test_who_wants_tracebacks_gets_that_of_ctrl_c(command):
    code = (
        "import os, sys; sys.argv = ['sngan-report', 'x']; os.environ['HYDRA_FULL_ERROR'] = '1'\n"
        "from sngan.commands import entry; import sngan.commands.report as command, signal\n"
        "command.main = lambda: signal.raise_signal(signal.SIGINT); entry.report()"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "KeyboardInterrupt" in process.stderr


def catches(process, number):
    """Tell whether a process has a handler for a signal, as Linux knows."""
    status = Path(f"/proc/{process}/status").read_text()
    (mask,) = re.findall(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux")
@pytest.mark.parametrize("number", SIGNALS)
def test_at_any_time(tmp_path, number):
    for tenths in range(0, 40, 3):
        process = subprocess.Popen(
            [Path(sys.executable).with_name(TRAIN[0]), *TRAIN[1:], "total_steps=100000"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not catches(process.pid, signal.SIGTERM):
            time.sleep(0.01)  # What comes before is Python's own start.
        time.sleep(tenths / 10)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 128 + number, errors
        assert "Traceback" not in errors
        if (tmp_path / "run").exists():
            assert checkpoint.load(latest(tmp_path / "run"), "continue")["step"] > 0
            (tmp_path / "run").rename(tmp_path / f"run{tenths}")


@pytest.mark.slow
def test_workers_of_a_launcher_end_with_the_command_and_save(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    words = (*TRAIN[1:-1], "total_steps=100000", "checkpoint_every=100000", "sample_every=100000")
    sweep = ("-m", "seed=0,1,2,3", "run_dir=sweep", "hydra/launcher=joblib")
    process = subprocess.Popen(
        [Path(sys.executable).with_name(TRAIN[0]), *sweep, *words, "hydra.launcher.n_jobs=2"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    begun = [tmp_path / "sweep" / name / "metrics.jsonl" for name in ("0_seed-0", "1_seed-1")]
    deadline = time.monotonic() + 120
    while not all(path.exists() and path.stat().st_size for path in begun):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, errors
    assert sorted(path.name for path in (tmp_path / "sweep").iterdir()) == [
        "0_seed-0",
        "1_seed-1",
        "multirun.yaml",
    ]
    for path in begun:
        assert checkpoint.load(latest(path.parent), "continue")["step"] > 0
        with held(RunFolder(path.parent)):  # Nobody works there any more.
            pass
