"""Does the normalisation hold? Largest singular values during training (the paper's Figure 9).

Reference: the authors' sngan_projection, ``source/misc_train_utils.py``,
``monitor_largest_singular_values``: one round of power iteration from the stored ``u``, then an
exact decomposition of the normalised weight.
"""

from sngan.iteration import Iteration
from sngan.monitor.base import BatchesOf, Monitor
from sngan.spectrum import layer_weights, singular_values


class SingularValues(Monitor):
    """Logs ``sigma/raw/LAYER`` and ``sigma/in_use/LAYER``, both exact, for every layer of D.

    Where a normaliser estimates sigma, ``sigma/estimate/LAYER`` is that estimate: raw over in use.

    Args:
        every: Iterations between two measurements, at least 1.
    """

    def __init__(self, every: int = 1000) -> None:
        super().__init__(every)

    def measure(self, iteration: Iteration, batches_of: BatchesOf) -> dict[str, float]:
        """See `Monitor.measure`."""
        values = {}
        for layer in layer_weights(iteration.discriminator):
            values[f"sigma/raw/{layer.name}"] = singular_values(layer.raw)[0].item()
            values[f"sigma/in_use/{layer.name}"] = singular_values(layer.in_use)[0].item()
            if layer.estimate is not None:
                values[f"sigma/estimate/{layer.name}"] = layer.estimate
        return values
