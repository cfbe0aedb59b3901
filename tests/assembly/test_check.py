from copy import deepcopy
from math import inf

import pytest

from sngan.assembly.check import check_choices, check_settings, require_complete
from sngan.assembly.settings import TRAINING
from sngan.assembly.words import parse
from sngan.system.require import SettingError

GOOD = {
    "total_steps": 4,
    "log_every": 1,
    "sample_every": 1,
    "checkpoint_every": 1,
    "keep_checkpoints": None,
    "precision": "float32",
    "channels_last": False,
    "merged_resampling": True,
    "joint_pass": False,
    "cuda_graph": True,
    "single_sigma": False,
    "one_generator_pass": False,
    "compile": False,
    "seed": 0,
    "device": "cpu",
    "setting": {
        "n_dis": 1,
        "batch_size": 2,
        "generator_batch_size": 2,
        "lr": 0.1,
        "beta1": 0,
        "beta2": 0.9,
        "lr_decay_start": None,
    },
    "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.1, "betas": [0, 0.9]},
    **{group: {"_target_": "some.Class"} for group in ("loss", "dataset", "preprocessing")},
    "architecture": {part: {"_target_": "some.Class"} for part in ("generator", "discriminator")},
    "regularizer": {"none": {"_target_": "some.Class"}},
}


def test_good_settings_pass():
    check_settings(GOOD, [])


@pytest.mark.parametrize("key", TRAINING)
def test_what_is_missing_is_named(key):
    whole = deepcopy(GOOD)
    require_complete(whole)
    if key.startswith("setting."):
        del whole["setting"][key.removeprefix("setting.")]
    else:
        del whole[key]
    with pytest.raises(SettingError, match=f"^{key}.* must be given"):
        require_complete(whole)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("total_steps", 0, "total_steps must be an integer between 1 and 1000000000, got 0"),
        ("log_every", "x", "log_every must be an integer between 1 and 1000000000, got x"),
        ("sample_every", 0.5, "sample_every must be an integer between 1 and 1000000000, got 0.5"),
        (
            "checkpoint_every",
            True,
            "checkpoint_every must be an integer between 1 and 1000000000, got true",
        ),
        (
            "keep_checkpoints",
            0,
            "keep_checkpoints must be an integer between 1 and 1000000000 or null, got 0",
        ),
        ("precision", "fp8", "precision must be one of float32, tf32, bfloat16, got fp8"),
        ("channels_last", "yes", "channels_last must be true or false, got yes"),
        ("compile", "no", "compile must be true or false, got no"),
        ("single_sigma", True, "single_sigma=true needs joint_pass=true, got joint_pass=false"),
        ("dataset", 5, "dataset must name a class as its _target_, got 5"),
        ("architecture", {"generator": None}, "architecture.generator must name a class as its _t"),
        ("regularizer", True, "regularizer must be a list of members' names, got true"),
        ("monitor", {"scores": 1}, "monitor.scores must be a member with its settings, got 1"),
        (
            "optimizer",
            {"_target_": "x", "generator": {"lr": -1}},
            "optimizer.generator.lr must be a number > 0",
        ),
        (
            "optimizer",
            {"_target_": "x", "discriminator": 3},
            "optimizer.discriminator must be settings of one network's optimizer, got 3",
        ),
        (
            "optimizer",
            {"_target_": "x", "generator": {"_target_": "y"}},
            "optimizer.generator._target_ cannot differ between the networks",
        ),
        ("optimizer", {"_target_": "x", "eps": inf}, "optimizer.eps must be a number > 0 and <= 1"),
        ("seed", -1, "seed must be an integer between 0 and 4294967295, got -1"),
        (
            "setting",
            {**GOOD["setting"], "n_dis": 0},
            "setting.n_dis must be an integer between 1 and 1000, got 0",
        ),
    ],
)
def test_bad_settings_are_named(key, value, message):
    with pytest.raises(ValueError, match=message):
        check_settings({**GOOD, key: value}, [])


@pytest.mark.parametrize(
    ("key", "near"), [("setting.lrr", "lr"), ("total_step", "total_steps"), ("nothing.like", None)]
)
def test_added_keys_that_nothing_reads(key, near):
    section, _, name = key.rpartition(".")
    settings = {**GOOD, name: 1} if not section else {**GOOD, section: {"lr": 1, name: 1}}
    with pytest.raises(ValueError, match=f"there is no setting {key}") as error:
        check_settings(settings, [key])
    assert (f"did you mean {near}?" in str(error.value)) == (near is not None)


def test_added_arguments_of_a_component_are_left_to_its_signature():
    check_settings(GOOD, ["loss.margin"])


@pytest.mark.parametrize("group", ["regularizer", "monitor"])
def test_settings_of_members_that_are_not_chosen(group):
    settings = {**GOOD, group: {"chosen": {"_target_": "x"}, "other": {"every": 5}}}
    with pytest.raises(ValueError, match=f"{group}=other is not among those chosen"):
        check_settings(settings, [f"{group}.other.every"])
    check_settings({**GOOD, group: {"chosen": {"_target_": "x"}}}, [f"{group}.chosen.every"])


@pytest.mark.parametrize("value", ["5", "null", "true", "1.5", "''", "[1]", "[hinge,2]"])
def test_a_choice_is_a_name(value):
    with pytest.raises(SettingError, match=r"^loss must be the name of a member or"):
        check_choices(parse([f"loss={value}"]), {"loss"})
    check_choices(
        parse([f"loss.margin={value}", "loss=hinge", "loss=hinge,standard", "~loss"]), {"loss"}
    )
