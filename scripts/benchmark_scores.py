"""Compare the speed of scoring with torch-fidelity's: same weights, same pictures, one process.

Extraction, at the batch size each takes by itself and at others, and the arithmetic of the scores.
Programs take turns; medians and extremes over the rounds are printed as Markdown. Needs no network:
the Inception network gets random weights, which cost the same time.

python scripts/benchmark_scores.py --rounds 5
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.metric_fid import fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

from sngan.extractor.base import Features
from sngan.extractor.inception import Inception, inception_network
from sngan.metric.base import RealFeatures
from sngan.metric.fid import frechet_distance
from sngan.metric.inception_score import SplitScores
from sngan.metric.kid import KernelInceptionDistance
from sngan.metric.parts.moments import Moments
from sngan.run_folder.environment import versions
from sngan.scoring.feature_pass import likely_batch_size
from sngan.scoring.reference import Reference
from sngan.system.device import resolve_device
from sngan.system.float32 import exact_float32
from sngan.system.safe_load import sha256_of
from sngan.system.workers import Workers

THEIR_BATCH_SIZE = 64  # torch-fidelity's default.
Work = Callable[[], object]


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=64, help="per round, for the extraction")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = resolve_device(options.device)
    print(f"device {device}, {torch.get_num_threads()} threads, {versions()}\n")
    with exact_float32(), torch.inference_mode():
        extraction = _extraction(options.pictures, device)
        _print("images/s", _rounds(extraction, options.rounds), per=options.pictures)
        for name, pair in _arithmetic().items():
            print(f"\n{name}\n")
            _print("seconds", _rounds(pair, options.rounds), per=None)


def _extraction(count: int, device: torch.device) -> dict[str, Work]:
    """Return what extracts features, after checking that both extract the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.pth"
        torch.manual_seed(0)
        network = inception_network()
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
                torch.nn.init.kaiming_normal_(module.weight)
        torch.save(network.state_dict(), path)
        ours = Inception(str(path), sha256=sha256_of(path)).to(device)
        theirs = FeatureExtractorInceptionV3(
            "inception", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
        ).to(device)
    pictures = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, device=device)
    difference = (ours(pictures[:8]).pool - theirs(pictures[:8])[0]).abs().max()
    print(f"largest difference of a feature: {difference:.1e}\n")

    def over(extract: Callable[[torch.Tensor], object], size: int) -> Work:
        def run() -> None:
            for batch in pictures.split(size):
                extract(batch)
            if device.type == "cuda":
                torch.cuda.synchronize()

        return run

    own = likely_batch_size(device)
    work = {f"torch-fidelity, batch {size}": over(theirs, size) for size in (8, THEIR_BATCH_SIZE)}
    sizes = dict.fromkeys((own, 8, THEIR_BATCH_SIZE))
    return work | {f"sngan, batch {size}": over(ours, size) for size in sizes}


def _arithmetic() -> dict[str, dict[str, Work]]:
    """Return what computes scores from features, of relu-like ones of full rank."""
    random = torch.Generator().manual_seed(0)
    mixing = torch.randn(2048, 2048, generator=random) / 2048**0.5
    mixing *= torch.logspace(0, -2, 2048).unsqueeze(1)
    real, generated = (
        (torch.randn(count, 2048, generator=random) @ mixing + 0.2).relu()
        for count in (10000, 5000)
    )
    logits = 3 * torch.randn(50000, 1008, generator=random)
    moments = [_moments(x) for x in (real, generated)]
    their_moments = [{"mu": mean.numpy(), "sigma": cov.numpy()} for mean, cov in moments]
    mean, covariance = moments[0]
    known: RealFeatures = Reference(
        label="", mean=mean, covariance=covariance, count=None, meta={}, features=real
    )
    kid = KernelInceptionDistance()
    return {
        "FID of two sets of moments, 2048 features": {
            "torch-fidelity": lambda: fid_statistics_to_metric(*their_moments, False),
            "sngan": lambda: frechet_distance(*moments[0], *moments[1]),
        },
        "Inception score of 50,000 samples": {
            "torch-fidelity": lambda: isc_features_to_metric(logits),
            "sngan": lambda: _score(logits),
        },
        "KID, 100 subsets of 1,000": {
            "torch-fidelity": lambda: kid_features_to_metric(generated, real, verbose=False),
            "sngan": lambda: kid(known, generated),
        },
    }


def _moments(features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    moments = Moments()
    for batch in features.split(100):
        moments.update(batch)
    return moments.result()


def _score(logits: torch.Tensor) -> dict[str, float]:
    score = SplitScores(len(logits))
    for index in torch.arange(len(logits)).split(100):
        score.update(index, Features(logits[index], logits[index]))
    return score.result(Workers(), None)


def _rounds(work: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return seconds per round; programs take turns, after a round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds + 1):
        for name, run in work.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return {name: values[1:] for name, values in seconds.items()}


def _print(unit: str, seconds: dict[str, list[float]], per: int | None) -> None:
    """Print a table; the ratio is that to the first line within a round."""
    first = next(iter(seconds.values()))
    print(f"| program | {unit} | least to most | speed, over the first line |")
    print("| --- | ---: | --- | --- |")
    for name, values in seconds.items():
        shown = [per / x for x in values] if per else values
        ratios = sorted(a / b for a, b in zip(first, values, strict=True))
        print(
            f"| {name} | {statistics.median(shown):.2f} | {min(shown):.2f} to {max(shown):.2f} "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |"
        )


if __name__ == "__main__":
    main()
