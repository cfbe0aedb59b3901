import pytest
import torch

from sngan.run_folder.folder import Best, RunFolder
from sngan.run_folder.metrics import Metrics
from sngan.sampling.picture_files import write_grid
from sngan.training.tracking import Tracking

SETTINGS = {"seed": 3, "setting": {"lr": 0.5, "betas": [0.0, 0.9]}, "keep_checkpoints": None}
BEST = Best(2, "distance/x", 5.0)


class Told:
    """A run that writes entries and grids at steps, with a logger beside it."""

    def __init__(self, folder, logger):
        self.folder, self.logger = RunFolder(folder), logger

    def __call__(self, *steps, begun_at=0, outcome="finished", best=None):
        metrics = Metrics(self.folder.metrics, begun_at)
        self.folder.discard_after(begun_at)
        tracking = Tracking({"it": self.logger()}, self.folder, SETTINGS, torch.device("cpu"))
        tracking.begin(metrics)
        for step in steps:
            metrics.log(step, {"loss/discriminator": float(step)})
            metrics.log(step, {"distance/x": 7.0 - step, "loss/discriminator/train": 1.0})
            picture = torch.full((1, 3, 8, 8), step, dtype=torch.uint8)
            write_grid(self.folder.grid(step), picture, 1)
            tracking.picture(step, self.folder.grid(step))
        if outcome is not None:
            tracking.end(outcome, best)
        return tracking


@pytest.fixture
def told(tmp_path):
    def make(logger):
        (tmp_path / "run" / "samples").mkdir(parents=True)
        return Told(tmp_path / "run", logger)

    return make
