"""Every YAML file composes, names its own module and binds to the signature it names.

Files are found, not listed: a new one asks for nothing here. What the paper needs must be found.
"""

import inspect

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import get_object
from omegaconf import OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.trust import COMPONENTS

FILES = sorted(CONFIG_DIR.rglob("*.yaml"))
GROUPS = (*COMPONENTS, "metric")
MEMBERS = [path for path in FILES if path.parent.name in GROUPS]
ELSEWHERE = ("experiment", "scale", "hydra")
"""Folders of files that other tests compose, or that all commands do."""
WORDS = {"protocol": "evaluate", "extractor": "evaluate", "metric": "evaluate"}
"""The command that knows a group, if it is not that of trainings."""
OF_THE_PAPER = {
    "architecture": {"cnn", "resnet_cifar", "resnet_imagenet", "resnet_stl", "resnet_wgan_gp"},
    "dataset": {"cifar10", "imagenet", "stl10"},
    "extractor": {"inception"},
    "loss": {"auxiliary_classifier", "hinge", "standard", "wasserstein"},
    "method": {
        "batch_norm", "gan_gp", "layer_norm", "orthonormal", "spectral_norm", "weight_clipping",
        "weight_norm", "wgan_gp",
    },
    "metric": {"fid", "inception_score"},
    "monitor": {"singular_values", "validation_loss"},
    "preprocessing": {"dequantized", "symmetric"},
    "protocol": {"paper"},
    "regularizer": {
        "batch_norm", "frobenius_norm", "gradient_penalty", "layer_norm", "none", "orthonormal",
        "spectral_norm", "weight_clipping", "weight_norm",
    },
    "setting": {"A", "B", "C", "D", "E", "F", "resnet", "imagenet"},
}  # fmt: skip
GIVEN_ELSEWHERE = ("wrap_layer", "adversarial", "extractor", "protocol", "generator")
SETTINGS = {
    "A": (0.0001, 0.5, 0.9, 5),
    "B": (0.0001, 0.5, 0.999, 1),
    "C": (0.0002, 0.5, 0.999, 1),
    "D": (0.001, 0.5, 0.9, 5),
    "E": (0.001, 0.5, 0.999, 5),
    "F": (0.001, 0.9, 0.999, 5),
    "resnet": (0.0002, 0.0, 0.9, 5),
    "imagenet": (0.0002, 0.0, 0.9, 5),
}


def compose_train(*overrides):
    return compose_file("train", *overrides)


def compose_file(name, *overrides):
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        return compose(name, overrides=list(overrides), return_hydra_config=False)


def targets_in(node):
    if OmegaConf.is_dict(node):
        if "_target_" in node:
            yield node
        for key in node:
            yield from targets_in(node._get_node(key))


@pytest.mark.parametrize("group", OF_THE_PAPER)
def test_what_the_paper_needs_is_found(group):
    assert {path.stem for path in FILES if path.parent.name == group} >= OF_THE_PAPER[group]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CONFIG_DIR).as_posix())
def test_every_file_composes(path):
    group = path.relative_to(CONFIG_DIR).parent.as_posix()
    if group == ".":
        assert compose_file(path.stem)
    elif group not in ELSEWHERE:
        assert compose_file(WORDS.get(group, "train"), f"{group}={path.stem}")


@pytest.mark.parametrize("path", MEMBERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_members_name_their_own_module_and_bind_to_its_signature(path):
    nodes = list(targets_in(OmegaConf.load(path)))
    assert nodes
    for node in nodes:
        target = node._get_node("_target_")._value()
        assert target.startswith(f"sngan.{path.parent.name}.{path.stem}.")
        keys = {key for key in node if key not in ("_target_", "defaults")}
        parameters = inspect.signature(get_object(target)).parameters
        required = {
            name
            for name, parameter in parameters.items()
            if parameter.default is inspect.Parameter.empty and name not in GIVEN_ELSEWHERE
        }
        assert keys <= set(parameters), target
        assert required <= keys, target


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_the_rows_of_table_1(name):
    setting = compose_train(f"setting={name}").setting
    assert (setting.lr, setting.beta1, setting.beta2, setting.n_dis) == SETTINGS[name]
    assert setting.batch_size == 64
    assert setting.generator_batch_size == (128 if name in ("resnet", "imagenet") else 64)
    decay = {"resnet": 0, "imagenet": pytest.approx(400 / 450)}
    assert setting.lr_decay_start == decay.get(name)


def test_setting_reaches_the_optimizer():
    optimizer = compose_train("setting=F").optimizer
    assert (optimizer.lr, list(optimizer.betas), optimizer.eps) == (0.001, [0.9, 0.999], 1e-8)


def test_experiment_values_survive_the_defaults_list():
    config = compose_train("+experiment=cifar10_resnet")
    assert config.total_steps == 50000
    assert config.loss._target_.endswith("HingeLoss")
    assert config.setting.generator_batch_size == 128


def test_architecture_brings_its_preprocessing_and_the_user_may_replace_it():
    def target(*overrides):
        return compose_train(*overrides).preprocessing._target_.rpartition(".")[2]

    assert target() == target("architecture=cnn") == "Symmetric"
    assert target("architecture=resnet_cifar") == "Dequantized"
    assert target("architecture=resnet_cifar", "preprocessing=symmetric") == "Symmetric"


METHODS = {
    "weight_clipping": ("StandardLoss", "WeightClipping"),
    "gan_gp": ("StandardLoss", "GradientPenalty"),
    "wgan_gp": ("WassersteinLoss", "GradientPenalty"),
    "batch_norm": ("StandardLoss", "BatchNorm"),
    "layer_norm": ("StandardLoss", "LayerNorm"),
    "weight_norm": ("StandardLoss", "WeightNorm"),
    "orthonormal": ("StandardLoss", "Orthonormal"),
    "spectral_norm": ("StandardLoss", "SpectralNorm"),
    "vanilla": ("StandardLoss", "NoRegularizer"),
}
PUBLISHED = {  # Where the paper gives a number, the default is that number.
    "weight_clipping": {"bound": 0.01},
    "gan_gp": {"weight": 10},
    "wgan_gp": {"weight": 10},
    "spectral_norm": {"power_iterations": 1, "gamma": False},
    "weight_norm": {"gamma": False},
}


def class_of(node):
    return node._target_.rpartition(".")[2]


def test_spectral_norm_is_the_default():
    place = "run_dir=x"  # One by the time would be made, and made anew.
    assert compose_train(place) == compose_train("method=spectral_norm", place)


@pytest.mark.parametrize("method", METHODS)
def test_methods_of_the_paper_are_the_rows_of_table_2(method):
    config = compose_train(f"method={method}")
    (node,) = config.regularizer.values()
    assert (class_of(config.loss), class_of(node)) == METHODS[method]
    assert {key: node[key] for key in PUBLISHED.get(method, ())} == PUBLISHED.get(method, {})


@pytest.mark.parametrize("method", [path.stem for path in FILES if path.parent.name == "method"])
def test_a_method_brings_a_loss_and_regularizers_and_the_user_may_replace_both(method):
    config = compose_train(f"method={method}")
    assert all("_target_" in node for node in (config.loss, *config.regularizer.values()))
    config = compose_train(f"method={method}", "loss=hinge", "regularizer=[batch_norm,orthonormal]")
    assert class_of(config.loss) == "HingeLoss"
    chosen = [name for name, node in config.regularizer.items() if "_target_" in node]
    assert chosen == ["batch_norm", "orthonormal"]


def test_image_size_is_the_data_set_s():
    config = compose_train("dataset=synthetic", "dataset.image_size=48")
    assert config.architecture.generator.image_size == 48
    assert config.architecture.discriminator.image_size == 48
