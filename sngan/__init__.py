"""sngan: spectral normalization for generative adversarial networks (Miyato et al., ICLR 2018).

What a program needs is here by name: ``sngan.spectral_norm``, ``sngan.fid``, ``sngan.train`` and
the rest of ``__all__``; ``docs/library.md`` shows it. Importing this package is cheap on purpose,
``sngan-train --help`` must not wait for PyTorch: a name is imported when it is first used.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Accumulator",
    "CnnDiscriminator",
    "CnnGenerator",
    "Dataset",
    "Discriminator",
    "DiscriminatorOutput",
    "Extractor",
    "FeatureMetric",
    "Features",
    "Generator",
    "Judged",
    "Logger",
    "Loss",
    "Metric",
    "Monitor",
    "Pictures",
    "Preprocessing",
    "Regularizer",
    "ResNetCifarDiscriminator",
    "ResNetCifarGenerator",
    "ResNetImageNetDiscriminator",
    "ResNetImageNetGenerator",
    "ResNetStlDiscriminator",
    "ResNetStlGenerator",
    "ResNetWganGpDiscriminator",
    "ResNetWganGpGenerator",
    "ScoreSheet",
    "TrainedGenerator",
    "as_generator",
    "fid",
    "gradient_penalty",
    "hinge_discriminator_loss",
    "hinge_generator_loss",
    "inception_score",
    "kid",
    "load_generator",
    "prdc",
    "quantize",
    "remove_spectral_norm",
    "score",
    "spectral_norm",
    "standard_discriminator_loss",
    "standard_generator_loss",
    "train",
    "wasserstein_discriminator_loss",
    "wasserstein_generator_loss",
]

_MODULES = {
    "architecture.base": ("Discriminator", "DiscriminatorOutput", "Generator"),
    "architecture.cnn": ("CnnDiscriminator", "CnnGenerator"),
    "architecture.resnet_cifar": ("ResNetCifarDiscriminator", "ResNetCifarGenerator"),
    "architecture.resnet_imagenet": ("ResNetImageNetDiscriminator", "ResNetImageNetGenerator"),
    "architecture.resnet_stl": ("ResNetStlDiscriminator", "ResNetStlGenerator"),
    "architecture.resnet_wgan_gp": ("ResNetWganGpDiscriminator", "ResNetWganGpGenerator"),
    "dataset.base": ("Dataset", "Pictures"),
    "extractor.base": ("Extractor", "Features"),
    "api.as_generator": ("as_generator",),
    "api.losses": (
        "gradient_penalty",
        "hinge_discriminator_loss",
        "hinge_generator_loss",
        "standard_discriminator_loss",
        "standard_generator_loss",
        "wasserstein_discriminator_loss",
        "wasserstein_generator_loss",
    ),
    "api.score": ("score",),
    "api.single_scores": ("fid", "inception_score", "kid", "prdc"),
    "api.spectral_norm": ("remove_spectral_norm", "spectral_norm"),
    "api.trained_generator": ("TrainedGenerator", "load_generator"),
    "api.training": ("train",),
    "logger.base": ("Logger",),
    "loss.base": ("Loss",),
    "metric.base": ("Accumulator", "FeatureMetric", "Metric"),
    "monitor.base": ("Monitor",),
    "preprocessing.base": ("Preprocessing",),
    "regularizer.base": ("Judged", "Regularizer"),
    "sampling.quantize": ("quantize",),
    "scoring.sheet": ("ScoreSheet",),
}
"""Where the names are; type checkers read the imports below instead."""

if TYPE_CHECKING:
    from sngan.api.as_generator import as_generator
    from sngan.api.losses import (
        gradient_penalty,
        hinge_discriminator_loss,
        hinge_generator_loss,
        standard_discriminator_loss,
        standard_generator_loss,
        wasserstein_discriminator_loss,
        wasserstein_generator_loss,
    )
    from sngan.api.score import score
    from sngan.api.single_scores import fid, inception_score, kid, prdc
    from sngan.api.spectral_norm import remove_spectral_norm, spectral_norm
    from sngan.api.trained_generator import TrainedGenerator, load_generator
    from sngan.api.training import train
    from sngan.architecture.base import Discriminator, DiscriminatorOutput, Generator
    from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
    from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator, ResNetCifarGenerator
    from sngan.architecture.resnet_imagenet import (
        ResNetImageNetDiscriminator,
        ResNetImageNetGenerator,
    )
    from sngan.architecture.resnet_stl import ResNetStlDiscriminator, ResNetStlGenerator
    from sngan.architecture.resnet_wgan_gp import (
        ResNetWganGpDiscriminator,
        ResNetWganGpGenerator,
    )
    from sngan.dataset.base import Dataset, Pictures
    from sngan.extractor.base import Extractor, Features
    from sngan.logger.base import Logger
    from sngan.loss.base import Loss
    from sngan.metric.base import Accumulator, FeatureMetric, Metric
    from sngan.monitor.base import Monitor
    from sngan.preprocessing.base import Preprocessing
    from sngan.regularizer.base import Judged, Regularizer
    from sngan.sampling.quantize import quantize
    from sngan.scoring.sheet import ScoreSheet
else:  # Not for type checkers, which would take any name for an attribute.

    def __getattr__(name: str) -> object:
        """Import a name when it is first used (PEP 562)."""
        from importlib import import_module

        for module, names in _MODULES.items():
            if name in names:
                found = getattr(import_module(f"{__name__}.{module}"), name)
                globals()[name] = found
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return all names, imported or not."""
    return sorted({*globals(), *__all__})
