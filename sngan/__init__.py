"""sngan: spectral normalization for generative adversarial networks (Miyato et al., ICLR 2018).

Importing this package is cheap on purpose: ``sngan-train --help`` must not wait for PyTorch.
"""

__version__ = "0.1.0"
