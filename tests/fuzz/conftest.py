import pytest


@pytest.fixture(scope="session")
def trained(run_in_process, tmp_path_factory):
    """A checkpoint of a small run, to be copied."""
    folder = tmp_path_factory.mktemp("trained")
    small = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=64", "total_steps=2")
    run_in_process(folder, "sngan-train", *small, "run_dir=run")
    return folder / "run" / "checkpoints" / "step_0000002.pt"
