"""torch-mimicry's own SNGAN: its networks and its ``train_step``, in the order of its trainer.

The network is its reading of Table 4: like ours but for bilinear up-sampling. torch-mimicry 0.1.16
declares TensorFlow and more, for its metrics; ``pip install --no-deps --target DIR torch-mimicry``
gives what is needed here, and ``--mimicry DIR`` says where.
"""

import importlib
import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from scripts.benchmark.loader import endless
from scripts.benchmark.task import LATENT_SIZE, Task

PACKAGE = "torch_mimicry"
BARE = (PACKAGE, f"{PACKAGE}.training")  # Packages that import TensorFlow and TensorBoard.
LEARNING_RATE, BETAS = 2e-4, (0.0, 0.9)  # As its README trains.


def find_mimicry(folder: Path | None) -> Path | None:
    """Return torch-mimicry's package folder, or None if it is nowhere.

    Args:
        folder: Where it was installed to; None for where Python finds it.

    Raises:
        FileNotFoundError: If it is not in the folder given.
    """
    if folder is not None and not (folder / PACKAGE).is_dir():
        raise FileNotFoundError(f"--mimicry must be a folder with {PACKAGE} in it, got {folder}")
    found = PathFinder.find_spec(PACKAGE, None if folder is None else [str(folder)])
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent


class MimicryIteration:
    """Call it to train once, as the inner loop of its ``Trainer.train`` does.

    Args:
        task: What to train on what; the network is always the ResNet.
        device: Where.
        package: torch-mimicry's package folder.
    """

    def __init__(self, task: Task, device: torch.device, package: Path) -> None:
        networks = load_module(package, "nets.sngan.sngan_32")
        self.new_log = load_module(package, "training.metric_log").MetricLog
        self.task = task
        self.device = device
        self.generator = networks.SNGANGenerator32(
            nz=LATENT_SIZE, ngf=task.channels(256), bottom_width=task.image_size // 8
        ).to(device)
        self.discriminator = networks.SNGANDiscriminator32(ndf=task.channels(128)).to(device)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), LEARNING_RATE, BETAS)
            for network in (self.generator, self.discriminator)
        ]
        self.batches = endless(task, pin_memory=device.type == "cuda")

    def __call__(self) -> None:
        """Train once: ``n_dis`` discriminator updates, then one of the generator."""
        log = self.new_log()
        for _ in range(self.task.n_dis):
            images, labels = next(self.batches)
            batch = (images.to(self.device), labels.to(self.device))
            common: dict[str, Any] = {"real_batch": batch, "device": self.device}
            log = self.discriminator.train_step(
                netG=self.generator, optD=self.optimizers[1], log_data=log, **common
            )
        self.generator.train_step(
            netD=self.discriminator, optG=self.optimizers[0], log_data=log, **common
        )


def load_module(package: Path, name: str) -> Any:  # noqa: ANN401 - a module without types.
    """Import one of its modules without what its packages import beside it."""
    for bare in BARE:
        module = ModuleType(bare)
        module.__path__ = [str(package.joinpath(*bare.split(".")[1:]))]
        sys.modules.setdefault(bare, module)
    return importlib.import_module(f"{PACKAGE}.{name}")
