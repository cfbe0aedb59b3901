"""Every experiment and scale composes; every experiment trains two steps on built-in pictures."""

import json

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from sngan import build
from sngan.cli import CONFIG_DIR
from sngan.settings import check_settings
from sngan.train import train

CPU = torch.device("cpu")
EXPERIMENTS = sorted(
    path.relative_to(CONFIG_DIR / "experiment").with_suffix("").as_posix()
    for path in (CONFIG_DIR / "experiment").rglob("*.yaml")
)
SCALES = sorted(path.stem for path in (CONFIG_DIR / "scale").glob("*.yaml"))
SWEEPS = {
    "figure1_cifar10": 48,
    "figure1_stl10": 36,
    "figure4": 12,
    "figure10": 8,
    "figure11": 10,
}


def compose_experiment(*overrides):
    with initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        return compose("train", list(overrides))


def test_all_are_found():
    assert len(EXPERIMENTS) == 46
    assert SCALES == ["cpu", "paper", "smoke"]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_composes(experiment, scale):
    config = compose_experiment(f"+experiment={experiment}", f"+scale={scale}")
    plain = OmegaConf.masked_copy(config, [key for key in config if key != "run_dir"])
    check_settings(plain, [])


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_header_says_the_command(experiment):
    text = (CONFIG_DIR / "experiment" / f"{experiment}.yaml").read_text()
    commands = [line for line in text.splitlines() if line.startswith("#   ")]
    wanted = "#   make quickstart" if experiment == "quickstart" else f"+experiment={experiment}"
    assert len(commands) == 1
    assert wanted in commands[0]
    assert ("-m " in commands[0]) == (experiment in SWEEPS)


@pytest.mark.parametrize("experiment", SWEEPS)
def test_sweeps_have_the_runs_of_their_figure(experiment):
    text = OmegaConf.load(CONFIG_DIR / "experiment" / f"{experiment}.yaml")
    count = 1
    for name, values in text.hydra.sweeper.params.items():
        for value in str(values).split(","):
            compose_experiment(f"+experiment={experiment}", f"{name}={value}")
        count *= len(str(values).split(","))
    assert count == SWEEPS[experiment]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_trains_two_steps(experiment, tmp_path):
    config = compose_experiment(
        f"+experiment={experiment}",
        "+scale=smoke",
        "dataset=synthetic",
        "dataset.num_images=150",
        "total_steps=2",
    )
    torch.manual_seed(0)
    training = build.build_training(config, CPU)
    train(
        iteration=training.iteration,
        schedulers=training.schedulers,
        monitors=training.monitors,
        batches_of=training.batches_of,
        folder=tmp_path,
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


def test_command_applies_the_scale_after_the_experiment_in_any_order(command, tmp_path):
    command(
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


def test_command_runs_the_sweep_of_a_figure(command, tmp_path):
    arguments = ("-m", "+experiment=figure10", "+scale=smoke", "dataset=synthetic")
    command("sngan-train", *arguments, "dataset.num_images=100", "method=vanilla,weight_norm")
    (sweep,) = (tmp_path / "runs").iterdir()
    configs = [OmegaConf.load(path) for path in sorted(sweep.glob("*/config.yaml"))]
    assert [list(config.regularizer) for config in configs] == [["none"], ["weight_norm"]]
