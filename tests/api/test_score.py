"""Scores from Python are those of ``sngan-eval``, whatever form the pictures have."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.api.score import score
from sngan.api.single_scores import fid, inception_score, kid, prdc
from sngan.api.trained_generator import load_generator
from sngan.dataset.synthetic import SyntheticShapes
from sngan.extractor.efficientnet_lite0 import EfficientNetLite0
from sngan.system import float32

SMALL = ["extractor.input_size=32"]
OPTIONS = {"extractor": "efficientnet_lite0", "device": "cpu"}
WORDS = ("extractor=efficientnet_lite0", "extractor.input_size=32", "device=cpu")
FEW = [
    "protocol.quickstart.num_generated=20",
    "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=30",
]
QUICK = ["metric.kid.subset_size=10", "metric.kid.subsets=3", "metric.kid.num_real=20"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Real pictures and others, as folders."""
    root = tmp_path_factory.mktemp("pictures")
    for name, seed in (("real", 1), ("fake", 2)):
        (root / name).mkdir()
        for index, image in enumerate(as_tensor(seed)):
            array = image.permute(1, 2, 0).numpy()
            Image.fromarray(array).save(root / name / f"{index:03}.png")
    return root


def as_tensor(seed):
    return SyntheticShapes(image_size=32, num_images=40, seed=seed).load("train").images


@pytest.fixture(scope="module")
def printed(pictures, run_in_process):
    """What the command says of the two folders."""
    words = ("--images", "fake", "reference=real", *WORDS, "metric=[kid,prdc]", *QUICK)
    process = run_in_process(pictures, "sngan-eval", *words, "--json")
    return json.loads(process.stdout)["scores"][0]["protocols"]["all"]


def test_the_numbers_are_the_command_s(pictures, printed):
    both = {"real": pictures / "real", "fake": str(pictures / "fake")}
    assert fid(**both, **OPTIONS, settings=SMALL) == printed["distance"]
    found = kid(**both, **OPTIONS, settings=[*SMALL, *QUICK])
    assert [*found] == [*printed["more"]["kid"].values()]
    assert prdc(**both, **OPTIONS, settings=SMALL) == printed["more"]["prdc"]
    found = inception_score(both["fake"], **OPTIONS, settings=SMALL)
    assert found == (printed["score_mean"], printed["score_std"])
    assert found[0] > 1


def test_the_sheet_is_the_command_s(pictures, printed, monkeypatch):
    monkeypatch.chdir(pictures)
    sheet = score(
        "fake",
        real="real",
        metrics=["kid", "prdc"],
        **OPTIONS,
        settings=[*SMALL, *QUICK],
    )
    assert sheet.to_json()["protocols"]["all"] == printed
    assert "efficientnet_lite0 distance" in sheet.summary()
    assert "40 samples (8-bit), 40 real of" in " ".join(sheet.summary().split())
    assert sheet.to_json()["seed"] is None


def of_files(images, path):
    np.savez(path, images.permute(0, 2, 3, 1).numpy())
    return path


@pytest.mark.parametrize(
    "form",
    [
        lambda images, _: images,
        lambda images, _: images.numpy(),
        lambda images, _: images.permute(0, 2, 3, 1).numpy(),
        lambda images, _: images.permute(0, 2, 3, 1).numpy()[::-1].copy()[::-1],
        of_files,
    ],
)
def test_pictures_have_many_forms(form, printed, tmp_path):
    sides = [form(as_tensor(seed), tmp_path / f"{seed}.npz") for seed in (1, 2)]
    assert fid(*sides, **OPTIONS, settings=SMALL) == printed["distance"]


def test_real_pictures_can_be_statistics(pictures, printed, in_process, tmp_path):
    from sngan.scoring.reference import read_reference, write_reference

    sheet = score(pictures / "fake", real=pictures / "real", **OPTIONS, settings=SMALL)
    path = tmp_path / "real.npz"
    write_reference(path, read_reference(Path(sheet.scores[0].statistics)))
    assert fid(path, pictures / "fake", **OPTIONS, settings=SMALL) == printed["distance"]


@pytest.mark.slow
def test_a_generator_is_scored_as_its_checkpoint(conditional_run, in_process, monkeypatch):
    words = ("protocol=quickstart", *FEW, "seed=3", *WORDS)
    process = in_process("sngan-eval", conditional_run, *words, "--json")
    theirs = json.loads(process.stdout)["scores"][0]
    generator = load_generator(conditional_run)
    real = SyntheticShapes(image_size=32, num_images=100)
    options = {"protocol": "quickstart", "seed": 3, **OPTIONS, "settings": [*SMALL, *FEW]}
    loads, load = [], real.load
    monkeypatch.setattr(real, "load", lambda split: loads.append(split) or load(split))
    sheet = score(generator, real=real, **options)
    assert loads == ["train"]
    ours = sheet.to_json()
    assert ours["protocols"] == theirs["protocols"]
    for name in ("name", "checkpoint", "step", "seed", "extractor"):
        assert ours[name] == theirs[name]
    assert ours["dataset"] == {"name": "synthetic"}
    printed = in_process("sngan-eval", conditional_run, *words).stdout
    assert sheet.summary() == printed.rstrip()
    assert fid(real, generator.network, **options) == sheet.scores[0].distance
    assert fid(real, generator, **options) != fid(real, generator, **{**options, "seed": 4})


def test_samples_as_a_tensor_get_the_score_of_their_generator(run):
    generator = load_generator(run)
    options = {"protocol": "quickstart", **OPTIONS, "settings": [*SMALL, *FEW]}
    real = as_tensor(1)
    drawn = generator.sample(20, seed=0)
    assert fid(real, drawn, **options) == pytest.approx(fid(real, generator, **options), rel=1e-4)


def test_a_generator_of_which_nothing_is_said_makes_50_000(run):
    settings = [*SMALL, "protocol.modern.num_real=99"]
    with pytest.raises(ValueError, match="protocol modern takes 99 real pictures"):
        score(load_generator(run), real=as_tensor(1), **OPTIONS, settings=settings)


def test_several_protocols_share_one_pass(run, monkeypatch):
    passes = []
    forward = EfficientNetLite0.forward
    monkeypatch.setattr(
        EfficientNetLite0, "forward", lambda self, x: passes.append(len(x)) or forward(self, x)
    )
    small = [word.replace("quickstart", name) for name in ("smoke", "quickstart") for word in FEW]
    settings = [*SMALL, *small, "protocol.quickstart.num_generated=25"]
    sheet = score(
        load_generator(run), protocol=["smoke", "quickstart"], **OPTIONS, settings=settings
    )
    assert [scores.protocol.name for scores in sheet.scores] == ["smoke", "quickstart"]
    assert sheet.scores[0].distance is None
    assert sum(passes) == 25


def test_groups_of_one_s_own(pictures, tmp_path):
    group = tmp_path / "protocol"
    group.mkdir()
    text = "# @package protocol.mine\nname: mine\nnum_generated: 30\nsplits: 2\n"
    text += "num_generated_fid: 30\nnum_real: 30\nreal_split: train\nquantization: round\n"
    (group / "mine.yaml").write_text(text)
    sheet = score(
        pictures / "fake", protocol="mine", config_dir=tmp_path, **OPTIONS, settings=SMALL
    )
    assert sheet.scores[0].protocol.num_generated == 30


def test_the_caller_s_choice_of_tf32_is_kept(pictures):
    float32.set_float32_precision("tf32", torch.device("cuda"))
    before = float32.float32_switches()
    try:
        inception_score(pictures / "fake", **OPTIONS, settings=SMALL)
        assert float32.float32_switches() == before
    finally:
        float32.use_exact_float32()
    assert float32.float32_switches() != before


def test_too_few_pictures_show_before_any_is_looked_at(pictures, monkeypatch):
    monkeypatch.setattr(EfficientNetLite0, "forward", lambda *_: pytest.fail("looked"))
    with pytest.raises(ValueError, match="metric=kid needs at least 1,000 samples"):
        kid(as_tensor(7), pictures / "fake", **OPTIONS, settings=SMALL)


@pytest.mark.parametrize(
    ("fake", "said"),
    [
        (torch.zeros(4, 3, 8, 8), r"fake must be uint8 pictures .* got torch.float32 .*quantize"),
        (torch.zeros(4, 8, 8, 3).byte(), r"got torch.uint8 \(4, 8, 8, 3\)$"),
        (np.zeros((4, 8, 8, 3)), r"fake must hold uint8 pictures .* got float64 \(4, 8, 8, 3\)"),
        (np.zeros((4, 8, 8), np.uint8), r"got uint8 \(4, 8, 8\)"),
        ("model.pt", "model.pt holds networks, not pictures: sngan.load_generator"),
    ],
)
def test_what_is_no_picture_is_refused(fake, said):
    with pytest.raises(ValueError, match=said):
        inception_score(fake, **OPTIONS)


def test_a_run_is_not_a_folder_of_pictures(run, pictures):
    """Its grids of samples would be taken for samples."""
    for arguments in ((pictures / "real", run), (run, pictures / "real")):
        with pytest.raises(ValueError, match="holds networks, not pictures"):
            fid(*arguments, **OPTIONS, settings=SMALL)
    with pytest.raises(FileNotFoundError):
        inception_score(run / "nowhere", **OPTIONS)
    with pytest.raises(TypeError, match="real must be a tensor, an array or a path, got"):
        fid(load_generator(run), pictures / "fake", **OPTIONS, settings=SMALL)
    with pytest.raises(TypeError, match="fake must be a tensor, an array or a path, got list"):
        inception_score([1], **OPTIONS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"extractor": "vgg"}, "there is no extractor=vgg; accepted: dinov2, "),
        ({"protocol": "modern"}, "protocol modern takes 50,000 samples, fake has 40"),
        ({"seed": -1}, "seed must be an integer between 0 and 4294967295, got -1"),
        ({"device": "tpu"}, "device must be auto, cpu, cuda"),
        ({"settings": ["extractor.size=3"]}, "extractor.size"),
        ({"settings": ["seed=3"]}, "settings must not name what an argument says, got seed=3"),
        ({"settings": ["dataset=synthetic"]}, "must not name .* dataset=synthetic"),
        ({"settings": ["reference=x"]}, "must not name .* reference=x"),
        ({"settings": "cache=x"}, "settings must be a list of KEY=VALUE, got cache=x"),
    ],
)
def test_nonsense_is_a_value_error(options, said):
    with pytest.raises(ValueError, match=said):
        inception_score(as_tensor(2), **{**OPTIONS, "settings": SMALL, **options})


def test_a_score_of_classes_needs_classes(monkeypatch):
    forward = EfficientNetLite0.forward
    monkeypatch.setattr(
        EfficientNetLite0, "forward", lambda self, x: forward(self, x)._replace(logits=None)
    )
    with pytest.raises(ValueError, match="one with classes for this score, got efficientnet_lite0"):
        inception_score(as_tensor(2), **OPTIONS, settings=SMALL)
