"""What a machine can do at best, measured."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from scripts.benchmark.numerics import kept_switches, use_tf32_products
from scripts.benchmark.race import seconds_per_iteration
from sngan.system.float32 import use_exact_float32

TRIES = 5
SIDES = {"cuda": 8192, "cpu": 2048}  # Of the square matrices: large enough for the full rate.
COPIED = {"cuda": 2**31, "cpu": 2**28}  # Bytes: more than any cache holds.
LAUNCHES = 2000
QUICK_SIDE, QUICK_COPIED = 128, 2**20


@dataclass(frozen=True)
class Ceilings:
    """Rates that no training exceeds, or hardly.

    Attributes:
        multiplications: Multiply-accumulates per second of a large matrix product, by arithmetic:
            ``float32``, ``bfloat16`` and, on CUDA, ``tf32``.
        traffic: Bytes read and written per second by a large copy.
        operations: Small eager operations per second.
    """

    multiplications: dict[str, float]
    traffic: float
    operations: float


def measure_ceilings(device: torch.device, quick: bool) -> Ceilings:
    """Measure them, each the best of a few tries."""
    with kept_switches():
        use_exact_float32()
        side = QUICK_SIDE if quick else SIDES[device.type]
        rates = {
            "float32": _product_rate(torch.float32, side, device),
            "bfloat16": _product_rate(torch.bfloat16, side, device),
        }
        if device.type == "cuda":
            use_tf32_products()
            rates["tf32"] = _product_rate(torch.float32, side, device)
    copied = QUICK_COPIED if quick else COPIED[device.type]
    return Ceilings(rates, _copy_rate(copied, device), _launch_rate(device))


def _product_rate(dtype: torch.dtype, side: int, device: torch.device) -> float:
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    result = torch.empty_like(left)
    return side**3 / _best(lambda: torch.mm(left, right, out=result), 1, device)


def _copy_rate(count: int, device: torch.device) -> float:
    source, target = (torch.ones(count, dtype=torch.uint8, device=device) for _ in range(2))
    return 2 * count / _best(lambda: target.copy_(source), 1, device)


def _launch_rate(device: torch.device) -> float:
    number = torch.zeros(1, device=device)
    return 1 / _best(lambda: number.add_(1), LAUNCHES, device)


def _best(work: Callable[[], object], times: int, device: torch.device) -> float:
    return min(seconds_per_iteration(work, times, device) for _ in range(TRIES))
