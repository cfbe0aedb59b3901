"""Averaged weights as a user meets them: trained, continued, scored and sampled."""

import json
import shutil

import pytest
import torch
from PIL import Image

from sngan.api.trained_generator import load_generator
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "device=cpu")
QUICK = (
    "extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart",
    "protocol.quickstart.num_generated=20", "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=30", "device=cpu",
)  # fmt: skip
MONITOR = (
    "monitor=[scores]", "extractor@monitor.scores.extractor=efficientnet_lite0",
    "monitor.scores.extractor.input_size=32", "protocol@monitor.scores.protocol=quickstart",
    "monitor.scores.protocol.num_generated=20", "monitor.scores.protocol.num_generated_fid=20",
    "monitor.scores.protocol.num_real=30", "monitor.scores.every=2",
)  # fmt: skip
EVERY = (
    "checkpoint_every=2", "sample_every=2", "keep_checkpoints=null", "total_steps=4",
    "setting.lr=0.02",  # So that a few steps change pictures.
)  # fmt: skip
NAME = "distance/efficientnet_lite0/quickstart"


@pytest.fixture(scope="module")
def runs(run_in_process, tmp_path_factory):
    """The same training with an average and without; shared, so tests work on copies."""
    folder = tmp_path_factory.mktemp("runs")
    words = (*SMOKE, *EVERY, "average=ema", "average.decay=0.5", *MONITOR)
    run_in_process(folder, "sngan-train", *words, "run_dir=averaged")
    run_in_process(folder, "sngan-train", *SMOKE, *EVERY, "run_dir=plain")
    return folder


@pytest.fixture(autouse=True)
def _runs(runs, tmp_path):
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)


def state_of(run, step=4):
    return checkpoint.load(RunFolder(run).checkpoint(step))


def assert_same(first, second):
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def fails(process, *texts):
    assert process.returncode == 2, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def test_it_changes_nothing_in_the_training(tmp_path):
    averaged, plain = state_of(tmp_path / "averaged"), state_of(tmp_path / "plain")
    assert_same(averaged["iteration"]["generator"], plain["iteration"]["generator"])
    assert_same(averaged["iteration"]["discriminator"], plain["iteration"]["discriminator"])
    assert_same(averaged["random"], plain["random"])
    assert "average" not in plain
    assert "average" not in plain["config"]  # A run without is the run that it was.
    grid = "samples/step_0000004.png"
    assert (tmp_path / "averaged" / grid).read_bytes() == (tmp_path / "plain" / grid).read_bytes()
    assert not (tmp_path / "plain" / "samples" / "average").exists()


def test_continued_it_is_what_it_would_have_been(in_process, tmp_path):
    whole = state_of(tmp_path / "averaged")
    run = RunFolder(tmp_path / "averaged")
    run.checkpoint(4).unlink()
    grid = run.grid(4, "average")
    expected = grid.read_bytes()
    in_process("sngan-train", "resume=averaged")
    again = state_of(run.path)
    assert_same(again["average"], whole["average"])
    assert_same(again["iteration"]["generator"], whole["iteration"]["generator"])
    assert grid.read_bytes() == expected
    assert int(again["average"]["updates"]) == 4


def test_a_checkpoint_that_lost_its_average_is_not_continued(in_process, tmp_path):
    path = RunFolder(tmp_path / "averaged").checkpoint(4)
    state = checkpoint.load(path)
    del state["average"]
    checkpoint.save(path, state)
    fails(in_process("sngan-train", "resume=averaged", check=False), "holds no average")
    state["average"] = {"generator": {"w": 1}, "updates": torch.tensor(4)}
    checkpoint.save(path, state)
    fails(in_process("sngan-eval", "averaged", *QUICK, check=False), "average must be averaged")


def test_the_average_is_scored_and_named(in_process, tmp_path):
    found = {}
    for weights, words in (("average", ()), ("raw", ("--weights", "raw"))):
        process = in_process("sngan-eval", "averaged", *QUICK, *words)
        said = {"average": "step 4, average", "raw": "step 4, raw weights"}[weights]
        assert said in process.stdout
        content = json.loads(in_process("sngan-eval", "averaged", *QUICK, *words, "--json").stdout)
        (sheet,) = content["scores"]
        assert sheet["weights"] == weights
        assert said in sheet["name"]
        found[weights] = sheet["protocols"]["quickstart"]["distance"]
    assert found["average"] != found["raw"]
    files = sorted((tmp_path / "averaged" / "checkpoints").glob("*.json"))
    written = [json.loads(path.read_text()) for path in files]
    assert sorted(sheet["weights"] for sheet in written) == ["average", "raw"]
    plain = in_process("sngan-eval", "plain", *QUICK)
    assert "raw weights" not in plain.stdout
    assert "average" not in plain.stdout


def test_both_are_scored_side_by_side(in_process):
    words = ("averaged", *QUICK, "--weights", "both")
    content = json.loads(in_process("sngan-eval", *words, "--json").stdout)
    assert [sheet["weights"] for sheet in content["scores"]] == ["raw", "average"]
    assert content["trainings"] == []
    assert "no spread" not in in_process("sngan-eval", *words).stderr


def test_the_monitor_scores_both_and_the_average_decides(in_process, tmp_path):
    lines = (tmp_path / "averaged" / "metrics.jsonl").read_text().splitlines()
    last = {x["name"]: x["value"] for x in map(json.loads, lines) if x["step"] == 4}
    assert last[NAME] != last[f"{NAME}/average"]
    best = json.loads((tmp_path / "averaged" / "best.json").read_text())
    assert best["name"] == f"{NAME}/average"
    in_process("sngan-report", "averaged", "--out=page")
    (page,) = (tmp_path / "page").glob("*.md")
    assert "protocol quickstart, average" in page.read_text()


def test_samples_are_of_the_average_unless_raw_ones_are_wanted(in_process, tmp_path):
    process = in_process("sngan-sample", "averaged", "--count=100", "--out=a.png", "--device=cpu")
    assert "step 4, average, seed 0: a.png" in process.stdout
    words = ("averaged", "--count=100", "--weights=raw", "--device=cpu")
    assert "step 4, raw weights, seed 0" in in_process("sngan-sample", *words).stdout
    raw = tmp_path / "averaged_step_0000004_raw_seed_0.png"
    assert raw.read_bytes() != (tmp_path / "a.png").read_bytes()
    in_process("sngan-sample", "plain", "--count=100", "--out=plain.png", "--device=cpu")
    assert raw.read_bytes() == (tmp_path / "plain.png").read_bytes()


def test_a_film_is_of_the_grids_of_the_average(in_process, tmp_path):
    in_process("sngan-sample", "averaged", "--training", "--out=a.webp")
    in_process("sngan-sample", "averaged", "--training", "--weights=raw", "--out=raw.webp")
    for name, weights in (("a", "average"), ("raw", "raw")):
        film = Image.open(tmp_path / f"{name}.webp")
        film.seek(film.n_frames - 1)
        grid = Image.open(RunFolder(tmp_path / "averaged").grid(4, weights))
        assert film.convert("RGB").tobytes() == grid.convert("RGB").tobytes()
    words = ("plain", "--training", "--weights=average", "--out=b.gif")
    fails(in_process("sngan-sample", *words, check=False), "no grids yet, in samples/average/")


@pytest.mark.parametrize("command", ["sngan-eval", "sngan-sample"])
def test_an_average_that_is_not_there(in_process, tmp_path, command):
    before = sorted(tmp_path.rglob("*"))
    words = QUICK if command == "sngan-eval" else ()
    process = in_process(command, "plain", "--weights", "average", *words, check=False)
    fails(process, "step_0000004.pt holds no average of the weights", "average=ema")
    assert sorted(tmp_path.rglob("*")) == before


def test_from_python(tmp_path):
    average, raw = (load_generator(tmp_path / "averaged", weights=w) for w in (None, "raw"))
    assert (average.weights, raw.weights) == ("average", "raw")
    assert not torch.equal(average.sample(2, seed=0), raw.sample(2, seed=0))
    plain = load_generator(tmp_path / "plain")
    assert plain.weights == "raw"
    assert torch.equal(plain.sample(2, seed=0), raw.sample(2, seed=0))
    with pytest.raises(ValueError, match="holds no average"):
        load_generator(tmp_path / "plain", weights="average")
    with pytest.raises(ValueError, match=r"^weights must be"):
        load_generator(tmp_path / "plain", weights="ema")


def test_seeds_packed_together_have_averages_of_their_own(in_process, tmp_path):
    words = (*SMOKE, "total_steps=2", "average=ema", "average.decay=0.5")
    in_process("sngan-train", *words, "pack=2", "run_dir=pack")
    in_process("sngan-train", *words, "seed=1", "run_dir=alone")
    alone = state_of(tmp_path / "alone", 2)["average"]
    assert_same(state_of(tmp_path / "pack" / "seed_1", 2)["average"], alone)


def test_a_strangers_average_runs_no_code(in_process, tmp_path):
    path = RunFolder(tmp_path / "averaged").checkpoint(4)
    state = checkpoint.load(path)
    state["config"]["average"] = {"_target_": "os.system", "command": "touch gone"}
    checkpoint.save(tmp_path / "stranger.pt", state)
    process = in_process("sngan-train", "resume=stranger.pt", check=False)
    fails(process, "os.system", "not of sngan")
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "word",
    ["average=emma", "average.decay=1.0", "average._target_=sngan.loss.hinge.HingeLoss"],
)
def test_bad_words_are_refused(in_process, tmp_path, word):
    before = sorted(tmp_path.iterdir())
    words = (*SMOKE, "run_dir=bad", *(["average=ema"] if "." in word else []))
    fails(in_process("sngan-train", *words, word, check=False), "average")
    assert sorted(tmp_path.iterdir()) == before
