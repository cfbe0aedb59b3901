"""``sngan-export`` as a user meets it, and what reads exports."""

import json
import shutil
import sys
from hashlib import sha256

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

import sngan
from sngan.architecture.cnn import CnnGenerator
from sngan.run_folder import checkpoint

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "total_steps=1")
CONDITIONAL = ("architecture=resnet_cifar", "architecture.n_classes=4",
               "architecture.conditioning=projection")  # fmt: skip
SCORES = (
    "extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart",
    "protocol.quickstart.num_generated=20", "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=100",
)  # fmt: skip
NEWEST = "checkpoints/step_0000001.pt"
FILES = ["README.md", "config.json", "model.safetensors"]


@pytest.fixture(scope="module")
def trained(run_in_process, tmp_path_factory):
    """An unconditional run and a conditional one; shared, so tests work on copies."""
    folder = tmp_path_factory.mktemp("trained")
    run_in_process(folder, "sngan-train", *SMOKE, "run_dir=run")
    run_in_process(folder, "sngan-train", *SMOKE, *CONDITIONAL, "run_dir=conditional")
    noise = torch.Generator().manual_seed(0)
    for run in ("run", "conditional"):  # So that samples and classes are not all alike.
        path = folder / run / NEWEST
        state = checkpoint.load(path)
        for tensor in state["iteration"]["generator"].values():
            if tensor.dim() > 1:
                tensor += torch.randn(tensor.shape, generator=noise) / 5
        checkpoint.save(path, state)
    return folder


@pytest.fixture(autouse=True)
def _runs(trained, tmp_path):
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def export(in_process):
    return lambda *words, **options: in_process("sngan-export", *words, **options)


def refused(process, *texts):
    assert process.returncode == 2, process.stderr
    said = process.stderr.splitlines()
    assert said[1].startswith("error: ")
    assert len(said) == 2
    for text in texts:
        assert text in said[1]


def changed(folder, change):
    """Change what an export says of itself, as somebody would who means to."""
    about = json.loads((folder / "config.json").read_text())
    del about["checksum"]
    change(about)
    (folder / "config.json").write_text(json.dumps(about))


@pytest.mark.parametrize("run", ["run", "conditional"])
def test_all_that_read_checkpoints_read_exports_alike(export, in_process, tmp_path, run):
    process = export(run, "--out=out")
    assert process.stdout.startswith(f"step_0000001.pt of {run}, step 1: out (README.md, ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    ours, theirs = (sngan.load_generator(tmp_path / name) for name in (run, "out"))
    assert torch.equal(ours.sample(8, seed=2), theirs.sample(8, seed=2))
    assert (theirs.step, theirs.class_names) == (1, ours.class_names)
    assert theirs.class_names
    for source in (run, "out"):
        in_process("sngan-sample", source, "--count=9", f"--out={source}.npz", "--device=cpu")
    arrays = [np.load(tmp_path / f"{source}.npz")["arr_0"] for source in (run, "out")]
    np.testing.assert_array_equal(*arrays)


def test_an_average_is_given_away_under_its_name_with_its_scores_alone(
    export, in_process, tmp_path
):
    in_process("sngan-train", *SMOKE, "average=ema", "run_dir=averaged")
    path = tmp_path / "averaged" / NEWEST
    state = checkpoint.load(path)
    state["average"]["generator"]["dense.weight"] += 1
    checkpoint.save(path, state)
    in_process("sngan-eval", "averaged", "--weights=both", *SCORES, "device=cpu")
    for words, which, part in (
        ((), "average", "average"),
        (("--weights=raw",), "raw", "iteration"),
    ):
        export("averaged", f"--out={which}", *words)
        weights = load_file(tmp_path / which / "model.safetensors")
        assert torch.equal(weights["dense.weight"], state[part]["generator"]["dense.weight"])
        (sheet,) = (tmp_path / which).glob("model.*.json")
        assert json.loads(sheet.read_text())["weights"] == which
        assert ("averaged weights" in (tmp_path / which / "README.md").read_text()) == (not words)
        assert sngan.load_generator(tmp_path / which).weights == which
    process = in_process("sngan-sample", "raw", "--weights=average", check=False)
    refused(process, "raw/model.safetensors holds no other weights than these: raw weights")


def test_other_programs_find_the_weights(export, tmp_path):
    export("run", "--out=out")
    state = checkpoint.load(tmp_path / "run" / NEWEST)["iteration"]["generator"]
    weights = load_file(tmp_path / "out/model.safetensors")
    assert weights.keys() == state.keys()
    assert all(torch.equal(weights[name], state[name]) for name in state)
    about = json.loads((tmp_path / "out/config.json").read_text())
    assert about["generator"] == {
        "image_size": 32, "latent_size": 128, "noise": "normal", "n_classes": None,
        "image_channels": 3,
    }  # fmt: skip
    assert str(tmp_path) not in (tmp_path / "out/config.json").read_text()


def test_the_card_says_that_nothing_was_scored(export, tmp_path):
    export("conditional", "--out=out")
    front, _, text = (tmp_path / "out/README.md").read_text()[4:].partition("---\n")
    about = yaml.safe_load(front)
    assert about["library_name"] == "sngan"
    assert "class-conditional" in about["tags"]
    assert text.endswith("## Scores\n\nNot scored.\n")


def test_the_card_carries_scores_with_what_decides_them(export, in_process, tmp_path):
    in_process("sngan-eval", "run", "--json", *SCORES, "device=cpu")
    export("run", "--out=out")
    (sheet,) = (tmp_path / "out").glob("model.*.json")
    scores = json.loads(sheet.read_text())["protocols"]["quickstart"]
    card = (tmp_path / "out/README.md").read_text()
    assert "Not scored" not in card
    assert "### efficientnet_lite0, protocol quickstart" in card
    assert f" | {scores['distance']:.3f} |" in card
    assert "| samples | 20 in " in card
    assert "| real pictures | 100 of synthetic" in card
    assert "| comparable with published scores | no |" in card
    assert str(tmp_path) not in card + sheet.read_text()


def test_an_export_is_scored_as_its_checkpoint_is(export, in_process, tmp_path):
    export("run", "--out=out")
    printed = [
        json.loads(in_process("sngan-eval", source, "--json", *SCORES, "device=cpu").stdout)
        for source in ("run", "out")
    ]
    ours, theirs = (said["scores"][0]["protocols"]["quickstart"] for said in printed)
    assert ours["distance"] == theirs["distance"]
    assert len([*(tmp_path / "out").glob("model.*.json")]) == 1


def test_scores_made_later_come_onto_the_card(export, in_process, tmp_path):
    """It is to be given away as it is: what its owner wrote stays, paths do not come in."""
    export("run", "--out=out")
    page = tmp_path / "out/README.md"
    page.write_text(page.read_text() + "\n## Mine\n\nThank you.\n")
    before = page.read_text()
    process = in_process("sngan-eval", "out", *SCORES, "device=cpu")
    assert "its page says so: out/README.md" in process.stderr
    after = page.read_text()
    (sheet,) = (tmp_path / "out").glob("model.*.json")
    distance = json.loads(sheet.read_text())["protocols"]["quickstart"]["distance"]
    assert f"| {distance:.3f} |" in after
    assert "Not scored" not in after
    parts = [text.partition("## Scores\n")[0] for text in (before, after)]
    assert parts[0] == parts[1]
    assert after.endswith("|\n\n## Mine\n\nThank you.\n")
    assert str(tmp_path) not in after + sheet.read_text()
    other = in_process("sngan-eval", "out", *SCORES, "seed=1", "device=cpu")
    assert page.read_text().count("### efficientnet_lite0") == 2
    assert "its page says so" in other.stderr
    assert "its page" not in in_process("sngan-eval", "out", *SCORES, "device=cpu").stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"# Mine alone\n"])
def test_a_page_of_another_form_is_left_alone(export, in_process, tmp_path, content):
    export("run", "--out=out")
    page = tmp_path / "out/README.md"
    page.unlink()
    if content is not None:
        page.write_bytes(content)
    in_process("sngan-eval", "out", *SCORES, "device=cpu")
    assert (page.read_bytes() if page.exists() else None) == content


def test_samples_are_called_after_the_export(export, in_process, tmp_path):
    export("run", "--out=mine")
    in_process("sngan-sample", "mine", "--count=4", "--device=cpu")
    in_process("sngan-sample", "mine/model.safetensors", "--count=4", "--seed=1", "--device=cpu")
    in_process("sngan-sample", "run", "--count=4", "--device=cpu")
    export("mine")
    names = {path.name for path in tmp_path.iterdir()}
    assert {"mine_seed_0.png", "mine_seed_1.png", "run_step_0000001_seed_0.png"} <= names
    assert "mine_export" in names


def test_nothing_is_replaced_unasked(export, tmp_path):
    assert (export("run"), (tmp_path / "run_step_0000001_export").is_dir())[1]
    refused(export("run", check=False), "--force replaces it")
    (tmp_path / "run_step_0000001_export/README.md").write_text("mine")
    export("run", "--force")
    assert (tmp_path / "run_step_0000001_export/README.md").read_text() != "mine"
    refused(export("run", "--out=run", "--force", check=False), "run holds other things")
    assert (tmp_path / "run" / NEWEST).is_file()
    refused(export("run", f"--out=run/{NEWEST}", check=False), "--out must be a folder")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere is neither a checkpoint nor a run folder"),
        (("run", "--format=pickle"), "--format must be of "),
        (("run", "--best"), "has no best checkpoint"),
        (("run", "seed=3"), "it has 'trust=[PACKAGE]' alone"),
    ],
)
def test_wrong_words_leave_nothing(export, tmp_path, words, said):
    refused(export(*words, "--out=out", check=False), said)
    assert not (tmp_path / "out").exists()


def test_a_generator_that_is_not_finite_is_not_given_away(export, tmp_path):
    path = tmp_path / "run" / NEWEST
    state = checkpoint.load(path)
    state["iteration"]["generator"]["dense.weight"][0, 0] = torch.nan
    checkpoint.save(path, state)
    refused(export("run", "--out=out", check=False), "dense.weight", "is not finite")
    assert not (tmp_path / "out").exists()


def _says_another_class(about):
    about["config"]["architecture"]["generator"] = {"_target_": "os.system", "command": "touch x"}


def _says_a_resolver(about):
    about["config"]["architecture"]["generator"]["width"] = "${oc.env:HOME}"


def _says_huge(about):
    about["config"]["architecture"]["generator"]["width"] = 10**6


def _says_no_step(about):
    about["step"] = "many"


def _says_another_format(about):
    about["format"] = 99


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_says_another_class, "names 'os.system', which is not of sngan"),
        (_says_a_resolver, "holds an interpolation"),
        (_says_huge, "architecture.generator"),
        (_says_no_step, "step must be an integer >= 0"),
        (_says_another_format, "is not of an export of this version"),
    ],
)
def test_a_stranger_s_words_run_nothing(export, in_process, tmp_path, change, said):
    export("run", "--out=out")
    changed(tmp_path / "out", change)
    refused(in_process("sngan-sample", "out", "--device=cpu", check=False), said)
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        sngan.load_generator(tmp_path / "out")
    assert not (tmp_path / "x").exists()


def _cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def _of_another_kind(path):
    path.write_bytes(b"\x80\x04N.")


def _of_another_type(path):
    weights = load_file(path)
    weights["dense.weight"] = weights["dense.weight"].half()
    save_file(weights, path)


def _of_another_shape(path):
    weights = load_file(path)
    weights["dense.weight"] = weights["dense.weight"][:, :3].contiguous()
    save_file(weights, path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "is truncated or not a safetensors file"),
        (_of_another_kind, "is truncated or not a safetensors file"),
        (_of_another_type, "dense.weight must be a tensor of float32 or int64, got float16"),
        (_of_another_shape, "dense.weight"),
    ],
)
def test_weights_that_are_none(export, in_process, tmp_path, spoil, said):
    export("run", "--out=out")
    path = tmp_path / "out/model.safetensors"
    spoil(path)
    refused(in_process("sngan-sample", "out", check=False), "damaged: its SHA-256 is not the one")
    checksum = sha256(path.read_bytes()).hexdigest()
    changed(tmp_path / "out", lambda about: about.update(sha256=checksum))
    refused(in_process("sngan-sample", "out", check=False), said)


def test_an_export_has_no_discriminator(export, in_process):
    export("run", "--out=out")
    refused(in_process("sngan-analyze", "out", check=False), "there is nothing to analyze")


@pytest.mark.parametrize("run", ["run", "conditional"])
def test_onnx_runs_anywhere_in_any_batch(export, tmp_path, run):
    process = export(run, "--out=out", "--format=safetensors,onnx")
    assert len(process.stderr.splitlines()) == 1  # The exporter keeps quiet.
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(tmp_path / "out/model.onnx")
    says = session.get_modelmeta().custom_metadata_map
    assert (says["sngan.noise"], says.get("sngan.n_classes")) == (
        ("normal", None) if run == "run" else ("normal", "4")
    )
    network = sngan.load_generator(tmp_path / "out").network
    for count in (1, 5):
        z = torch.randn(count, 128)
        labels = None if run == "run" else torch.arange(count) % 4
        inputs = {"z": z} if labels is None else {"z": z, "labels": labels}
        (images,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
        with torch.no_grad():
            expected = network(z, labels).numpy()
        np.testing.assert_allclose(images, expected, rtol=0, atol=1e-3)
        assert expected.std() > 0.01


def test_the_card_s_program_for_onnx_runs(export, tmp_path, monkeypatch):
    export("conditional", "--out=FOLDER", "--format=onnx")
    block = (tmp_path / "FOLDER/README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(block, names)
    assert names["images"].shape == (64, 3, 32, 32)


def test_an_onnx_file_that_does_something_else_is_not_kept(export, tmp_path, monkeypatch):
    exported = torch.onnx.export

    def spoilt(generator, *arguments, **options):
        return exported(CnnGenerator(32, width=0.0625).eval(), *arguments, **options)

    monkeypatch.setattr(torch.onnx, "export", spoilt)
    process = export("run", "--out=out", "--format=onnx", check=False)
    refused(process, "the ONNX file gives other pictures than the network", "0.001 is accepted")
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_named(export, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    process = export("run", "--out=out", "--format=onnx", check=False)
    refused(process, "onnxscript: pip install '.[export]'")
    assert not (tmp_path / "out").exists()
