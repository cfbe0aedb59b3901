"""TensorBoard: event files in ``RUN_FOLDER/tensorboard``."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from sngan.logger.base import Logger, Outcome, TrackedRun, require_package


class TensorBoardLogger(Logger):
    """Scalars, grids and hyper-parameters. The files are made anew when a run goes on.

    Raises:
        ModuleNotFoundError: If the package is missing.
    """

    def __init__(self) -> None:
        require_package("tensorboard", "tensorboard")

    def begin(self, run: TrackedRun) -> None:
        """See `Logger.begin`."""
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams

        folder = run.folder / "tensorboard"
        for old in folder.glob("events.out.tfevents.*"):
            old.unlink()
        self._writer = SummaryWriter(str(folder))
        _, start, self._end = hparams(dict(run.settings), {})  # Of this run, not one below it.
        self._writer._get_file_writer().add_summary(start)

    def log(self, step: int, values: Mapping[str, float], at: float) -> None:
        """See `Logger.log`."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step, walltime=at)
        self._writer.flush()

    def picture(self, step: int, path: Path, at: float) -> None:
        """See `Logger.picture`."""
        with Image.open(path) as grid:
            pixels = np.asarray(grid.convert("RGB"))
        self._writer.add_image("samples", pixels, step, walltime=at, dataformats="HWC")

    def end(self, step: int, scores: Mapping[str, float], outcome: Outcome) -> None:
        """See `Logger.end`."""
        for name, value in scores.items():
            self._writer.add_scalar(name, value, step)
        self._writer._get_file_writer().add_summary(self._end)
        self._writer.close()
