"""No regularization: the un-normalised discriminator, the row the paper's Table 2 lacks."""

from sngan.regularizer.base import Regularizer


class NoRegularizer(Regularizer):
    """Every hook is the base's no-op; a null object, so that the loop needs no condition."""
