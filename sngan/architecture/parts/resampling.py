"""Convolutions that change the size of the feature map: the same function with fewer operations.

Doubling by nearest neighbour and a 3x3 convolution multiply every value with three weights in a row
where at most two differ; a 3x3 convolution and 2x2 averaging compute four times what they average.
Both are one 4x4 convolution of stride 2, with 2.25 times fewer multiplications, whose kernel is a
sum of shifted copies of the weight. A 1x1 convolution commutes with both, 4 times fewer. Weights,
and whatever a regularizer makes of them, stay those of the 3x3 convolution.

The functions are those of the residual blocks of https://arxiv.org/abs/1802.05957, Figure 8. The
authors' code resizes and convolves in two steps:
https://github.com/pfnet-research/sngan_projection/blob/e84b1a5/gen_models/resblocks.py
"""

from torch import Tensor, nn
from torch.nn import functional


class ResamplingConvolution(nn.Conv2d):
    """A size-keeping convolution, 1x1 or 3x3, beside which the sides are doubled or halved.

    Attributes:
        merged: Whether to use the form with fewer operations. Results differ by rounding only.
    """

    merged = True


class DoublingConvolution(ResamplingConvolution):
    """Nearest x2, then the convolution."""

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, d_in, H, W)`` to ``(N, d_out, 2H, 2W)``."""
        if not self.merged:
            return super().forward(double(x))
        # A 1x1 convolution sees one place at a time, so the four copies may be made after it.
        if self.kernel_size == (1, 1):
            return double(super().forward(x))
        # A place of the input reaches 4x4 places of the output: its own 2x2 copies, and one more
        # on each side. That is a transposed convolution, in which kernels are mirrored and have
        # inputs and outputs in turn, (d_in, d_out, 4, 4). Copies add up: a mean times four.
        kernel = 4 * mean_of_shifts(self.weight.flip(2, 3)).transpose(0, 1)
        return functional.conv_transpose2d(x, kernel, self.bias, stride=2, padding=1)


class BilinearDoublingConvolution(nn.Conv2d):
    """Bilinear x2, then a size-keeping convolution.

    Not the paper's: torch-mimicry's generators have it.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, d_in, H, W)`` to ``(N, d_out, 2H, 2W)``."""
        return super().forward(functional.interpolate(x, scale_factor=2, mode="bilinear"))


class HalvingConvolution(ResamplingConvolution):
    """The convolution, then the mean of each 2x2.

    Attributes:
        halves: Whether to halve; False where a normalisation of the output must come in between.
    """

    halves = True

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, d_in, H, W)`` to ``(N, d_out, H/2, W/2)``."""
        if not self.halves:
            return super().forward(x)
        if not self.merged:
            return halve(super().forward(x))
        # A mean of four results is the result of a mean.
        if self.kernel_size == (1, 1):
            return super().forward(halve(x))
        # The same for 3x3: a mean of four 3x3 windows is a 4x4 window, (d_out, d_in, 4, 4).
        return functional.conv2d(x, mean_of_shifts(self.weight), self.bias, stride=2, padding=1)


def mean_of_shifts(kernel: Tensor) -> Tensor:
    """Return the mean of a kernel's four copies at the corners of a frame larger by one.

    Args:
        kernel: ``(d_out, d_in, k, k)``.

    Returns:
        ``(d_out, d_in, k + 1, k + 1)``: the kernel convolved with 2x2 averaging.
    """
    # Padding with one zero on each side makes 2x2 pooling of a (k, k) kernel (k + 1, k + 1).
    return functional.avg_pool2d(kernel, kernel_size=2, stride=1, padding=1)


def double(x: Tensor) -> Tensor:
    """Repeat every value of ``(N, C, H, W)`` 2x2 times."""
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def halve(x: Tensor) -> Tensor:
    """Average every 2x2 values of ``(N, C, H, W)``."""
    return functional.avg_pool2d(x, kernel_size=2)
