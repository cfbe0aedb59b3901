"""Does D tell real from fake, and the right way round?"""

import torch
from torch import Tensor

from sngan.dataset.base import Split
from sngan.monitor.base import Monitor
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.declared import Count, Steps, checked


class Separation(Monitor):
    """Logs how D separates held-out pictures from generated ones, and how these differ.

    ``separation/gap`` is ``E f(x) - E f(G(z))``, negative where D prefers fakes;
    ``separation/slope`` the mean length of the logit's gradient, per picture, between real and fake
    ones, which a gradient penalty pulls to one; ``separation/diversity`` the standard deviation of
    a pixel over generated pictures, which have values in ``[-1, 1]``, 0 where all are the same.

    Args:
        every: Iterations between two measurements, at least 1.
        num_batches: Batches of each kind, at least 1.

    Raises:
        ValueError: If a count is below 1.
    """

    uses: tuple[Split, ...] = ("test",)

    @checked
    def __init__(self, every: Steps = 1000, num_batches: Count = 4) -> None:
        super().__init__(every)
        self.num_batches = num_batches

    def measure(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """See `Monitor.measure`."""
        torch.manual_seed(0)  # The same pictures and noise each time.
        batches = splits("test")
        found = [_look(iteration, *batches.next()) for _ in range(self.num_batches)]
        names = ("gap", "slope", "diversity")
        values = torch.stack(found).mean(dim=0).tolist()
        return {f"separation/{name}": value for name, value in zip(names, values, strict=True)}


def _look(iteration: Iteration, real: Tensor, labels: Tensor | None) -> Tensor:
    """Return gap, slope and diversity of a batch, ``(3,)``."""
    [(fake, fake_labels)] = iteration.make_fakes()
    with torch.no_grad():
        judged = iteration.judge(real, labels, fake, fake_labels)
    epsilon = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
    mixed = (epsilon * judged.real + (1 - epsilon) * judged.fake).requires_grad_()
    logits = iteration.discriminator(mixed, labels).logits
    (gradient,) = torch.autograd.grad(logits.sum(), mixed)
    gap = judged.of_real.logits.mean() - judged.of_fake.logits.mean()
    slope = torch.linalg.vector_norm(gradient.flatten(1), dim=1).mean()
    return torch.stack([gap, slope, judged.fake.std(dim=0).mean()])
