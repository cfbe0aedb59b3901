"""What makes two trainings one."""

import copy

import pytest

from sngan.run_folder.identity import digest, identity, kind_of_training

CONFIG = {
    "seed": 0,
    "device": "cpu",
    "log_every": 10,
    "total_steps": 100,
    "monitor": {"scores": {"every": 5}},
    "setting": {"lr": 0.1, "n_dis": 5},
    "dataset": {"_target_": "sngan.dataset.parts.cifar10.Cifar10", "root": "a", "cache": None},
}


def changed(key, value):
    config = copy.deepcopy(CONFIG)
    node = config
    *parents, last = key.split(".")
    for parent in parents:
        node = node[parent]
    node[last] = value
    return config


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("device", "cuda"),
        ("log_every", 7),
        ("checkpoint_every", 1),
        ("monitor", {}),
        ("dataset.root", "b"),
        ("dataset.cache", "c"),
    ],
)
def test_where_and_how_often_do_not_matter(key, value):
    assert identity(changed(key, value)) == identity(CONFIG)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", 1),
        ("total_steps", 101),
        ("setting.lr", 0.2),
        ("precision", "bfloat16"),
        ("dataset._target_", "other"),
    ],
)
def test_what_changes_results_matters(key, value):
    assert identity(changed(key, value)) != identity(CONFIG)


LATER = {
    "accumulation": (1, 2),
    "gradient_clipping": ({"max_norm": None}, {"max_norm": 1.0}),
    "average": (None, {"_target_": "sngan.average.ema.Ema"}),
    "optimizer": ({"lr": 0.1, "generator": {"lr": 0.1}}, {"lr": 0.1, "generator": {"lr": 0.2}}),
    "schedule": tuple(
        {"_target_": f"sngan.schedule.{name}", "start": 0.5}
        for name in ("linear.Linear", "cosine.Cosine")
    ),
    "dataset.channels": (3, 1),
    "architecture": ({"generator": {"image_channels": 3}}, {"generator": {"image_channels": 1}}),
    "regularizer": tuple({"spectral_norm": {"operator": o}} for o in ("matrix", "convolution")),
}
BEFORE = {
    "optimizer": {"lr": 0.1},
    "architecture": {"generator": {}},
    "regularizer": {"spectral_norm": {}},
}


@pytest.mark.parametrize("key", LATER)
def test_a_setting_that_came_later_matters_where_it_changes_something(key):
    as_before, otherwise = LATER[key]
    config = changed("setting.lr_decay_start", 0.5)
    before = {**config, **{key: BEFORE[key]}} if key in BEFORE else config
    *parents, last = key.split(".")
    now, then = copy.deepcopy(before), copy.deepcopy(before)
    for node, value in ((now, as_before), (then, otherwise)):
        for parent in parents:
            node = node[parent]
        node[last] = value
    assert identity(now) == identity(before)
    assert identity(then) != identity(before)


@pytest.mark.parametrize("key", ["setting", "optimizer", "schedule", "architecture"])
def test_what_a_damaged_checkpoint_lacks_is_another_training(key):
    assert identity(changed(key, None)) != identity(CONFIG)


def test_a_kind_has_several_seeds_and_one_length():
    kind = kind_of_training(CONFIG, 10)
    assert kind_of_training(changed("seed", 1), 10) == kind
    assert kind_of_training(CONFIG, 9) != kind


def test_digest_does_not_depend_on_order():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert len(digest([])) == 10


@pytest.mark.parametrize("key", ["seed", "total_steps"])
def test_one_that_lacks_something_is_another(key):
    lacking = {name: value for name, value in CONFIG.items() if name != key}
    assert identity(lacking) != identity(CONFIG)
