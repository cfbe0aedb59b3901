"""Does the normalisation hold? Largest singular values during training (the paper's Figure 9).

Reference: the authors' sngan_projection, ``source/misc_train_utils.py``,
``monitor_largest_singular_values``: one round of power iteration from the stored ``u``, then an
exact decomposition of the normalised weight.
"""

from sngan.analysis.spectrum import largest_singular_value, layer_weights
from sngan.monitor.base import Monitor
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.declared import Steps


class SingularValues(Monitor):
    """Logs ``sigma/raw/LAYER`` and ``sigma/in_use/LAYER``, both exact, for every layer of D.

    Under spectral norm ``sigma/estimate/LAYER`` is what the weight was divided by.

    Args:
        every: Iterations between two measurements, at least 1.
    """

    def __init__(self, every: Steps = 1000) -> None:
        super().__init__(every)

    def measure(self, iteration: Iteration, splits: Splits) -> dict[str, float]:
        """See `Monitor.measure`."""
        values = {}
        for layer in layer_weights(iteration.discriminator):
            values[f"sigma/raw/{layer.name}"] = largest_singular_value(layer.raw)
            values[f"sigma/in_use/{layer.name}"] = largest_singular_value(layer.in_use)
            if layer.estimate is not None:
                values[f"sigma/estimate/{layer.name}"] = layer.estimate
        return values
