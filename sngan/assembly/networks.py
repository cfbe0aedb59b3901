"""Networks of checkpoints, and the regularizer that shapes a discriminator."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from torch import Tensor, nn

from sngan.architecture.base import Discriminator, Generator
from sngan.assembly.component import component
from sngan.regularizer.base import Regularizer
from sngan.regularizer.parts.combined import Combined
from sngan.run_folder.weights import Weights, weights_of
from sngan.system.allotment import Allotment

MOST_TIMES = 4
"""The weights' size, a network may take while it is built: layers are wrapped."""
HARMLESS = 2**26
"""Bytes besides."""


def build_generator(
    settings: Mapping[str, Any], state: Mapping[str, Any], which: Weights = "raw"
) -> Generator:
    """Build the generator of a checkpoint on the CPU.

    Args:
        settings: With the architecture.
        state: The checkpoint's content.
        which: Weights that it has; see `sngan.run_folder.weights`.

    Raises:
        ValueError: If settings and weights do not fit each other.
    """
    node = settings["architecture"]["generator"]
    weights = weights_of(state, which)
    with _as_large_as(weights):
        generator: Generator = component(node, "architecture.generator")
    _load_weights(generator, weights)
    return generator


def build_discriminator(settings: Mapping[str, Any], state: Mapping[str, Any]) -> Discriminator:
    """Build the discriminator of a checkpoint on the CPU, as its regularizer made it.

    Args:
        settings: With architecture and regularizer.
        state: The checkpoint's content.

    Raises:
        ValueError: If settings and weights do not fit each other.
    """
    weights = state["iteration"]["discriminator"]
    regularizer = build_regularizer(settings)
    with _as_large_as(weights):
        discriminator: Discriminator = component(
            settings["architecture"]["discriminator"],
            "architecture.discriminator",
            wrap_layer=regularizer.wrap_layer,
        )
        regularizer.prepare(discriminator)
    _load_weights(discriminator, weights)
    return discriminator


def build_regularizer(settings: Mapping[str, Any]) -> Regularizer:
    """Build every chosen member of the ``regularizer`` group.

    Raises:
        ValueError: If there is none, or a setting belongs to one that is not chosen.
    """
    chosen = settings.get("regularizer") or {}
    if not chosen:
        raise ValueError("regularizer must name at least one, got []; regularizer=none is for none")
    for name, node in chosen.items():
        if "_target_" not in node:
            raise ValueError(
                f"regularizer.{name} is set, but regularizer={name} is not among those chosen"
            )
    parts = [component(node, f"regularizer.{name}") for name, node in chosen.items()]
    return parts[0] if len(parts) == 1 else Combined(parts)


def _as_large_as(weights: Mapping[str, Any]) -> Allotment:
    """Return a context in which no network can be built that is much larger than its weights."""
    size = sum(value.nbytes for value in weights.values() if isinstance(value, Tensor))
    said = "the checkpoint's weights do not fit its configuration, which is of a larger network"
    return Allotment(MOST_TIMES * size + HARMLESS, said)


def _load_weights(network: nn.Module, weights: Mapping[str, Any]) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        said = shorten(str(error), 200, placeholder=" ...")  # In one line.
        raise ValueError(
            f"the checkpoint's weights do not fit its configuration: {said}"
        ) from error
