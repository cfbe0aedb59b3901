"""Which generator of others ``sngan-eval`` is to score."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sngan.commands.parser import Parser

if TYPE_CHECKING:
    from sngan.sharing.onnx_generator import OnnxGenerator

SUFFIX = ".onnx"
NOISE = ("normal", "uniform")


def add_onnx_options(parser: Parser) -> None:
    """Add what says how an ONNX file is read."""
    parser.add_argument(
        "--onnx",
        type=Path,
        metavar="FILE",
        help=f"score a generator in an ONNX file; one alone called NAME{SUFFIX} needs no --onnx",
    )
    parser.add_argument("--noise", choices=NOISE, help="of an ONNX file that does not say")
    parser.add_argument("--n-classes", type=int, help="of an ONNX file that does not say")


def take_onnx(paths: list[Path]) -> Path | None:
    """Take a file that is one by its name out of checkpoints; None if it is not alone there."""
    return paths.pop() if len(paths) == 1 and paths[0].suffix == SUFFIX else None


def open_onnx(options: argparse.Namespace) -> "OnnxGenerator":
    """Open the file that options name.

    Raises:
        ValueError: If it cannot be used; see `sngan.sharing.onnx_generator.OnnxGenerator`.
    """
    from sngan.sharing.onnx_generator import OnnxGenerator

    return OnnxGenerator(options.onnx, options.noise, options.n_classes)
