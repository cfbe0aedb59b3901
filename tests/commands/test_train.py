"""The commands as a user meets them: files, messages, exit codes; no traceback anywhere."""

import json
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from PIL import Image

from sngan.commands.run_dir import resume_command
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=200")
QUICK = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart")
SMALL = (
    "protocol.quickstart.num_generated=20",
    "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=30",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of the real command; shared, so tests copy what they damage."""
    folder = tmp_path_factory.mktemp("trained")
    subprocess.run(
        [Path(sys.executable).with_name("sngan-train"), *SMOKE, "run_dir=run"],
        cwd=folder,
        check=True,
        timeout=120,
    )
    return folder / "run"


def fails(process, *texts, code=2):
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def seconds_of_commands():
    """Return how long processes that have ended computed; they wait for others here, too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_run_leaves_everything(trained):
    names = {path.relative_to(trained).as_posix() for path in trained.rglob("*") if path.is_file()}
    assert names >= {
        "config.yaml",
        "environment.json",
        "metrics.jsonl",
        "train.log",
        "samples/step_0000004.png",
        "checkpoints/step_0000004.pt",
    }
    assert Image.open(trained / "samples" / "step_0000004.png").size == (342, 342)


def test_checkpoint_is_plain(trained):
    state = checkpoint.load(trained / "checkpoints" / "step_0000004.pt")
    assert json.loads(json.dumps(state["config"])) == state["config"]
    assert "resume" not in state["config"]
    assert "run_dir" not in state["config"]
    assert str(trained) not in json.dumps(state["config"])


@pytest.mark.slow
def test_resume_continues_in_the_same_folder(command, tmp_path):
    command("sngan-train", *SMOKE, "run_dir=run")
    command("sngan-train", "resume=run", "total_steps=6", "log_every=1")
    steps = [json.loads(x)["step"] for x in (tmp_path / "run" / "metrics.jsonl").open()]
    assert sorted(set(steps)) == [2, 4, 5, 6]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_resume_refuses_other_settings(trained, in_process):
    process = in_process("sngan-train", f"resume={trained}", "setting.lr=1", check=False)
    fails(process, "setting.lr=1 cannot be changed", "accepted: total_steps")


def test_resume_of_an_older_version_is_refused(trained, in_process, tmp_path):
    state = checkpoint.load(latest(trained))
    del state["config"]["cuda_graph"]
    checkpoint.save(tmp_path / "old.pt", state)
    process = in_process("sngan-train", "resume=old.pt", check=False)
    fails(process, "is of an older version: it can be scored, not continued")


def test_resume_into_another_run_is_refused(trained, in_process, tmp_path):
    in_process("sngan-train", *SMOKE, "run_dir=other")
    before = (tmp_path / "other" / "config.yaml").read_bytes()
    process = in_process("sngan-train", f"resume={trained}", "run_dir=other", check=False)
    fails(process, "holds a run already")
    assert (tmp_path / "other" / "config.yaml").read_bytes() == before


def test_a_lone_checkpoint_continues_in_a_folder_of_its_own_name(trained, in_process, tmp_path):
    """Also where there is nothing left to do: what is printed is there."""
    shutil.copy(latest(trained), tmp_path / "lone.pt")
    for steps in (4, 6):
        process = in_process("sngan-train", "resume=lone.pt", f"total_steps={steps}")
        folder = Path(process.stdout.splitlines()[0].partition(" in ")[2])
        assert folder.parent == tmp_path / "runs" / "synthetic_cnn_standard_spectral_norm"
        printed = process.stdout.split("sngan-eval ")[-1].split()[0]
        assert checkpoint.load(Path(printed), "continue")["step"] == steps
        assert checkpoint.load(RunFolder(folder).checkpoint(4), "continue")["step"] == 4


def test_what_was_measured_of_a_later_checkpoint_goes_with_it(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, "checkpoint_every=2", "sample_every=2", "run_dir=run")
    in_process("sngan-eval", "run", *QUICK, *SMALL)
    in_process("sngan-analyze", "run", "run/checkpoints/step_0000002.pt")
    files = tmp_path / "run" / "checkpoints"
    assert len(list(files.glob("step_0000004.*"))) == 4
    in_process("sngan-train", f"resume={files / 'step_0000002.pt'}", "total_steps=3")
    assert {path.name for path in files.iterdir()} == {
        "step_0000002.pt", "step_0000002.spectra.json", "step_0000002.spectra.png",
        "step_0000003.pt",
    }  # fmt: skip
    samples = {path.name for path in (tmp_path / "run" / "samples").iterdir()}
    assert samples == {"step_0000002.png", "step_0000003.png"}


def test_run_dir_is_the_folder_of_a_sweep(in_process, tmp_path):
    in_process("sngan-train", "-m", *SMOKE, "seed=0,1", "run_dir=bilder (1)")
    sweep = tmp_path / "bilder (1)"
    assert {path.name for path in sweep.iterdir()} == {"0_seed-0", "1_seed-1", "multirun.yaml"}
    runs = [sweep / name for name in ("0_seed-0", "1_seed-1")]
    assert [checkpoint.load(latest(run))["config"]["seed"] for run in runs] == [0, 1]
    (tmp_path / "file").touch()
    for value in ("a,b", "x${seed}", "file"):
        process = in_process("sngan-train", "-m", *SMOKE, f"run_dir={value}", check=False)
        fails(process, f"run_dir={value} cannot be")
    assert {path.name for path in tmp_path.iterdir()} == {"bilder (1)", "file"}


def test_length_of_a_decaying_run_is_fixed(in_process):
    in_process("sngan-train", *SMOKE, "setting.lr_decay_start=0", "run_dir=run")
    process = in_process("sngan-train", "resume=run", "total_steps=9", check=False)
    fails(process, "total_steps=9 would change the learning rates")


@pytest.mark.slow
def test_sweep_goes_on_after_a_run_that_diverges(command, tmp_path):
    process = command(
        "sngan-train",
        "-m",
        *SMOKE,
        "method=vanilla",
        "setting.lr=1e6,1e-4",
        "log_every=1",
        check=False,
    )
    fails(process, "diverged: step", code=1)
    (finished,) = tmp_path.glob("runs/sweep_*/1_lr-0.0001/checkpoints/step_0000004.pt")
    assert checkpoint.load(finished)["config"]["setting"]["lr"] == 1e-4


@pytest.mark.slow
def test_ctrl_c_saves_and_prints_the_command_that_resumes(tmp_path):
    process = subprocess.Popen(
        [
            Path(sys.executable).with_name("sngan-train"),
            *SMOKE,
            "run_dir=run",
            "total_steps=100000",
            "log_every=1",
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    metrics = tmp_path / "run" / "metrics.jsonl"
    deadline = time.monotonic() + 120
    while not (metrics.exists() and metrics.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    (line,) = [line for line in errors.splitlines() if "continue with: " in line]
    program, *resume = shlex.split(line.partition("continue with: ")[2])
    assert Path(program).name == "sngan-train"
    step = checkpoint.load(latest(tmp_path / "run"))["step"]
    subprocess.run(
        [Path(sys.executable).with_name("sngan-train"), *resume, f"total_steps={step + 2}"],
        cwd=tmp_path,
        check=True,
        timeout=120,
    )
    assert checkpoint.load(latest(tmp_path / "run"))["step"] == step + 2


@pytest.fixture
def training(tmp_path):
    """A long training that has begun, in ``run``."""
    words = (*SMOKE, "total_steps=1000000", "log_every=10", "run_dir=run")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("sngan-train"), *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "run" / "metrics.jsonl").stat().st_size)
    yield process
    process.kill()
    process.wait()


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


@pytest.mark.slow
def test_a_folder_in_use_is_nobody_else_s_until_a_signal_ends_that(training, command, tmp_path):
    """A second command is told who has it; Slurm's warning saves, with the signal's exit code."""
    busy = f"run is in use by process {training.pid} on "
    new = command("sngan-train", *SMOKE, "run_dir=run", check=False)
    fails(new, busy, " since 20")
    fails(command("sngan-train", "resume=run", check=False), busy)
    training.send_signal(signal.SIGUSR1)
    _, errors = training.communicate(timeout=60)
    assert training.returncode == 128 + signal.SIGUSR1, errors
    assert "Traceback" not in errors
    assert "saved " in errors
    assert "continue with: " in errors
    assert checkpoint.load(latest(tmp_path / "run"))["step"] > 0


def test_a_signal_before_the_first_iteration_leaves_nothing(tmp_path):
    process = subprocess.Popen(
        [Path(sys.executable).with_name("sngan-train"), *SMOKE, "run_dir=run"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "run" / ".lock").exists())
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, errors
    assert errors.splitlines()[1:] == ["ended by SIGTERM; what was written before is whole"]
    assert not list(tmp_path.iterdir())


def test_several_processes_are_refused(in_process, tmp_path, monkeypatch):
    """They would train the same run several times over, into one folder."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    process = in_process("sngan-train", *SMOKE, "run_dir=run", check=False)
    fails(process, "sngan-train is one process, got WORLD_SIZE=2")
    assert not list(tmp_path.iterdir())


MISTAKES = [
    (["loss=hing"], ["there is no loss=hing; did you mean hinge?", "standard"]),
    (["lrr=3"], ["there is no setting lrr"]),
    (["datset=cifar10"], ["there is no setting datset; did you mean dataset?"]),
    (["seting.lr=1"], ["there is no setting seting.lr; did you mean setting.lr?"]),
    (
        ["optimizer=[1,2]"],
        ["optimizer must be the name of a member or a list of names, got [1, 2]"],
    ),
    (["+lrr=3"], ["there is no setting lrr"]),
    (["+setting.lrr=3"], ["there is no setting setting.lrr; did you mean lr?"]),
    (["experiment=cifar10"], ["+experiment=cifar10"]),
    (["+experiment=cifar_10"], ["there is no experiment=cifar_10; did you mean cifar10?"]),
    (["setting.n_dis=0"], ["setting.n_dis must be an integer between 1 and 1000, got 0"]),
    (["dataset=image_folder"], ["dataset.root must be given: dataset.root=..."]),
    (["resume=nowhere"], ["resume=nowhere does not exist"]),
]


@pytest.fixture(scope="module")
def answered(run_afresh, tmp_path_factory):
    """The folder in which all of them were made, and how each ended."""
    folder = tmp_path_factory.mktemp("mistakes")
    return folder, run_afresh(folder, *(("sngan-train", *arguments) for arguments, _ in MISTAKES))


@pytest.mark.parametrize("index", range(len(MISTAKES)), ids=[" ".join(x) for x, _ in MISTAKES])
def test_mistakes_are_answered_quickly(answered, index):
    folder, ends = answered
    fails(ends[index], *MISTAKES[index][1])
    assert ends[index].seconds < 3
    assert "torch" not in ends[index].loaded  # Which takes three more.
    assert not [path for path in folder.rglob("*") if path.is_file()]


ODD = ("1", "1.5", "[a,b]", "{a:1}", "true", "nan", "???", "${x}", "a,b", "x" * 300, "/proc", "")


@pytest.mark.parametrize("value", [*ODD, "file", "folder", "dataset"])
def test_what_cannot_be_continued(in_process, tmp_path, value):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("seed: 0")
    process = in_process("sngan-train", f"resume={value}", check=False)
    fails(process)
    first, second = process.stderr.splitlines()
    assert first.startswith("sngan-train goes on with a training")
    assert second.startswith("error: ")
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "file"}


@pytest.mark.parametrize(
    "value", ["???", "${x}", "x" * 300, "", "null", "file", "file/x", "/proc/x"]
)
def test_folders_that_cannot_be(in_process, tmp_path, value):
    (tmp_path / "file").touch()
    process = in_process("sngan-train", *SMOKE, f"run_dir={value}", check=False)
    fails(process, "error: run_dir")
    assert process.stderr.count("\n") == 2  # The first line says what it is about to do.
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_sweep_cannot_be_shown_as_one_training(in_process):
    process = in_process("sngan-train", "-m", *SMOKE, "seed=0,1", "--cfg", "job", check=False)
    fails(process, "error: Only one of --run, --multirun, --cfg")


@pytest.mark.parametrize(
    "words",
    [
        ["sngan-train", "--help"],
        ["sngan-train", "--cfg=all"],
        ["sngan-eval", "--help"],
        ["sngan-analyze", "--help"],
        ["sngan-reproduce", "--help"],
        ["sngan-report", "--help"],
        ["sngan-eval", "nowhere"],
    ],
)
def test_who_has_read_enough_may_leave(tmp_path, words):
    process = subprocess.Popen(
        [Path(sys.executable).with_name(words[0]), *words[1:]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": ""},  # Else argparse itself says nothing.
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if words[1][0] == "-" else subprocess.STDOUT,
    )
    process.stdout.close()
    errors = process.stderr.read() if process.stderr else b""
    assert process.wait(60) in (141, -signal.SIGPIPE)
    assert len(errors.splitlines()) == (words[1] == "--cfg=all")  # What it is about to do.


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["dataset=image_folder", "dataset.root=nowhere"], ["dataset.root must be an existing"]),
        (["dataset=synthetic", "dataset.image_size=33"], ["multiple of 8", "got 33"]),
        (["dataset=synthetic", "dataset.num_images=9"], ["setting.batch_size must be between"]),
        (["dataset=synthetic", "device=tpu9"], ["device must be auto, cpu, cuda or cuda:N"]),
        (
            ["dataset=synthetic", "+loss.margin=2"],
            ["error: loss.margin is not a setting; there are none"],
        ),
        (
            ["dataset=synthetic", "setting.lr_decay_start=x"],
            ["must be a number >= 0 and < 1 or null, got x"],
        ),
        (
            ["dataset=synthetic", "setting.lr_decay_start=-1"],
            ["setting.lr_decay_start must be a number >= 0 and < 1 or null"],
        ),
    ],
)
def test_bad_values_leave_no_folder_behind(in_process, tmp_path, arguments, texts):
    fails(in_process("sngan-train", *arguments, "+scale=smoke", check=False), *texts)
    assert not list(tmp_path.glob("runs/*"))


def test_a_finished_run_is_not_overwritten(trained, in_process):
    before = (trained / "metrics.jsonl").read_bytes()
    process = in_process("sngan-train", *SMOKE, f"run_dir={trained}", check=False)
    fails(process, "holds a run already", f"resume={trained}")
    assert (trained / "metrics.jsonl").read_bytes() == before


def test_what_was_killed_before_its_first_checkpoint_is_begun_anew(trained, in_process, tmp_path):
    """By the command that began it; another's settings, or what has a checkpoint, are refused."""
    run = shutil.copytree(trained, tmp_path / "run")
    shutil.rmtree(run / "checkpoints")
    fails(
        in_process("sngan-train", "resume=run", check=False),
        "run holds a run without a checkpoint; the command that began it begins it anew",
    )
    other = in_process("sngan-train", *SMOKE, "seed=1", "run_dir=run", check=False)
    fails(other, "holds a run already")
    in_process("sngan-train", *SMOKE, "run_dir=run")
    lines = [
        [json.loads(x)["step"] for x in (at / "metrics.jsonl").open()] for at in (trained, run)
    ]
    assert lines[0] == lines[1]
    assert checkpoint.load(latest(run))["step"] == 4


@pytest.mark.parametrize("name", ["sngan-train", "sngan-eval"])
def test_truncated_checkpoint(trained, in_process, tmp_path, name):
    whole = (trained / "checkpoints" / "step_0000004.pt").read_bytes()
    (tmp_path / "half.pt").write_bytes(whole[: len(whole) // 2])
    argument = "resume=half.pt" if name == "sngan-train" else "half.pt"
    fails(in_process(name, argument, check=False), "half.pt is truncated or not a checkpoint")


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_can_be_taken(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, "checkpoint_every=2", "run_dir=run")
    newest = latest(tmp_path / "run")
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    said = (
        "step_0000004.pt is damaged",
        "the newest whole one before it is run/checkpoints/step_0000002.pt; if_damaged=previous",
    )
    fails(in_process("sngan-train", "resume=run", "total_steps=6", check=False), *said)
    fails(in_process("sngan-eval", "run", *QUICK, *SMALL, check=False), *said)
    previous = ("if_damaged=previous",)
    scored = in_process("sngan-eval", "run", *previous, *QUICK, *SMALL)
    assert "step_0000002.pt, step 2" in scored.stdout
    in_process("sngan-train", "resume=run", *previous, "total_steps=6")
    assert checkpoint.load(latest(tmp_path / "run"))["step"] == 6
    assert "if_damaged" not in checkpoint.load(latest(tmp_path / "run"))["config"]


def test_checkpoint_from_a_stranger_runs_no_code(trained, in_process, tmp_path):
    state = checkpoint.load(trained / "checkpoints" / "step_0000004.pt")
    state["config"]["dataset"] = {"_target_": "os.system", "command": "touch hacked"}
    torch.save(state, tmp_path / "evil.pt")
    for name, argument in (("sngan-train", "resume=evil.pt"), ("sngan-eval", "evil.pt")):
        fails(
            in_process(name, argument, *(QUICK if name == "sngan-eval" else ()), check=False),
            "'os.system', which is not of sngan",
        )
    assert not (tmp_path / "hacked").exists()


def test_help(command):
    start = seconds_of_commands()
    text = command("sngan-train", "--help").stdout
    assert seconds_of_commands() - start < 3
    for word in ("resume=RUN_FOLDER", "spectral_norm", "cifar10_resnet", "total_steps"):
        assert word in text
    assert "CHECKPOINT" in command("sngan-eval", "--help").stdout


@pytest.mark.slow
def test_pictures_of_a_folder(command, in_process, tmp_path):
    """Class folders, other sizes, one broken file: trains, and says what was left out."""
    for index in range(70):
        colour = (index, 255 - index, 100)
        path = tmp_path / "pictures" / f"class{index % 2}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 32), colour).save(path)
    (tmp_path / "pictures" / "class0" / "0.png").write_bytes(b"broken")
    arguments = ("+scale=smoke", "dataset=image_folder", "dataset.root=pictures", "run_dir=run")
    process = command("sngan-train", *arguments)
    assert "left out 1 of 70 pictures" in process.stderr
    moved = tmp_path / "moved"
    (tmp_path / "pictures").rename(moved)
    process = in_process("sngan-eval", "run", *QUICK, *SMALL, check=False)
    fails(process, "dataset.root must be an existing folder")
    in_process("sngan-eval", "run", f"dataset.root={moved}", *QUICK, *SMALL)


@pytest.mark.parametrize(
    "name", ["bilder_äöü", "写真", "a=b", "pics (1)", "it's", "2024", "a,b", "b\\s"]
)
def test_a_folder_of_any_name_from_any_other(in_process, run_in_process, tmp_path, name):
    """What a shell passes works as it is typed, and so do the commands that are printed."""
    for index in range(20):
        path = tmp_path / name / f"class{index % 2}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (index, 255 - index, 100)).save(path)
    small = ("setting.batch_size=8", "setting.generator_batch_size=8")
    words = ("dataset=image_folder", f"dataset.root={name}", "+scale=smoke", *small)
    process = in_process("sngan-train", *words, f"run_dir=runs/{name}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    printed = process.stdout.splitlines()[-1].partition("score it with: ")[2]
    checkpoint_of, *_ = shlex.split(printed)[1:]
    sizes = ("protocol.quickstart.num_real=20", *SMALL[:2])
    run_in_process(elsewhere, "sngan-eval", checkpoint_of, *QUICK, *sizes)
    resume = shlex.split(resume_command(RunFolder(tmp_path / "runs" / name)))[1:]
    run_in_process(elsewhere, "sngan-train", *resume, "total_steps=5")
    assert checkpoint.load(latest(tmp_path / "runs" / name))["step"] == 5
    assert not list(elsewhere.iterdir())
