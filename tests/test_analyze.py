"""``sngan-analyze`` as a user meets it."""

import json

import pytest
from PIL import Image

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "total_steps=2")


@pytest.fixture
def runs(command):
    for name, settings in {
        "sn": (),
        "bn": ("method=batch_norm", "architecture=resnet_cifar"),
    }.items():
        command("sngan-train", *SMOKE, *settings, f"run_dir={name}")
    return command


def test_table_numbers_and_pictures(runs, tmp_path):
    process = runs("sngan-analyze", "sn", "bn/checkpoints/step_0000002.pt", "--figure", "all.png")
    assert "convolutions.6 32 x 144" in " ".join(process.stdout.split())
    assert process.stdout.count("Lipschitz bound") == 2
    assert "no Lipschitz bound: batch and layer norm have none" in process.stdout
    sheet = json.loads((tmp_path / "sn/checkpoints/step_0000002.spectra.json").read_text())
    assert [layer["shape"] for layer in sheet["layers"]][:2] == [[4, 27], [4, 64]]
    for layer in sheet["layers"]:
        assert len(layer["raw"]) == len(layer["in_use"]) == min(layer["shape"])
        assert layer["in_use"] == sorted(layer["in_use"], reverse=True)
        assert layer["in_use"][0] == pytest.approx(1, abs=0.2)
    assert set(sheet["lipschitz_bounds"]) == {"matrices", "operators"}
    bn = json.loads((tmp_path / "bn/checkpoints/step_0000002.spectra.json").read_text())
    assert bn["lipschitz_bounds"] == {}
    for name in ("all.png", "sn/checkpoints/step_0000002.spectra.png"):
        assert Image.open(tmp_path / name).size[0] > 500


def test_what_is_not_a_checkpoint(command, tmp_path):
    (tmp_path / "bad.pt").write_text("x")
    for path in ("bad.pt", "missing.pt"):
        process = command("sngan-analyze", path, check=False)
        assert process.returncode == 2
        assert "Traceback" not in process.stderr
        assert path in process.stderr
