"""Every YAML file composes, names its own module and binds to the signature it names."""

import inspect

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import get_object
from omegaconf import OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.trust import COMPONENTS

FILES = sorted(CONFIG_DIR.rglob("*.yaml"))
GROUPS = (*COMPONENTS, "metric")
MEMBERS = [path for path in FILES if path.parent.name in GROUPS]
GIVEN_ELSEWHERE = ("wrap_layer", "adversarial", "extractor", "protocol")
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
    with initialize_config_dir(version_base="1.3", config_dir=str(CONFIG_DIR)):
        return compose("train", overrides=list(overrides), return_hydra_config=False)


def targets_in(node):
    if OmegaConf.is_dict(node):
        if "_target_" in node:
            yield node
        for key in node:
            yield from targets_in(node._get_node(key))


def test_no_file_is_missed():
    assert len(FILES) == 117
    assert len(MEMBERS) == 37
    assert (CONFIG_DIR / "train.yaml") in FILES


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


def test_methods_are_the_rows_of_table_2():
    assert {path.stem for path in (CONFIG_DIR / "method").iterdir()} == set(METHODS)
    assert compose_train() == compose_train("method=spectral_norm")


@pytest.mark.parametrize("method", METHODS)
def test_a_method_brings_its_loss_and_regularizer_and_the_user_may_replace_both(method):
    config = compose_train(f"method={method}")
    (node,) = config.regularizer.values()
    assert (class_of(config.loss), class_of(node)) == METHODS[method]
    assert {key: node[key] for key in PUBLISHED.get(method, ())} == PUBLISHED.get(method, {})
    config = compose_train(f"method={method}", "loss=hinge", "regularizer=[batch_norm,orthonormal]")
    assert class_of(config.loss) == "HingeLoss"
    assert list(config.regularizer) == ["batch_norm", "orthonormal"]


def test_image_size_is_the_data_set_s():
    config = compose_train("dataset=synthetic", "dataset.image_size=48")
    assert config.architecture.generator.image_size == 48
    assert config.architecture.discriminator.image_size == 48
