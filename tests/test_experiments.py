"""Every experiment and scale composes; every experiment trains two steps on built-in pictures."""

import json

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from sngan.assembly.check import check_settings
from sngan.assembly.compose import CONFIG_DIR, plain, training_of
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.training import build_training
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.folder import RunFolder
from sngan.training.loop import train
from sngan.training.train_step import TrainStep

CPU = torch.device("cpu")
EXPERIMENTS = sorted(
    path.relative_to(CONFIG_DIR / "experiment").with_suffix("").as_posix()
    for path in (CONFIG_DIR / "experiment").rglob("*.yaml")
)
SCALES = sorted(path.stem for path in (CONFIG_DIR / "scale").glob("*.yaml"))
SWEEPS = {  # Of the paper.
    "figure1_cifar10": 48,
    "figure1_stl10": 36,
    "figure4": 12,
    "figure10": 8,
    "figure11": 10,
}


def compose_experiment(*overrides):
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        return compose("train", list(overrides))


def test_all_are_found():
    assert {*ROWS, *SWEEPS, "figure9", "imagenet", "imagenet_projection"} <= {*EXPERIMENTS}
    assert {"cpu", "mini", "paper", "smoke"} <= {*SCALES}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_composes(experiment, scale):
    config = compose_experiment(f"+experiment={experiment}", f"+scale={scale}")
    check_settings(plain(training_of(config)), [])


@pytest.mark.parametrize("scale", ["paper", "mini"])
def test_layers_of_the_cnn_begin_as_large_as_the_authors(scale):
    """N(0, 0.02) at full width; the variance of a layer's output goes with its inputs."""
    config = compose_experiment("+experiment=cifar10", f"+scale={scale}")
    for network in (config.architecture.generator, config.architecture.discriminator):
        assert network.init_std**2 * network.width == pytest.approx(0.02**2, rel=2e-3)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_header_says_the_command(experiment):
    text = (CONFIG_DIR / "experiment" / f"{experiment}.yaml").read_text()
    commands = [line for line in text.splitlines() if line.startswith("#   ")]
    wanted = "#   make quickstart" if experiment == "quickstart" else f"+experiment={experiment}"
    assert len(commands) == 1
    assert wanted in commands[0]
    assert ("-m " in commands[0]) == ("sweeper:" in text)


@pytest.mark.parametrize("experiment", SWEEPS)
def test_sweeps_have_the_runs_of_their_figure(experiment):
    text = OmegaConf.load(CONFIG_DIR / "experiment" / f"{experiment}.yaml")
    count = 1
    for name, values in text.hydra.sweeper.params.items():
        for value in str(values).split(","):
            compose_experiment(f"+experiment={experiment}", f"{name}={value}")
        count *= len(str(values).split(","))
    assert count == SWEEPS[experiment]


TABLE_2 = {  # The paper's Table 2: Inception score and FID.
    "cifar10_weight_clipping": ("6.41 +- .11", "42.6"),
    "cifar10_gan_gp": ("6.93 +- .08", "37.7"),
    "cifar10_wgan_gp": ("6.68 +- .06", "40.2"),
    "cifar10_batch_norm": ("6.27 +- .10", "56.3"),
    "cifar10_layer_norm": ("7.19 +- .12", "33.9"),
    "cifar10_weight_norm": ("6.84 +- .07", "34.7"),
    "cifar10_orthonormal": ("7.40 +- .12", "29.0"),
    "cifar10": ("7.42 +- .08", "29.3"),
    "cifar10_hinge": ("7.58 +- .12", "25.5"),
    "cifar10_resnet_orthonormal": ("7.92 +- .04", "23.8 +- .58"),
    "cifar10_resnet": ("8.22 +- .05", "21.7 +- .21"),
    "stl10_weight_clipping": ("7.57 +- .10", "64.2"),
    "stl10_wgan_gp": ("8.42 +- .13", "55.1"),
    "stl10_layer_norm": ("7.61 +- .12", "75.6"),
    "stl10_weight_norm": ("7.16 +- .10", "73.4"),
    "stl10_orthonormal": ("8.56 +- .07", "46.7"),
    "stl10": ("8.28 +- .09", "53.1"),
    "stl10_orthonormal_2x": ("8.67 +- .08", "44.2"),
    "stl10_2x": ("8.69 +- .09", "47.5"),
    "stl10_hinge_2x": ("8.79 +- .14", "43.2"),
    "stl10_resnet_orthonormal": ("8.72 +- .06", "42.4 +- .99"),
    "stl10_resnet": ("9.10 +- .04", "40.1 +- .50"),
}
TABLES_7_AND_8 = {
    "table7": ("6.68 +- .06", "40.1"),
    "table7_weight_norm": ("6.36 +- .04", "42.4"),
    "table7_spectral_norm": ("7.20 +- .08", "32.0"),
    "table7_resnet": ("7.80 +- .11", "24.5"),
    "table7_resnet_spectral_norm": ("7.85 +- .06", "23.6"),
    "table7_resnet_spectral_norm_wide": ("7.96 +- .06", "22.5"),
    "table8": ("8.29 +- .12", "19.5"),
    "table8_spectral_norm": ("8.59 +- .12", "18.6"),
    "table8_spectral_norm_wide": ("8.60 +- .08", "17.5"),
}
ROWS = TABLE_2 | TABLES_7_AND_8


@pytest.mark.parametrize("experiment", ROWS)
def test_header_says_what_the_paper_published(experiment):
    text = (CONFIG_DIR / "experiment" / f"{experiment}.yaml").read_text()
    header = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    score, distance = ROWS[experiment]
    assert f"IS {score}, FID {distance} (protocol paper)" in header


@pytest.mark.parametrize("experiment", TABLE_2)
def test_cells_of_table_2_are_what_their_names_say(experiment):
    config = compose_experiment(f"+experiment={experiment}")
    data, _, rest = experiment.partition("_")
    assert config.dataset._target_.rpartition(".")[2].lower() == data
    resnet = {"cifar10": "ResNetCifar", "stl10": "ResNetStl"}[data]
    network = config.architecture.discriminator._target_.rpartition(".")[2]
    assert network == (resnet if "resnet" in rest else "Cnn") + "Discriminator"
    assert ("HingeLoss" in config.loss._target_) == ("resnet" in rest or "hinge" in rest)
    assert ("WassersteinLoss" in config.loss._target_) == (rest == "wgan_gp")
    named = rest.removesuffix("_2x").removeprefix("resnet").removeprefix("hinge").strip("_")
    kinds = {"": "spectral_norm", "2x": "spectral_norm", "gan_gp": "gradient_penalty"}
    kinds["wgan_gp"] = "gradient_penalty"
    assert list(config.regularizer) == [kinds.get(named, named)]
    assert config.total_steps == (
        200_000 if rest.endswith("2x") else 50_000 if network.startswith("ResNetC") else 100_000
    )


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_trains_two_steps(experiment, tmp_path):
    config = compose_experiment(
        f"+experiment={experiment}",
        "+scale=smoke",
        "dataset=synthetic",
        "dataset.num_images=40",
        "setting.batch_size=8",
        "setting.generator_batch_size=8",
        "total_steps=2",
    )
    torch.manual_seed(0)
    training = build_training(plain(training_of(config)), CPU)
    train(
        step=TrainStep(training.iteration, training.schedule, CPU),
        monitors=training.monitors,
        splits=training.splits,
        folder=RunFolder(tmp_path),
        config={},
        device=CPU,
        seed=0,
        total_steps=2,
        log_every=1,
        sample_every=2,
        checkpoint_every=2,
    )
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    losses = [line for line in lines if line["name"] == "loss/discriminator"]
    assert [line["step"] for line in losses] == [1, 2]
    names = {line["name"] for line in lines}
    monitors = list(config.get("monitor", {}))
    assert ("loss/discriminator/test" in names) == ("validation_loss" in monitors)
    assert ("sigma/in_use/dense" in names) == ("singular_values" in monitors)


def test_command_applies_the_scale_after_the_experiment_in_any_order(in_process, tmp_path):
    in_process(
        "sngan-train",
        "+scale=smoke",
        "+experiment=cifar10_projection",
        "dataset=synthetic",
        "dataset.num_images=200",
        "total_steps=2",
        "run_dir=run",
    )
    config = OmegaConf.load(tmp_path / "run" / "config.yaml")
    assert config.architecture.width == 0.0625
    assert config.architecture.n_classes == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        ("+experiment=figure9", "monitor=[singular_values,validation_loss]"),
        ("+experiment=table8_spectral_norm",),
        ("+experiment=cifar10_projection", "dataset.image_size=40"),
    ],
    ids=["monitors", "classifier", "projection"],
)
def test_a_resumed_run_equals_an_uninterrupted_one(in_process, tmp_path, settings):
    every = ("monitor.singular_values.every=3", "monitor.validation_loss.every=2")
    common = (
        *settings, *(every if "figure9" in settings[0] else ()), "+scale=smoke",
        "dataset=synthetic", "dataset.num_images=150", "setting.lr_decay_start=null",
    )  # fmt: skip
    in_process("sngan-train", *common, "total_steps=4", "run_dir=whole")
    in_process("sngan-train", *common, "total_steps=2", "run_dir=parts")
    in_process("sngan-train", "resume=parts", "total_steps=4")
    whole, parts = (checkpoint.load(latest(tmp_path / x)) for x in ("whole", "parts"))
    for network in ("generator", "discriminator"):
        for name, tensor in whole["iteration"][network].items():
            assert torch.equal(tensor, parts["iteration"][network][name]), name
    assert values_of(tmp_path / "parts") >= values_of(tmp_path / "whole")


def values_of(folder):
    """Return everything measured but speed and memory."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    kept = [x for x in lines if not x["name"].startswith(("speed/", "memory/"))]
    return {(x["step"], x["name"], x["value"]) for x in kept}


def test_command_runs_the_sweep_of_a_figure(in_process, tmp_path):
    arguments = ("-m", "+experiment=figure10", "+scale=smoke", "dataset=synthetic")
    in_process("sngan-train", *arguments, "dataset.num_images=100", "method=vanilla,weight_norm")
    (sweep,) = (tmp_path / "runs").iterdir()
    configs = [OmegaConf.load(path) for path in sorted(sweep.glob("*/config.yaml"))]
    assert [list(config.regularizer) for config in configs] == [["none"], ["weight_norm"]]
