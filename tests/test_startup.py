"""What each command imports before it does its work: waiting for PyTorch takes seconds.

``torch._dynamo`` takes as long again. Optimizers import it by themselves, when they are made; what
comes before, and everything that scores, does without.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

SLOW = {
    "matplotlib", "numpy", "PIL", "pytorch_fid", "scipy.linalg", "scipy.stats", "torch",
    "torch._dynamo", "torchvision", "transformers",
}  # fmt: skip
COMMAND = """
import sys
from importlib.metadata import entry_points
(entry,) = entry_points(group="console_scripts", name=sys.argv[0])
try:
    entry.load()()
except SystemExit as end:
    code = int(end.code or 0)
else:
    code = 0
"""
TRAINING = """
import sys
from sngan.assembly import compose, training
from sngan.training import loop
loaded = sorted(sys.modules)
((settings, _),) = compose.compose_trainings([sys.argv[1:]])
training.build_training(settings, training.torch.device("cpu")).iteration()
"""


def run(code, *arguments, cwd, report):
    """Run code in a new process; returns what the last line, an expression, was."""
    code = f"import sys, json\nsys.argv = {list(map(str, arguments))}\n{code}\n"
    code += f"print(json.dumps({report}))"
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of pictures that must be scaled and cropped."""
    folder = tmp_path_factory.mktemp("pictures")
    for index in range(70):
        Image.new("RGB", (40, 33), (index, 255 - index, 100)).save(folder / f"{index}.png")
    return folder


ANSWERS = {
    "sngan-train --help": 0,
    "sngan-train loss=hing": 2,
    "sngan-train setting.n_dis=0": 2,
    "sngan-train dataset=synthetic resume=.": 2,
    "sngan-eval --help": 0,
    "sngan-eval": 2,
    "sngan-eval nowhere": 2,
    "sngan-eval nowhere.onnx": 2,
    "sngan-sample --help": 0,
    "sngan-sample nowhere": 2,
    "sngan-sample . --out a.gif": 2,
    "sngan-analyze nowhere": 2,
    "sngan-reproduce --list --only figure99": 2,
    "sngan-report --help": 0,
}


@pytest.fixture(scope="module")
def answers(run_afresh, tmp_path_factory):
    """How all of them end; the first after which a module is there has imported it."""
    commands = [words.split() for words in ANSWERS]
    return dict(zip(ANSWERS, run_afresh(tmp_path_factory.mktemp("empty"), *commands), strict=True))


@pytest.mark.parametrize(("words", "expected"), ANSWERS.items())
def test_answers_that_need_no_pytorch_import_nothing_slow(words, expected, answers):
    assert answers[words].returncode == expected
    assert "sngan" in answers[words].loaded
    assert not SLOW & set(answers[words].loaded)


def test_a_plan_is_listed_without_pytorch(tmp_path):
    """Cells are composed for it."""
    code = """
from sngan.commands import reproduce as command
some = [target for target in command.read_targets() if target.key == "figure9"]
command.read_targets = lambda: some
command.main()
"""
    arguments = ("sngan-reproduce", "--scale", "smoke", "--list")
    assert not SLOW & set(run(code, *arguments, cwd=tmp_path, report="sorted(sys.modules)"))


def test_a_training_starts_with_pytorch_alone(pictures):
    """Also on a folder of pictures."""
    loaded, later = run(
        TRAINING,
        *("sngan-train", "+scale=smoke", "dataset=image_folder", f"dataset.root={pictures}"),
        cwd=pictures,
        report="[loaded, sorted(sys.modules)]",
    )
    assert SLOW & set(loaded) <= {"numpy", "PIL", "torch"}
    assert SLOW & set(later) <= {"numpy", "PIL", "torch", "torch._dynamo"}


def test_scores_of_pictures_need_neither_torchvision_nor_dynamo(pictures, tmp_path):
    code, loaded = run(
        COMMAND,
        *("sngan-eval", "--images", pictures, f"reference={pictures}"),
        *("extractor=efficientnet_lite0", "extractor.input_size=32"),
        cwd=tmp_path,
        report="[code, sorted(sys.modules)]",
    )
    assert code == 0
    assert SLOW & set(loaded) <= {"numpy", "PIL", "scipy.linalg", "torch"}


@pytest.mark.slow
def test_the_first_step_comes_within_ten_seconds(tmp_path):
    """Of computing, on one core; by the clock it would depend on what else the machine does.

    Measured: 5 seconds, of which 4 are PyTorch's imports.
    """
    words = ("dataset=synthetic", "+scale=cpu", "architecture=cnn", "log_every=1", "run_dir=run")
    metrics = tmp_path / "run" / "metrics.jsonl"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [Path(sys.executable).with_name("sngan-train"), *words],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (metrics.exists() and metrics.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None
    process.kill()
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert metrics.stat().st_size
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10
