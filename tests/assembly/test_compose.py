from sngan.assembly.compose import scale_after_experiment


def test_scale_comes_after_the_experiment_and_before_single_settings():
    words = ["+scale=cpu", "seed=1", "+experiment=cifar10", "total_steps=5", "--cfg", "job"]
    assert scale_after_experiment(words) == [
        "seed=1",
        "+experiment=cifar10",
        "+scale=cpu",
        "total_steps=5",
        "--cfg",
        "job",
    ]
    assert scale_after_experiment(["+scale=cpu", "seed=1"]) == ["+scale=cpu", "seed=1"]
