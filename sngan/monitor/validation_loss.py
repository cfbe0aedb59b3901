"""Does the critic overfit? Its loss on training and on held-out pictures (Figure 15a)."""

import torch
from torch import Tensor

from sngan.dataset.base import Split
from sngan.monitor.base import Monitor, undisturbed
from sngan.step.batches import Batches
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.declared import Count, Steps, checked


class ValidationLoss(Monitor):
    """Logs D's loss, without penalty, as ``loss/discriminator/train`` and ``.../test``.

    Each measurement uses the same pictures and the same noise.

    Args:
        every: Iterations between two measurements, at least 1.
        num_batches: Batches per split that enter the mean, at least 1.

    Raises:
        ValueError: If a count is below 1.
    """

    uses = ("train", "test")

    @checked
    def __init__(self, every: Steps = 1000, num_batches: Count = 16) -> None:
        super().__init__(every)
        self.num_batches = num_batches

    def measure(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """See `Monitor.measure`."""
        return {
            f"loss/discriminator/{split}": self._mean(iteration, splits, split)
            for split in self.uses
        }

    def _mean(self, iteration: Iteration, splits: Splits, split: Split) -> float:
        with undisturbed(iteration), torch.no_grad():  # Both splits meet the same state.
            torch.manual_seed(0)
            batches = splits(split)
            losses = [_loss(iteration, batches) for _ in range(self.num_batches)]
        return torch.stack(losses).mean().item()


def _loss(iteration: Iteration, batches: Batches) -> Tensor:
    """Return D's loss on the next real batch and fresh fakes, scalar."""
    real, labels = batches.next()
    [(fake, fake_labels)] = iteration.make_fakes()
    judged = iteration.judge(real, labels, fake, fake_labels)
    return iteration.loss.discriminator(judged.of_real, judged.of_fake)
