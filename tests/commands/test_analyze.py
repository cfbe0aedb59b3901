"""``sngan-analyze`` as a user meets it."""

import json
import shutil

import pytest
from PIL import Image

from sngan.commands.analyze import main
from sngan.run_folder import checkpoint

NAMED = {"architecture": {"discriminator": {"_target_": "sngan.architecture.cnn.CnnDiscriminator"}}}
SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "total_steps=2")


@pytest.fixture(scope="module")
def trained(run_in_process, tmp_path_factory):
    """Two runs; shared, so tests work on copies."""
    folder = tmp_path_factory.mktemp("trained")
    for name, settings in {
        "sn": (),
        "bn": ("method=batch_norm", "architecture=resnet_cifar"),
    }.items():
        run_in_process(folder, "sngan-train", *SMOKE, *settings, f"run_dir={name}")
    return folder


@pytest.fixture(autouse=True)
def _runs(trained, tmp_path):
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)


def test_table_numbers_and_pictures(command, tmp_path):
    process = command(
        "sngan-analyze", "sn", "bn/checkpoints/step_0000002.pt", "--figure", "all.png"
    )
    assert "convolutions.6 32 x 144" in " ".join(process.stdout.split())
    assert "Lipschitz constant at most" in process.stdout
    assert "no bound on the Lipschitz constant: batch and layer norm have none" in process.stdout
    sheet = json.loads((tmp_path / "sn/checkpoints/step_0000002.spectra.json").read_text())
    assert [layer["shape"] for layer in sheet["layers"]][:2] == [[4, 27], [4, 64]]
    for layer in sheet["layers"]:
        assert len(layer["raw"]) == len(layer["in_use"]) == min(layer["shape"])
        assert layer["in_use"] == sorted(layer["in_use"], reverse=True)
        assert layer["in_use"][0] == pytest.approx(1, abs=0.2)
    assert set(sheet["lipschitz_bounds"]) == {"matrices", "operators"}
    assert all(layer["operator_norm"] > 0 for layer in sheet["layers"])
    assert sheet["lipschitz_lower_bounds"] == {}
    bn = json.loads((tmp_path / "bn/checkpoints/step_0000002.spectra.json").read_text())
    assert bn["lipschitz_bounds"] == {}
    for name in ("all.png", "sn/checkpoints/step_0000002.spectra.png"):
        assert Image.open(tmp_path / name).size[0] > 500


def test_the_steepest_place_is_looked_for_from_training_pictures(in_process, tmp_path):
    process = in_process("sngan-analyze", "sn", "bn", "--pictures=10", "dataset.num_images=50")
    assert process.stdout.count("Lipschitz constant at least") == 2
    sheet = json.loads((tmp_path / "sn/checkpoints/step_0000002.spectra.json").read_text())
    found = sheet["lipschitz_lower_bounds"]
    assert 0 < found["real"] <= found["pairs"] < sheet["lipschitz_bounds"]["operators"]
    for words, text in {
        ("--pictures=3",): "--pictures must be even, for pairs, got 3",
        ("--pictures=-2",): "--pictures must be an integer between 0 and 100000, got -2",
        ("--pictures=500",): "--pictures must be at most 100, got 500",
        ("dataset.num_images=50",): "dataset.num_images=50 is not for this command",
        ("--pictures=4", "dataset.color=3"): "dataset.color",
    }.items():
        fails(in_process("sngan-analyze", "sn", *words, check=False), text)


def fails(process, *texts, code=2):
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def test_what_is_not_a_checkpoint(in_process, tmp_path):
    (tmp_path / "bad.pt").write_text("x")
    for path in ("bad.pt", "missing.pt"):
        fails(in_process("sngan-analyze", path, check=False), path)
    fails(
        in_process("sngan-analyze", "x", "--figure", "a.xyz", check=False), "a .png file, got a.xyz"
    )


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({}, "config.architecture.discriminator must be an object with a _target_, got nothing"),
        ({"architecture": 1}, "config.architecture.discriminator must be"),
        ({"architecture": {"discriminator": {}}}, "must be an object with a _target_, got {}"),
        (NAMED, "config.regularizer must be objects with a _target_, by name, got nothing"),
        ({**NAMED, "regularizer": {}}, "regularizer must name at least one"),
        ({**NAMED, "regularizer": {"x": {"_target_": "os.system"}}}, "not of sngan"),
        (
            {**NAMED, "regularizer": {"n": {"_target_": "sngan.regularizer.none.NoRegularizer"}}},
            "the checkpoint's weights do not fit its configuration: Error(s)",
        ),
    ],
)
def test_odd_configurations(config, text, monkeypatch, tmp_path, capsys):
    path = tmp_path / "odd.pt"
    networks = {"generator": {}, "discriminator": {}}
    checkpoint.save(path, {"step": 1, "seconds": 0.0, "config": config, "iteration": networks})
    monkeypatch.setattr("sys.argv", ["sngan-analyze", str(path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("trust=mine", "trust must be a list of packages, as 'trust=[mine]', got mine"),
        ("trust=[mine.x]", "trust must be a list of packages"),
        ("trust=[3]", "trust must be a list of packages"),
        ("figure=a.png", "figure=a.png is not for this command; its one setting is 'trust="),
        ("trust=[", "cannot read trust=["),
    ],
)
def test_words_that_are_not_for_it(in_process, word, text):
    fails(in_process("sngan-analyze", "sn", word, check=False), text)


def test_without_a_checkpoint_there_is_nothing_to_analyze(in_process):
    fails(in_process("sngan-analyze", "trust=[mine]", check=False), "name checkpoints or run")


def test_a_diverged_network(in_process, tmp_path):
    path = tmp_path / "sn/checkpoints/step_0000002.pt"
    state = checkpoint.load(path)
    state["iteration"]["discriminator"]["dense.layer.weight"][0, 0] = float("nan")
    checkpoint.save(path, state)
    process = in_process("sngan-analyze", "sn", check=False)
    fails(process, "diverged: the weight of dense is not finite", code=1)
