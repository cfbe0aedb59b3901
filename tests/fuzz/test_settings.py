"""Every setting of the commands with every kind of wrong word: refused by name, in one line."""

import time

import hydra
import pytest
import torch
from omegaconf import DictConfig, OmegaConf

from sngan.assembly.check import check_evaluation, check_training
from sngan.assembly.component import component
from sngan.assembly.compose import CONFIG_DIR, plain, training_of, under_typed_name
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.scorer import build_scorer
from sngan.assembly.training import build_training
from sngan.assembly.words import change, parse
from sngan.system.workers import Workers

VALUES = (
    "-1", "0", "1.5", "1e18", "1000000000000000000000", "1099511627776", "nan", "inf", "-inf",
    "null", "true", "''", "abc", "'\u00e4 b'", "[]", "[1,2]", "[[1]]", "[a]", "{}", "{a: 1}",
    f"'{'x' * 5000}'",
)  # fmt: skip
"""Wrong types, negative, zero, huge, not finite, empty, text, list, mapping."""
SMALL = (
    "+scale=smoke", "dataset=synthetic", "dataset.num_images=64", "device=cpu",
    "setting.batch_size=4", "setting.generator_batch_size=4",
)  # fmt: skip
TRAININGS = {
    "": ("monitor=[singular_values,validation_loss]", "regularizer=[spectral_norm,orthonormal]"),
    "regularizer.": ("regularizer=[gradient_penalty,layer_norm,weight_clipping,batch_norm]",),
    "architecture.": ("architecture=resnet_stl", "dataset.image_size=48", "loss=hinge"),
    "average.": ("average=ema",),
    "loss.": ("loss=auxiliary_classifier", "architecture=resnet_cifar",
              "architecture.conditioning=classifier", "architecture.n_classes=4"),
}  # fmt: skip
"""Those that have further settings, by the group in which they have them."""
TEXTS = (
    "resume", "root", "test_root", "cache", "reference", "weights", "sha256", "name", "mirrors",
    "device", "trust",
)  # fmt: skip
"""Settings that are texts: what they name is looked for later."""
RIGHT = ("0", "1.5", "null", "true", "[]", "{}", "[1,2]")
"""Words that are right for some setting."""


def settings_of(config, place=""):
    """Yield the names of all settings that are no group of others."""
    for key in config:
        node = config._get_node(key)
        if isinstance(node, DictConfig) and not node._is_none() and len(node):
            yield from settings_of(node, f"{place}{key}.")
        elif not str(key).startswith("_"):
            yield f"{place}{key}"


def build_whole_training(config, choices, word):
    with under_typed_name(config):
        check_training(config, choices, parse([word]))
        settings = plain(training_of(config))
        if "Synthetic" in settings["dataset"]["_target_"]:
            build_training(settings, torch.device("cpu"))
        else:
            component(settings["dataset"], "dataset")  # Pictures would have to be fetched.


def build_evaluation(config, _choices, word):
    with under_typed_name(config):
        check_evaluation(config, parse([word]))
        settings = plain(config)
        component(settings["dataset"], "dataset")
        build_scorer(settings, torch.device("cpu"), Workers())


def try_all(name, words, build, group=""):
    """Give every setting every value.

    Returns:
        Words that were not answered as they should be.
    """
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        composed = hydra.compose(name, overrides=[*words], return_hydra_config=True)
    choices = dict(composed.hydra.runtime.choices)
    keys = [key for key in composed if key not in ("hydra", "run_dir")]
    raw = OmegaConf.to_container(OmegaConf.masked_copy(composed, keys))
    refused, accepted, faults = 0, [], []
    for setting in filter(lambda name: name.startswith(group), settings_of(OmegaConf.create(raw))):
        for value in VALUES:
            word, start = f"{setting}={value}", time.monotonic()
            config = OmegaConf.create(raw)
            try:
                change(config, [word])
                build(config, choices, word)
                accepted.append((setting, value))
            except (ValueError, OSError) as error:
                said = str(error)
                is_short = "\n" not in said or isinstance(error, FileNotFoundError)
                is_named = setting.rpartition(".")[2] in said and is_short
                refused += 1
                if not is_named and "cannot use" not in said:
                    faults.append((word[:100], said))
            except Exception as error:
                faults.append((word[:100], repr(error)))
            if time.monotonic() - start > 5:
                faults.append((word[:100], "slow"))
    # What is accepted must be right for its setting, or a text.
    odd = [word for word in accepted if word[1] not in RIGHT]
    faults += [(*word, "accepted") for word in odd if word[0].rpartition(".")[2] not in TEXTS]
    print(f"{name}: {refused} refused, {len(accepted)} accepted")
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("group", TRAININGS)
def test_wrong_words_for_a_training(group):
    assert not try_all("train", [*SMALL, *TRAININGS[group]], build_whole_training, group)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["stl10", "cifar10", "cifar100", "mnist", "image_folder", "imagenet"]
)
def test_wrong_words_for_a_data_set(name, tmp_path):
    place = [f"dataset.root={tmp_path}"] if name in ("image_folder", "imagenet") else []
    words = [f"dataset={name}", *place]
    assert not try_all("train", words, build_whole_training, group="dataset.")


@pytest.mark.slow
@pytest.mark.parametrize("group", ["", "extractor."])
def test_wrong_words_for_an_evaluation(group):
    words = ["metric=[kid,prdc,fid_infinity]", "dataset=synthetic"]
    theirs = ["+extractor.sha256=abc", "extractor.weights='random:1'"]
    words += theirs if group else ["extractor=efficientnet_lite0"]
    assert not try_all("evaluate", words, build_evaluation, group)
