"""What all contestants are given to do."""

from dataclasses import dataclass
from typing import Literal

Network = Literal["cnn", "resnet"]
LATENT_SIZE = 128


@dataclass(frozen=True)
class Task:
    """One training iteration: ``n_dis`` discriminator updates and one generator update.

    Attributes:
        network: ``cnn`` of the paper's Table 3 with the standard loss, or ``resnet`` of Table 4
            with the hinge loss.
        n_dis: Discriminator updates.
        batch_size: Real pictures per discriminator update, and fake ones per update of either side.
        width: Factor on all channel counts.
        image_size: Side of the pictures in pixels.
        workers: Processes that read pictures for the programs of others; ours need none.
    """

    network: Network
    n_dis: int = 1
    batch_size: int = 64
    width: float = 1.0
    image_size: int = 32
    workers: int = 2

    @property
    def pictures(self) -> int:
        """Real pictures that an iteration shows to the discriminator."""
        return self.n_dis * self.batch_size

    def channels(self, count: int) -> int:
        """Return a number of channels of the paper at this width."""
        return max(1, round(count * self.width))
