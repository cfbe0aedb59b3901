"""What ``sngan-import`` does: generators of other programs become exports."""

import argparse
import logging
from pathlib import Path

from sngan.assembly.compose import CONFIGURATION_ERRORS
from sngan.commands.console import errors_as_messages
from sngan.commands.export import add_output_options, formats_of, write
from sngan.commands.parser import Parser
from sngan.sharing.place import require_free

EXAMPLES = """examples:
  sngan-import ResNetGenerator_50000.npz                      of the authors' sngan_projection
  sngan-import DCGANGenerator_100000.npz --noise normal       of chainer-gan-lib
  sngan-import netG_100000_steps.pth --out mimicry            of torch-mimicry
"""


def main() -> None:
    """Run ``sngan-import``."""
    options = build_parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with errors_as_messages(*CONFIGURATION_ERRORS):
        _import(options.file, options)


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-import",
        description="A generator of the authors' Chainer code or of torch-mimicry as a folder "
        "that\nsngan-sample, sngan-eval and sngan.load_generator read.",
        epilog=EXAMPLES,
    )
    parser.add_argument("file", type=Path, help="a snapshot (.npz), or a checkpoint (.pth)")
    parser.add_argument(
        "--noise",
        choices=["normal", "uniform"],
        help="what a standard CNN reads; its file does not say (default: uniform, as there)",
    )
    add_output_options(parser, "here, named after the file")
    return parser


def _import(path: Path, options: argparse.Namespace) -> None:
    """Check what can be before the wait for PyTorch; then import, and say what came of it."""
    formats = formats_of(options.format)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    out = options.out or Path(f"{path.stem}_export")
    require_free(out, options.force)
    from sngan.sharing.chainer import is_chainer, read_chainer
    from sngan.sharing.mimicry import read_mimicry

    foreign = read_chainer(path) if is_chainer(path) else read_mimicry(path)
    settings = {} if options.noise is None else {"noise": options.noise}
    write(out, foreign.content(**settings), formats)
