"""The options of ``sngan-sample``."""

from pathlib import Path
from typing import get_args

from sngan.commands.parser import Parser
from sngan.commands.sample_output import FORMATS
from sngan.commands.sample_words import COUNT, FPS, FRAMES, IN_FILM, PER_CLASS
from sngan.run_folder.weights import Weights

EXAMPLES = """examples:
  sngan-sample RUN_FOLDER                                     a grid of 64
  sngan-sample RUN_FOLDER --best --count 100 --seed 1 --out grid.png
  sngan-sample RUN_FOLDER --classes cat,3                     a row of each
  sngan-sample CHECKPOINT --count 50000 --out samples.npz     for programs that compute FID
  sngan-sample CHECKPOINT --count 50000 --out samples         a folder of PNGs
  sngan-sample RUN_FOLDER --interpolate linear --out way.gif  from samples to samples
  sngan-sample RUN_FOLDER --training --out training.gif       how its grids became what they are
  sngan-sample RUN_FOLDER --nearest 5                         is it memorising?
"""


def build_parser() -> Parser:
    """Build what reads the command line."""
    parser = Parser(
        prog="sngan-sample",
        description="Samples of a trained generator, the ones that sngan-eval scores with this "
        "seed. Sample i depends on the seed and i alone.",
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "arguments",
        nargs="+",
        metavar="CHECKPOINT | KEY=VALUE",
        help="a checkpoint, or a run folder, whose newest one is meant; and 'trust=[PACKAGE]', "
        "whose components it may name, or if_damaged=previous; with --nearest also "
        "extractor=NAME, dataset.KEY=VALUE",
    )
    parser.add_argument("--best", action="store_true", help="of a run folder, take the best")
    parser.add_argument(
        "--weights",
        choices=get_args(Weights),
        help="those that were trained, or their average (default: the average, if there is one)",
    )
    parser.add_argument(
        "--count",
        type=int,
        help=f"how many (default: {COUNT}, or {PER_CLASS} of each class named; {IN_FILM} in a "
        f"film, {PER_CLASS} with --nearest)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default: 0)")
    parser.add_argument(
        "--classes",
        metavar="C[,C...]",
        help="classes by number or name; several take turns and have a row each in a grid "
        "(default: drawn)",
    )
    parser.add_argument(
        "--truncation", type=float, metavar="PSI", help="draw normal noise beyond it anew"
    )
    parser.add_argument(
        "--interpolate",
        choices=["linear", "spherical"],
        help="a grid whose rows lead from one sample to the next, or a film",
    )
    parser.add_argument("--training", action="store_true", help="a film of the run's own grids")
    parser.add_argument(
        "--nearest",
        type=int,
        metavar="K",
        help="a grid whose rows begin with a sample and show the K training pictures nearest to "
        "it, by pixels or by extractor=NAME",
    )
    parser.add_argument("--columns", type=int, help="of a grid (default: as many as rows)")
    parser.add_argument(
        "--frames", type=int, help=f"of a film, from one sample to the next (default: {FRAMES})"
    )
    parser.add_argument(
        "--fps", type=float, default=FPS, help=f"frames of a film per second (default: {FPS})"
    )
    parser.add_argument(
        "--out", type=Path, help="the file or folder (default: here, named after run and step)"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="one PNG with all, a folder of PNGs, one .npz, or a film (default: as --out says, or "
        "grid)",
    )
    parser.add_argument("--force", action="store_true", help="replace samples that are there")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 (default: auto)")
    return parser
