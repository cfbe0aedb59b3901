"""One pass of pictures through the extractor, in batches that fit, shared among processes."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sngan.extractor.base import Extractor, Features
from sngan.sampling.quantize import Quantization, as_rgb, quantize
from sngan.scoring.source import Source
from sngan.system.declared import BatchSize, checked
from sngan.system.float32 import exact_float32
from sngan.system.progress import Progress
from sngan.system.workers import Workers

logger = logging.getLogger(__name__)

BYTES_PER_PICTURE = 64 * 2**20  # Of activations at 299 pixels, with room to spare.
LARGEST_BATCH = 256
PICTURES_PER_THREAD = 4  # On CPUs, larger batches leave the caches and are slower.


@dataclass(frozen=True)
class Described:
    """What a batch looks like to the extractor.

    Attributes:
        rule: How the pictures became 8-bit; None if they were.
        index: Their numbers, ``(N,)`` int64, ascending, on the CPU.
        features: One row per picture.
    """

    rule: Quantization | None
    index: Tensor
    features: Features


class FeaturePass:
    """Describes pictures of any source.

    Args:
        extractor: On ``device``.
        device: Where it runs.
        batch_size: Pictures per batch; None for what the device should hold, halved when it does
            not. Features do not depend on it beyond rounding.
        workers: The processes that share the pictures.

    Raises:
        ValueError: If ``batch_size`` is not accepted.
    """

    @checked
    def __init__(
        self,
        extractor: Extractor,
        device: torch.device,
        batch_size: BatchSize | None = None,
        workers: Workers = Workers(),  # noqa: B008 - frozen.
    ) -> None:
        self.extractor = extractor
        self.device = device
        self.workers = workers
        self.batch_size = batch_size or likely_batch_size(device)

    def __call__(
        self, source: Source, rules: Mapping[Quantization | None, int], description: str
    ) -> Iterator[Described]:
        """Describe this process's share of the first pictures of a source, each once per rule.

        Args:
            source: Where they come from; each is made once.
            rules: How many to describe under each rule of quantization.
            description: What the progress is called.

        Yields:
            One batch under one rule.

        Raises:
            ValueError: If there are more processes than pictures, or not one fits into memory.
            FloatingPointError: If a sample or a feature is not finite.
        """
        if min(rules.values()) < self.workers.count:
            raise ValueError(
                f"{self.workers.count} processes cannot share {min(rules.values())} pictures"
            )
        index = self.workers.share(max(rules.values()))
        total = sum(len(self.workers.share(count)) for count in rules.values())
        start = 0
        with Progress(description, total) as progress:
            while start < len(index):
                part = index[start : start + self.batch_size]
                try:
                    batches = list(self._describe(source, part, rules))
                except RuntimeError as error:
                    self._check_memory(error)
                    batches = None
                if batches is None:  # Outside of the handler, which holds what filled the memory.
                    self._back_off()
                    continue
                yield from batches
                progress.update(sum(len(batch.index) for batch in batches))
                start += len(part)

    def _describe(
        self, source: Source, index: Tensor, rules: Mapping[Quantization | None, int]
    ) -> Iterator[Described]:
        images = source(index).to(self.device)
        if images.is_floating_point():
            _require_finite(f"{source.name}: sample", index, images.flatten(1))
        for rule, count in rules.items():
            wanted = index < count
            if not wanted.any():
                continue
            chosen = images[: int(wanted.sum())]  # The numbers ascend.
            pictures = chosen if rule is None else quantize(chosen, rule)
            with torch.inference_mode(), exact_float32():
                features = self.extractor(as_rgb(pictures))
            _require_finite(f"{source.name}: a feature of picture", index, features.pool)
            yield Described(rule, index[wanted], features)

    def _check_memory(self, error: RuntimeError) -> None:
        """Raise unless memory ran out and smaller batches may help."""
        if not isinstance(error, torch.OutOfMemoryError) and "t allocate memory" not in str(error):
            raise error
        if self.batch_size == 1:
            raise ValueError(f"not even one picture fits into memory: {error}") from error

    def _back_off(self) -> None:
        """Halve the batch."""
        self.batch_size = (self.batch_size + 1) // 2
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        logger.warning("out of memory; going on with %d pictures per batch", self.batch_size)


def likely_batch_size(device: torch.device) -> int:
    """Return a batch size that is fast on a device and should fit into its free memory."""
    if device.type != "cuda":
        return min(LARGEST_BATCH, max(8, PICTURES_PER_THREAD * torch.get_num_threads()))
    free, _ = torch.cuda.mem_get_info(device)
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return max(1, min(LARGEST_BATCH, (free + unused) // BYTES_PER_PICTURE))


def _require_finite(what: str, index: Tensor, values: Tensor) -> None:
    finite = values.isfinite().all(dim=1)
    if not finite.all():
        first = int(index[: len(finite)][~finite.cpu()][0])
        raise FloatingPointError(f"{what} {first} is not finite")
