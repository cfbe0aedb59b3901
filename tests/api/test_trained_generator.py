"""Samples of a checkpoint: the ones that are scored, by class, and what is refused."""

import shutil

import pytest
import torch

from sngan.api.trained_generator import load_generator
from sngan.api.training import train
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.sampling.quantize import quantize
from sngan.scoring.source import Samples


@pytest.fixture(scope="module")
def generator(run):
    return load_generator(run)


@pytest.fixture(scope="module")
def conditional(conditional_run):
    return load_generator(conditional_run)


def test_a_run_folder_or_a_checkpoint_is_enough(run, tmp_path):
    newest = load_generator(str(run))
    assert (newest.step, newest.path) == (4, latest(run))
    assert newest.config["dataset"]["num_images"] == 100
    assert not newest.network.training
    lone = shutil.copy(run / "checkpoints" / "step_0000002.pt", tmp_path / "lone.pt")
    assert load_generator(lone).step == 2


def test_the_best_checkpoint_can_be_asked_for(run, tmp_path):
    with pytest.raises(FileNotFoundError, match="no best checkpoint"):
        load_generator(run, best=True)
    scored = shutil.copytree(run, tmp_path / "run")
    (scored / "best.json").write_text('{"step": 2, "name": "x", "value": 1.0}')
    assert load_generator(scored, best=True).step == 2
    assert load_generator(scored).step == 4


@pytest.mark.parametrize("name", ["generator", "conditional"])
def test_samples_are_those_that_are_scored(name, request):
    generator = request.getfixturevalue(name)
    scored = Samples(generator.network, 3, torch.device("cpu"))(torch.arange(5))
    assert torch.equal(generator.sample(5, seed=3, as_uint8=False), scored)
    assert torch.equal(generator.sample(5, seed=3), quantize(scored))
    assert not torch.equal(generator.sample(5, as_uint8=False), scored)


def test_a_sample_depends_on_seed_and_number_alone(generator):
    many = generator.sample(7, as_uint8=False)
    torch.testing.assert_close(generator.sample(3, as_uint8=False), many[:3])
    torch.testing.assert_close(generator.sample(7, batch_size=2, as_uint8=False), many)
    assert not torch.equal(many[0], many[1])


def test_samples_are_ordinary_tensors(generator):
    images = generator.sample(3)
    assert (images.dtype, images.shape) == (torch.uint8, (3, 3, 32, 32))
    floats = generator.sample(3, batch_size=1, as_uint8=False)
    assert floats.dtype == torch.float32
    assert floats.abs().max() <= 1
    assert not floats.is_inference()  # So that they can be trained with.
    assert not floats.requires_grad


@pytest.mark.parametrize("given", [2, [2, 2, 2], torch.tensor([2, 2, 2]), torch.tensor(2)])
def test_classes_by_number(conditional, given):
    images = conditional.sample(3, classes=given, batch_size=2, as_uint8=False)
    z, _ = noise_of(conditional, 3)
    expected = conditional(z, torch.tensor([2, 2, 2]))
    torch.testing.assert_close(images, expected.detach())


def test_each_sample_can_have_a_class_of_its_own(conditional):
    mixed = conditional.sample(3, classes=[0, 3, 1], batch_size=2, as_uint8=False)
    for i, k in enumerate([0, 3, 1]):
        torch.testing.assert_close(mixed[i], conditional.sample(3, classes=k, as_uint8=False)[i])
    drawn = conditional.sample(20, as_uint8=False)
    assert not torch.equal(drawn, conditional.sample(20, classes=0, as_uint8=False))


def noise_of(generator, n):
    from sngan.sampling.latents import indexed_latents

    return indexed_latents(generator.network, 0, torch.arange(n), torch.device("cpu"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classes": 4}, "classes must be an integer between 0 and 3, got 4|>= 0, got 4"),
        ({"classes": -1}, "classes must be an integer between 0 and 3, got -1"),
        ({"classes": [0, 1]}, "classes must be one, or one for each of 3, got 2"),
        ({"classes": [0.5] * 3}, "classes must be an integer between 0 and 3, got 0.5"),
        ({"classes": True}, "classes must be an integer between 0 and 3, got true"),
        ({"seed": -1}, "seed must be an integer between 0 and 4294967295, got -1"),
        ({"batch_size": 0}, "batch_size must be an integer between 1 and 65536, got 0"),
    ],
)
def test_what_cannot_be_sampled_is_refused(conditional, options, said):
    with pytest.raises(ValueError, match=said):
        conditional.sample(3, **options)
    with pytest.raises(ValueError, match="n must be an integer between 1 and 100000000, got 0"):
        conditional.sample(0)


def test_an_unconditional_network_has_no_classes(generator):
    with pytest.raises(ValueError, match="classes must be None: the network has none, got 1"):
        generator.sample(3, classes=1)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="neither a checkpoint nor a run folder"):
        load_generator(tmp_path / "nowhere")
    (tmp_path / "other.pt").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"other\.pt"):
        load_generator(tmp_path / "other.pt")
    with pytest.raises(ValueError, match="device must be auto, cpu, cuda"):
        load_generator(tmp_path, device="tpu")


def test_a_stranger_s_class_needs_trust(run, tmp_path, monkeypatch):
    (tmp_path / "strange_networks.py").write_text(
        "from sngan.architecture.cnn import CnnGenerator\nclass Theirs(CnnGenerator):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    state = checkpoint.load(latest(run))
    state["config"]["architecture"]["generator"]["_target_"] = "strange_networks.Theirs"
    path = tmp_path / "theirs.pt"
    checkpoint.save(path, state)
    with pytest.raises(ValueError, match=r"'trust=\[strange_networks\]' if you know what is in it"):
        load_generator(path)
    assert type(load_generator(path, trust=["strange_networks"]).network).__name__ == "Theirs"
    assert type(load_generator(path, trust="strange_networks").network).__name__ == "Theirs"
    with pytest.raises(ValueError, match="is not of sngan"):
        load_generator(path, trust="all strange_networks")


def test_what_a_run_of_one_s_own_was_trained_with_needs_no_trust(tmp_path, monkeypatch):
    (tmp_path / "own_networks.py").write_text(
        "from sngan.architecture.cnn import CnnGenerator\nclass Mine(CnnGenerator):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    words = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100", "total_steps=1")
    target = "architecture.generator._target_=own_networks.Mine"
    train(*words, target, run_dir=tmp_path / "run")
    assert type(load_generator(tmp_path / "run").network).__name__ == "Mine"
    lone = shutil.copy(latest(tmp_path / "run"), tmp_path / "lone.pt")
    with pytest.raises(ValueError, match=r"'trust=\[own_networks\]'"):
        load_generator(lone)


def test_classes_by_name(conditional):
    names = conditional.class_names
    assert len(names) == 4
    by_number = conditional.sample(3, classes=[2, 0, 2])
    assert torch.equal(conditional.sample(3, classes=[names[2], 0, names[2]]), by_number)
    assert torch.equal(conditional.sample(2, classes=names[1]), conditional.sample(2, classes=1))
    with pytest.raises(ValueError, match=f"or names .{names[0]}, .*, got name:unicorn"):
        conditional.sample(1, classes="unicorn")
