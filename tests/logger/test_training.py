"""Loggers in a training by ``sngan-train``."""

from scripts.torture.compare import are_same
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest
from sngan.run_folder.identity import identity

WORDS = (
    "dataset=synthetic", "dataset.num_images=100", "+scale=smoke", "log_every=1",
    "sample_every=2", "checkpoint_every=2",
)  # fmt: skip


def test_a_run_is_the_same_with_a_logger_and_resumes_with_another(in_process, tmp_path):
    in_process("sngan-train", *WORDS, "run_dir=plain")
    in_process("sngan-train", *WORDS, "logger=tensorboard", "run_dir=logged")
    states = [checkpoint.load(latest(tmp_path / name)) for name in ("plain", "logged")]
    assert states[1]["config"].pop("logger")
    assert identity(states[0]["config"]) == identity(states[1]["config"])
    for state in states:
        del state["seconds"]
    assert are_same(*states)
    in_process("sngan-train", "resume=logged", "logger=mlflow", "total_steps=5")
    assert (tmp_path / "logged" / "mlflow" / "run.json").exists()
    assert list(checkpoint.load(latest(tmp_path / "logged"))["config"]["logger"]) == ["mlflow"]
    in_process("sngan-train", "resume=logged", "logger=[]", "total_steps=6")
    assert not checkpoint.load(latest(tmp_path / "logged"))["config"].get("logger")


def test_a_missing_package_is_said_before_anything_begins(in_process, tmp_path, monkeypatch):
    monkeypatch.setattr("sngan.logger.base.find_spec", lambda module: None)
    process = in_process("sngan-train", *WORDS, "logger=wandb", "run_dir=run", check=False)
    assert process.returncode == 2
    assert "logger=wandb needs another package: pip install '.[wandb]'" in process.stderr
    assert not (tmp_path / "run").exists()
