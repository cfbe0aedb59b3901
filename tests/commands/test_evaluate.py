"""``sngan-eval`` as a user meets it: what it scores, what it says, and what it refuses."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.dataset.synthetic import SyntheticShapes
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=200")
EXTRACTOR = ("extractor=efficientnet_lite0", "extractor.input_size=32")
QUICK = (
    *EXTRACTOR,
    "protocol=quickstart",
    "protocol.quickstart.num_generated=20",
    "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=30",
)
SHAPES = ("dataset=synthetic", "dataset.num_images=200")


@pytest.fixture(scope="module")
def runs(run_in_process, tmp_path_factory):
    """Two trainings that differ in their seed; shared, so tests copy what they damage."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (0, 1):
        run_in_process(folder, "sngan-train", *SMOKE, f"seed={seed}", f"run_dir=seed{seed}")
    return [folder / "seed0", folder / "seed1"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Sixty pictures of 32 pixels: as a folder, as an array, and as they are."""
    folder = tmp_path_factory.mktemp("pictures")
    images = SyntheticShapes(image_size=32, num_images=60, seed=9).load("train").images
    arrays = images.permute(0, 2, 3, 1).numpy()
    (folder / "png").mkdir()
    for index, array in enumerate(arrays):
        Image.fromarray(array).save(folder / "png" / f"{index:03}.png")
    np.savez(folder / "samples.npz", arrays)
    return folder


@pytest.fixture
def evaluate(in_process):
    """Run the command within this process."""
    return lambda *arguments, **options: in_process("sngan-eval", *arguments, **options)


def fails(process, *texts, code=2):
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def distance_of(process):
    """Return the last number of the first table's first row."""
    lines = iter(process.stdout.splitlines())
    next(line for line in lines if line.endswith(" distance"))
    return next(float(x[1]) for line in lines if (x := re.search(r"  ([\d.]+)$", line)))


def said_by(process):
    """Return what a command has printed, as if there were one line."""
    return " ".join(process.stdout.split())


def test_a_checkpoint_is_enough(runs, command, evaluate, tmp_path):
    path = tmp_path / "alone.pt"
    path.write_bytes(latest(runs[0]).read_bytes())
    process = command("sngan-eval", path, *QUICK)
    assert "efficientnet_lite0 distance" in process.stdout
    assert "20 samples (round), 30 real of synthetic train" in said_by(process)
    (written,) = tmp_path.glob("alone.efficientnet_lite0.quickstart.*.json")
    assert json.loads(written.read_text())["protocols"]["quickstart"]["distance"] > 0
    written.unlink()
    written.mkdir()  # Nothing can be written there; what was computed is said all the same.
    assert evaluate(path, *QUICK).stdout == process.stdout


def test_both_protocols_are_printed_side_by_side(runs, evaluate):
    small = [
        f"protocol.{name}.{key}={value}"
        for name, fid, real in (("paper", 10, 15), ("modern", 30, "null"))
        for key, value in (("num_generated", 30), ("num_generated_fid", fid), ("num_real", real))
    ]
    text = said_by(evaluate(runs[0], *EXTRACTOR, *small, "metric=[prdc]"))
    score, distance = "efficientnet_lite0 score", "efficientnet_lite0 distance"
    prdc = "prdc (k 5, at most 10,000 pictures of either side)"
    for words in (
        f"protocol paper | {score}: 30 samples (truncate) in 10 splits",
        f"{distance}, {prdc}: 10 samples (truncate), 15 real of synthetic test",
        f"protocol modern | {score}: 30 samples (round) in 10 splits",
        f"{distance}, {prdc}: 30 samples (round), 200 real of synthetic train",
        "precision",
        "recall",
        "density",
        "coverage",
        "sha256 57934424",
        "seed 0",
    ):
        assert words in text


def test_several_seeds_have_a_spread_of_their_own(runs, evaluate):
    text = evaluate(*runs, *QUICK).stdout
    assert "over 2 trainings (sample std)" in text
    assert "95% interval of the mean" in text
    content = json.loads(evaluate(*runs, *QUICK, "--json").stdout)
    values = [sheet["protocols"]["quickstart"]["distance"] for sheet in content["scores"]]
    (spread,) = [x for x in content["trainings"] if x["name"].endswith("distance")]
    assert spread["values"] == values
    assert spread["mean"] == pytest.approx(sum(values) / 2)
    assert "score_std" in content["scores"][0]["protocols"]["quickstart"]  # Over splits.


def test_another_checkpoint_of_the_same_seed_is_no_second_training(runs, evaluate, tmp_path):
    state = checkpoint.load(latest(runs[0]))
    checkpoint.save(tmp_path / "earlier.pt", state | {"step": 2})
    text = evaluate(runs[0], "earlier.pt", *QUICK).stdout
    assert "trainings" not in text


def test_pictures_of_others(pictures, evaluate):
    """A folder and an array of the same pictures get the same scores, by whatever protocol."""
    png, npz = pictures / "png", pictures / "samples.npz"
    from_png = evaluate("--images", png, *EXTRACTOR, *SHAPES)
    from_npz = evaluate("--images", npz, *EXTRACTOR, *SHAPES)
    assert "protocol all | " in from_png.stdout
    assert "60 samples (8-bit), 200 real of synthetic train" in said_by(from_png)
    assert "seed" not in from_png.stdout
    assert distance_of(from_png) == distance_of(from_npz) > 0
    process = evaluate("--images", png, *QUICK, *SHAPES)
    assert "protocol quickstart | " in process.stdout
    assert "20 samples (8-bit), 30 real" in said_by(process)


def test_without_real_pictures_there_is_no_distance(pictures, evaluate):
    process = evaluate("--images", pictures / "png", *EXTRACTOR)
    assert "efficientnet_lite0 score" in process.stdout
    assert "distance" not in process.stdout


def test_two_folders_against_each_other(pictures, evaluate):
    png, npz = pictures / "png", pictures / "samples.npz"
    same = evaluate("--images", png, f"reference={npz}", *EXTRACTOR)
    assert distance_of(same) == pytest.approx(0, abs=1e-3)
    fewer = evaluate("--images", png, f"reference={png}", *QUICK)
    assert distance_of(fewer) > 0


def test_statistics_travel(pictures, evaluate, tmp_path):
    """The cache's own file is a reference; another program's is one for the Inception alone."""
    cache = f"cache={tmp_path / 'cache'}"
    png = pictures / "png"
    first = evaluate("--images", png, *EXTRACTOR, *SHAPES, cache)
    (path,) = (tmp_path / "cache").glob("synthetic-train-200-*.npz")
    again = evaluate("--images", png, *EXTRACTOR, f"reference={path}")
    assert distance_of(again) == distance_of(first)

    statistics = np.load(path)
    np.savez(tmp_path / "foreign.npz", mu=statistics["mu"], sigma=statistics["sigma"])
    arguments = ("--images", png, *EXTRACTOR, "reference=foreign.npz")
    fails(evaluate(*arguments, check=False), "foreign statistics", "extractor=inception alone")


@pytest.mark.slow
def test_a_folder_that_pytorch_fid_described(pictures, evaluate, tmp_path):
    """Its statistics, our features under its preset: the distance it would have printed."""
    settings = ("extractor=inception", "extractor.weights=random:3", "extractor.preset=pytorch-fid")
    cache = f"cache={tmp_path / 'cache'}"
    npz = tmp_path / "some.npz"  # The Inception is slow.
    np.savez(npz, np.load(pictures / "samples.npz")["arr_0"][:20])
    evaluate("--images", npz, *settings, *SHAPES, cache, "dataset.num_images=20")
    (ours,) = (tmp_path / "cache").glob("*.npz")
    statistics = np.load(ours)
    np.savez(tmp_path / "theirs.npz", mu=statistics["mu"], sigma=statistics["sigma"])
    arguments = ("--images", npz, *settings, "reference=theirs.npz")
    fails(evaluate(*arguments, check=False), "foreign statistics", "reference_preset=tf1")
    process = evaluate(*arguments, "reference_preset=pytorch-fid")
    assert "? real of theirs.npz NOT COMPARABLE: foreign statistics" in said_by(process)
    assert "foreign statistics: theirs.npz does not say" in process.stderr
    assert distance_of(process) > 0


def test_real_pictures_are_the_calibration_row(evaluate):
    process = evaluate("--real", *QUICK, *SHAPES)
    assert "real pictures of synthetic, the training split as samples" in process.stdout
    assert "20 samples (8-bit), 30 real of synthetic test" in said_by(process)
    fails(evaluate("--real", *QUICK, check=False), "name it by dataset=NAME")


def test_scores_during_training_keep_the_best(evaluate, in_process, tmp_path):
    in_process(
        "sngan-train",
        *("+scale=smoke", *SHAPES, "run_dir=run", "total_steps=6", "keep_checkpoints=1"),
        *("monitor=[scores]", "monitor.scores.every=2", "protocol@monitor.scores.protocol=all"),
        *("extractor@monitor.scores.extractor=efficientnet_lite0", "sample_every=6"),
        *("monitor.scores.extractor.input_size=32", "monitor.scores.protocol.num_generated=20"),
    )
    best = json.loads((tmp_path / "run" / "best.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").open()]
    values = {
        x["step"]: x["value"] for x in lines if x["name"] == "distance/efficientnet_lite0/all"
    }
    assert set(values) == {2, 4, 6}
    assert best["step"] == min(values, key=values.get)
    kept = {path.name for path in (tmp_path / "run" / "checkpoints").glob("*.pt")}
    assert kept == {"step_0000006.pt", f"step_{best['step']:07d}.pt"}

    everything = (*EXTRACTOR, "protocol=all", "protocol.all.num_generated=20")
    process = evaluate("run", "--best", *everything)
    assert f"distance/efficientnet_lite0/all {best['value']:.3f}" in process.stdout
    assert distance_of(process) == pytest.approx(best["value"], rel=1e-4)
    in_process("sngan-train", "resume=run", "total_steps=7")


@pytest.mark.slow
def test_several_processes_give_the_same_scores(runs, command, evaluate):
    """Twenty samples and thirty pictures shared by index, unevenly among three."""
    arguments = (runs[0], *QUICK, "metric=[prdc]", "--json")
    alone = json.loads(evaluate(*arguments).stdout)
    program = Path(sys.executable).with_name("sngan-eval")
    launch = ("--standalone", "--nproc-per-node", "3", "--no-python", program)
    shared = json.loads(command("torchrun", *launch, *arguments, "cache=shared").stdout)
    one, other = (x["scores"][0]["protocols"]["quickstart"] for x in (alone, shared))
    for key in ("score_mean", "score_std", "distance"):
        assert other[key] == pytest.approx(one[key], rel=1e-6)
    assert other["more"] == one["more"]


def test_an_extractor_of_the_users_own(runs, evaluate, tmp_path, monkeypatch):
    (tmp_path / "own_extractor.py").write_text(
        "from sngan.extractor.base import Features\n"
        "class Mine:\n"
        "    name, is_fid_inception, provenance = 'mine', False, {}\n"
        "    def to(self, device): return self\n"
        "    def __call__(self, images):\n"
        "        return Features(images.float().mean(dim=(2, 3)), None)\n"
    )
    group = tmp_path / "conf" / "extractor"
    group.mkdir(parents=True)
    (group / "mine.yaml").write_text("_target_: own_extractor.Mine\n")
    monkeypatch.syspath_prepend(tmp_path)
    arguments = (runs[0], *QUICK[2:], "extractor=mine", "--config-dir", "conf")
    process = evaluate(*arguments)
    assert "mine distance" in process.stdout
    assert "mine score" not in process.stdout


def test_without_inception_weights_it_says_what_to_do(runs, evaluate, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    process = evaluate(runs[0], check=False)
    fails(process, "--fetch-inception", "6726825d", "extractor=efficientnet_lite0")
    assert len(process.stderr.strip().splitlines()) == 4  # The first says what it does.


def test_a_diverged_generator_is_said_to_be_one(runs, evaluate, tmp_path):
    state = checkpoint.load(latest(runs[0]))
    weights = state["iteration"]["generator"]
    weights[next(iter(weights))].fill_(torch.nan)
    checkpoint.save(tmp_path / "nan.pt", state)
    process = evaluate("nan.pt", runs[1], *QUICK, check=False)
    fails(process, "diverged: nan.pt, step 4: sample 0 is not finite", code=1)
    assert distance_of(process) > 0  # The other one's.


def test_quiet_is_quiet(runs, command):
    assert command("sngan-eval", runs[0], *QUICK, "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["nowhere.pt"], ["nowhere.pt"]),
        (["extractor=efficientnet_lite0"], ["name checkpoints or run folders, or one of"]),
        ([], ["usage: sngan-eval"]),
        (["RUN", "--real"], ["name checkpoints or run folders, or one of"]),
        (["x.pt", "extractor=resnet"], ["inception", "efficientnet_lite0"]),
        (["x.pt", "batchsize=3"], ["batchsize"]),
        (
            ["RUN", "batch_size=0", *QUICK],
            ["batch_size must be an integer between 1 and 65536 or null"],
        ),
        (["RUN", "seed=x", *QUICK], ["seed must be an integer between 0 and 4294967295, got x"]),
        (["RUN", "allow_mismatch=maybe", *QUICK], ["allow_mismatch must be true or false"]),
        (
            ["RUN", "reference_preset=tf2", *QUICK],
            ["must be one of tf1, pytorch-fid or null, got tf2"],
        ),
        (["RUN", "reference=nowhere", *QUICK], ["must be a folder or an .npz file, got nowhere"]),
        (
            ["RUN", *QUICK, "protocol.quickstart.num_generated=x"],
            ["num_generated must be an integer"],
        ),
        (["RUN", *QUICK, "+protocol.quickstart.foo=1"], ["protocol", "foo"]),
        (["RUN", *EXTRACTOR, "protocol=all"], ["takes all samples there are"]),
        (["RUN", *QUICK, "metric=[kid]"], ["metric=kid needs at least 1,000"]),
        (["RUN", *QUICK, "metric=[kid]", "metric.kid.subsets=0"], ["metric.kid.subsets must be"]),
        (["RUN", "--best", *QUICK], ["has no best checkpoint"]),
        (["--images", "x", "--best"], ["--best is for run folders"]),
        (["--real", "--weights=raw"], ["--weights is for checkpoints and run folders"]),
        (["RUN", "+batchsize=4", *QUICK], ["there is no setting batchsize; did you mean batch_si"]),
        (["RUN", "device=meta", *QUICK], ["device must be auto, cpu, cuda or cuda:N, got meta"]),
        (["RUN", "dataset.num_images=[", *QUICK], ["cannot read dataset.num_images=["]),
        (
            ["RUN", "++dataset.num_images=0", *QUICK],
            ["dataset.num_images must be an integer between 1"],
        ),
        (
            ["RUN", *QUICK, "extractor.input_size=33.5"],
            ["input_size must be an integer between 32"],
        ),
        (["RUN", *QUICK, "protocol.quickstart.name=a/b"], ["name must be a text that matches"]),
        (["RUN", "extractor.weights=3"], ["which are not at 3\n"]),
        (["--real", *SHAPES, *QUICK, "reference=x"], ["with itself, got reference=x"]),
        (["--images", "nowhere", *EXTRACTOR], ["must be a folder or an .npz file, got nowhere"]),
    ],
)
def test_mistakes(runs, evaluate, arguments, texts):
    arguments = [str(runs[0]) if word == "RUN" else word for word in arguments]
    fails(evaluate(*arguments, check=False), *texts)


def test_a_stranger_s_checkpoint_does_not_say_where(in_process, tmp_path, monkeypatch):
    for index in range(40):
        place = tmp_path / "pictures" / "ab"[index % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (index, 0, 0)).save(place / f"{index}.png")
    data = ("dataset=image_folder", f"dataset.root={tmp_path / 'pictures'}")
    cached = f"dataset.cache={tmp_path / 'cache'}"
    in_process("sngan-train", *data, cached, "+scale=smoke", "setting.batch_size=8", "run_dir=run")
    assert in_process("sngan-eval", "run", *QUICK).returncode == 0

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))
    shutil.rmtree(tmp_path / "cache")
    for name, arguments in (("sngan-eval", ["run", *QUICK]), ("sngan-train", ["resume=run"])):
        process = in_process(name, *arguments, check=False)
        assert process.returncode == 2, process.stderr
        assert "dataset.root must be given: the checkpoint does not lie in a" in process.stderr
        given = in_process(name, *arguments, data[1])
        assert given.returncode == 0, given.stderr
    assert not (tmp_path / "cache").exists()
