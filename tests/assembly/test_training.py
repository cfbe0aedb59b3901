import re

import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.assembly.compose import CONFIG_DIR, plain, training_of
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.networks import build_discriminator, build_generator
from sngan.assembly.training import build_training
from sngan.dataset.base import Pictures
from sngan.dataset.synthetic import SyntheticShapes
from sngan.loss.hinge import HingeLoss
from sngan.loss.standard import StandardLoss
from sngan.preprocessing.dequantized import Dequantized
from sngan.preprocessing.symmetric import Symmetric
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.step.passes import JointPass, SeparatePasses

CONFIG = {
    "architecture": {
        "generator": {
            "_target_": "sngan.architecture.cnn.CnnGenerator",
            "image_size": 16,
            "width": 0.05,
        }
    },
    "optimizer": {"_target_": "torch.optim.Adam", "betas": [0.5, 0.9]},
}
SMALL = (
    "dataset=synthetic",
    "dataset.image_size=16",
    "architecture.width=0.03",
    "setting.batch_size=8",
    "setting.generator_batch_size=8",
)


def build_from(shapes, monkeypatch, *overrides):
    monkeypatch.setattr(SyntheticShapes, "load", lambda self, split: shapes)
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        config = compose("train", [*overrides, "dataset=synthetic", "dataset.image_size=16"])
    torch.manual_seed(0)
    return build_training(plain(training_of(config)), torch.device("cpu"))


def test_every_setting_of_the_resnet_recipe_arrives(shapes, monkeypatch):
    big = Pictures(shapes.images.repeat(2, 1, 1, 1), shapes.labels.repeat(2), ())
    training = build_from(
        big,
        monkeypatch,
        "+experiment=cifar10_resnet",
        "total_steps=10",
        "architecture.width=0.03",
        "regularizer.spectral_norm.power_iterations=2",
        "precision=bfloat16",
    )
    iteration = training.iteration
    assert isinstance(iteration.loss, HingeLoss)
    assert isinstance(iteration.batches.preprocessing, Dequantized)
    assert iteration.discriminator.head.dense.power_iterations == 2
    assert (iteration.n_dis, iteration.batch_size, iteration.generator_batch_size) == (5, 64, 128)
    assert (iteration.batches.batch_size, iteration.latents.size) == (64, 128)
    assert iteration.autocast_dtype == torch.bfloat16
    for name in ("generator", "discriminator"):
        (group,) = getattr(iteration, f"{name}_optimizer").param_groups
        parameters = list(getattr(iteration, name).parameters())
        assert list(map(id, group["params"])) == list(map(id, parameters))
        assert (group["lr"], tuple(group["betas"]), group["eps"]) == (2e-4, (0.0, 0.9), 1e-8)
        assert (group["weight_decay"], group["amsgrad"]) == (0, False)
    iteration()
    training.schedule.step()
    rates = [x.param_groups[0]["lr"] for x in (iteration.generator_optimizer,)]
    assert rates == pytest.approx([2e-4 * 0.9])


def test_every_setting_of_the_standard_cnn_arrives(shapes, monkeypatch):
    big = Pictures(shapes.images.repeat(2, 1, 1, 1), shapes.labels.repeat(2), ())
    overrides = ("+experiment=cifar10", "architecture.width=0.1", "channels_last=true")
    training = build_from(big, monkeypatch, *overrides)
    iteration = training.iteration
    assert isinstance(iteration.loss, StandardLoss)
    assert isinstance(iteration.batches.preprocessing, Symmetric)
    assert (iteration.n_dis, iteration.batch_size, iteration.generator_batch_size) == (1, 64, 64)
    assert iteration.autocast_dtype is None
    assert iteration.discriminator.slope == 0.1
    for weight in (iteration.generator.to_rgb.weight, iteration.discriminator.dense.layer.weight):
        assert weight.ndim == 2 or weight.is_contiguous(memory_format=torch.channels_last)
    for optimizer in (iteration.generator_optimizer, iteration.discriminator_optimizer):
        (group,) = optimizer.param_groups
        assert (group["lr"], tuple(group["betas"])) == (2e-4, (0.5, 0.999))
    iteration()
    training.schedule.step()
    assert iteration.generator_optimizer.param_groups[0]["lr"] == 2e-4


def test_networks_start_the_same_for_a_seed(shapes, monkeypatch):
    big = Pictures(shapes.images.repeat(2, 1, 1, 1), shapes.labels.repeat(2), ())
    first, second = (
        build_from(big, monkeypatch, "architecture.width=0.05").iteration for _ in range(2)
    )
    assert torch.equal(first.generator.dense.weight, second.generator.dense.weight)
    assert torch.equal(first.batches.upcoming, second.batches.upcoming)


def test_generator_comes_back():
    generator = CnnGenerator(16, width=0.05)
    state = {"iteration": {"generator": generator.state_dict()}}
    other = build_generator(CONFIG, state)
    assert torch.equal(other.dense.weight, generator.dense.weight)


def test_weights_that_do_not_fit():
    state = {"iteration": {"generator": CnnGenerator(16, width=0.1).state_dict()}}
    with pytest.raises(ValueError, match="do not fit its configuration"):
        build_generator(CONFIG, state)


def test_discriminator_comes_back_with_its_regularizer():
    config = {
        "architecture": {
            "discriminator": {
                "_target_": "sngan.architecture.cnn.CnnDiscriminator",
                "image_size": 16,
                "width": 0.05,
            }
        },
        "regularizer": {
            "spectral_norm": {"_target_": "sngan.regularizer.spectral_norm.SpectralNorm"}
        },
    }
    discriminator = CnnDiscriminator(16, SpectralNorm().wrap_layer, width=0.05)
    state = {"iteration": {"discriminator": discriminator.state_dict()}}
    other = build_discriminator(config, state)
    assert torch.equal(other.dense.u, discriminator.dense.u)
    config["architecture"]["discriminator"]["width"] = 0.1
    with pytest.raises(ValueError, match="do not fit its configuration"):
        build_discriminator(config, state)


BIG = ("architecture.width=0.05", "setting.batch_size=16", "setting.generator_batch_size=16")


def test_monitors_do_not_change_what_they_watch(shapes, monkeypatch):
    watched = build_from(shapes, monkeypatch, *BIG, "monitor=[validation_loss,singular_values]")
    random = torch.get_rng_state()
    unwatched = build_from(shapes, monkeypatch, *BIG)
    assert torch.equal(random, torch.get_rng_state())
    assert torch.equal(watched.iteration.batches.upcoming, unwatched.iteration.batches.upcoming)
    assert len(watched.monitors) == 2
    assert not unwatched.monitors


def test_a_missing_split_shows_before_the_training(monkeypatch, tmp_path):
    for index in range(16):
        Image.new("RGB", (16, 16)).save(tmp_path / f"{index}.png")
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        folder = ("dataset=image_folder", f"dataset.root={tmp_path}", "dataset.image_size=16")
        config = compose("train", [*BIG, *folder, "monitor=validation_loss"])
    with pytest.raises(ValueError, match=r"dataset\.test_root must name the folder"):
        build_training(plain(training_of(config)), torch.device("cpu"))


@pytest.mark.parametrize(
    ("overrides", "text"),
    [
        (["regularizer=[]"], "regularizer must name at least one"),
        (
            ["+experiment=table7_spectral_norm", "regularizer=gradient_penalty"],
            "regularizer.spectral_norm is set, but regularizer=spectral_norm is not among those",
        ),
        (["loss=auxiliary_classifier"], "architecture.conditioning=classifier go together"),
        (
            ["+experiment=table8", "loss=hinge", "dataset=synthetic"],
            "architecture.conditioning=classifier go together",
        ),
        (
            ["architecture=resnet_cifar", "architecture.conditioning=projection",
             "architecture.n_classes=7"],
            "architecture.n_classes is 7, but the data set has 4 classes",
        ),
        (
            ["+experiment=cifar10_projection", "architecture.discriminator.n_classes=2",
             "dataset=synthetic"],
            "n_classes must be the same for architecture.generator and "
            "architecture.discriminator, got 4 and 2",
        ),
        (["architecture.discriminator.image_size=24"], "image_size must be the same for"),
        (
            ["architecture.generator.image_size=24", "architecture.discriminator.image_size=24"],
            "the networks' image_size must be dataset.image_size 16, got 24",
        ),
        (["architecture.generator.image_channels=1"], "image_channels must be the same for"),
        (
            [f"architecture.{x}.image_channels=1" for x in ("generator", "discriminator")],
            "the networks' image_channels must be the data set's 3, got 1",
        ),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_each_other(shapes, monkeypatch, overrides, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        build_from(shapes, monkeypatch, *BIG, *overrides)


def test_splits_of_a_conditional_run_must_have_the_same_classes(tmp_path):
    for name in ("train/a", "train/b", "test/b", "test/c"):
        (tmp_path / name).mkdir(parents=True)
        for index in range(8):
            Image.new("RGB", (16, 16)).save(tmp_path / name / f"{index}.png")
    folder = (
        "dataset=image_folder", f"dataset.root={tmp_path}/train", "dataset.image_size=16",
        f"dataset.test_root={tmp_path}/test", "architecture=resnet_cifar",
        "monitor=validation_loss",
    )  # fmt: skip
    conditional = ("architecture.n_classes=2", "architecture.conditioning=projection")
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        configs = [compose("train", [*BIG, *folder, *words]) for words in ((), conditional)]
    build_training(plain(training_of(configs[0])), torch.device("cpu"))
    with pytest.raises(ValueError, match=r"both splits must be the same .* a, b and b, c"):
        build_training(plain(training_of(configs[1])), torch.device("cpu"))


@pytest.mark.parametrize("monitor", ["singular_values", "validation_loss", "separation", "scores"])
def test_being_watched_does_not_change_the_start(shapes, monkeypatch, tmp_path, monitor):
    """Building an extractor draws weights that are then replaced; the training must not notice."""
    big = Pictures(shapes.images.repeat(2, 1, 1, 1), shapes.labels.repeat(2), ())
    settings = ("+scale=smoke", "total_steps=2")
    unwatched = build_from(big, monkeypatch, *settings)
    random = torch.get_rng_state()
    extra = ()
    if monitor == "scores":
        extra = (
            "extractor@monitor.scores.extractor=efficientnet_lite0",
            "monitor.scores.extractor.input_size=32",
            "protocol@monitor.scores.protocol=all",
            "monitor.scores.protocol.num_generated=10",
            f"monitor.scores.cache={tmp_path}",
        )
    watched = build_from(big, monkeypatch, *settings, f"monitor=[{monitor}]", *extra)
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.equal(watched.iteration.batches.upcoming, unwatched.iteration.batches.upcoming)


@pytest.mark.parametrize(
    "words", [("method=wgan_gp",), ("regularizer=[spectral_norm,gradient_penalty]",)]
)
def test_what_differentiates_twice_is_not_compiled(shapes, monkeypatch, words):
    with pytest.raises(ValueError, match="compile=true cannot be with a gradient penalty"):
        build_from(shapes, monkeypatch, "+scale=smoke", *words, "compile=true")


def test_networks_come_in_the_form_that_is_asked_for(shapes, monkeypatch):
    big = Pictures(shapes.images.repeat(2, 1, 1, 1), shapes.labels.repeat(2), ())
    words = ("+scale=smoke", "architecture=resnet_cifar", "loss=hinge")
    switched = ("merged_resampling=false", "joint_pass=true", "one_generator_pass=true")
    for others, merged, judge, together in (
        ((), True, SeparatePasses, 1),
        ((*switched, "setting.n_dis=3"), False, JointPass, 3),
    ):
        iteration = build_from(big, monkeypatch, *words, *others).iteration
        assert iteration.generator.blocks[0].conv1.merged == merged
        assert type(iteration.passes) is judge
        assert iteration.fakes_together == together


OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD"}


@pytest.mark.parametrize("member", OPTIMIZERS)
def test_every_optimizer_trains_with_the_rate_of_the_setting(member, shapes, monkeypatch):
    training = build_from(shapes, monkeypatch, *SMALL, f"optimizer={member}", "setting.lr=0.003")
    before = training.iteration.generator.dense.weight.clone()
    training.iteration()
    for name in ("generator", "discriminator"):
        used = getattr(training.iteration, f"{name}_optimizer")
        assert type(used).__name__ == OPTIMIZERS[member]
        assert used.param_groups[0]["lr"].item() == pytest.approx(0.003)
    assert not torch.equal(before, training.iteration.generator.dense.weight)
    assert training.schedule.keeps_nothing_on_host


def test_both_networks_may_have_rates_of_their_own(shapes, monkeypatch):
    words = ("optimizer.discriminator.lr=0.0004", "+optimizer.generator.weight_decay=0.5")
    iteration = build_from(shapes, monkeypatch, *SMALL, "setting.lr=0.0001", *words).iteration
    (of_g,), (of_d,) = (
        x.param_groups for x in (iteration.generator_optimizer, iteration.discriminator_optimizer)
    )
    assert (of_g["lr"].item(), of_d["lr"].item()) == pytest.approx((0.0001, 0.0004))
    assert (of_g["weight_decay"], of_d["weight_decay"]) == (0.5, 0)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("+optimizer.generator.nesterow=true", "optimizer.generator.nesterow is not a setting"),
        ("+optimizer.nesterow=true", "optimizer.nesterow is not a setting"),
    ],
)
def test_an_argument_that_an_optimizer_does_not_know(word, said, shapes, monkeypatch):
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        build_from(shapes, monkeypatch, *SMALL, word)


@pytest.mark.parametrize(
    ("member", "factor"), [("linear", 0.5), ("constant", 1), ("cosine", 0.5), ("step", 0.1)]
)
def test_every_schedule_moves_the_rates(member, factor, shapes, monkeypatch):
    words = (f"schedule={member}", "total_steps=2", "setting.lr_decay_start=0", "setting.lr=0.1")
    schedule = build_from(shapes, monkeypatch, *SMALL, *words).schedule
    schedule.step()
    assert schedule.rates.tolist() == pytest.approx([0.1 * factor] * 2)


def test_settings_from_before_there_were_schedules_decay_as_they_did(shapes, monkeypatch):
    monkeypatch.setattr(SyntheticShapes, "load", lambda self, split: shapes)
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        config = compose("train", [*SMALL, "setting.lr_decay_start=0.5", "total_steps=4"])
    settings = plain(training_of(config))
    del settings["schedule"], settings["accumulation"], settings["gradient_clipping"]
    settings["optimizer"] = {
        key: value for key, value in settings["optimizer"].items() if "or" not in key
    }
    schedule = build_training(settings, torch.device("cpu")).schedule
    factors = []
    for _ in range(4):
        factors.append(schedule.rates[0].item() / settings["setting"]["lr"])
        schedule.step()
    assert factors == pytest.approx([1, 1, 1, 0.5])


def test_batches_in_parts_and_the_longest_gradient_arrive(shapes, monkeypatch):
    words = ("accumulation=4", "gradient_clipping.max_norm=2")
    descent = build_from(shapes, monkeypatch, *SMALL, *words).iteration.descent
    assert (descent.parts, descent.max_norm) == (4, 2)


@pytest.mark.parametrize(("parts", "setting"), [(3, "batch_size"), (8, "generator_batch_size")])
def test_parts_that_are_not_equal(parts, setting, shapes, monkeypatch):
    words = (f"accumulation={parts}", "setting.generator_batch_size=12")
    with pytest.raises(ValueError, match=rf"^accumulation must divide setting\.{setting}=\d+, got"):
        build_from(shapes, monkeypatch, *SMALL, *words)


def test_a_data_set_that_does_not_say_that_it_is_grey(shapes, monkeypatch):
    grey = Pictures(shapes.images[:, :1], shapes.labels, shapes.class_names)
    with pytest.raises(ValueError, match="of synthetic have 1 channels, its attribute channels"):
        build_from(grey, monkeypatch, *SMALL)


def test_a_conditional_run_on_an_own_folder_is_told_its_classes(tmp_path):
    for name in ("cats", "dogs", "owls"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (16, 16)).save(tmp_path / name / "1.png")
    words = ("+experiment=cifar10_projection", "dataset=image_folder", f"dataset.root={tmp_path}")
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        config = compose("train", [*words, "dataset.image_size=16", "architecture.width=0.05"])
    with pytest.raises(ValueError, match=r"dataset\.n_classes=3, or architecture"):
        build_training(plain(training_of(config)), torch.device("cpu"))
