"""What scores pictures, built from the settings of an evaluation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from sngan.assembly.component import component
from sngan.extractor.base import Extractor
from sngan.metric.base import Metric
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.protocol import Protocol
from sngan.scoring.scorer import Scorer
from sngan.scoring.store import ReferenceStore
from sngan.system.require import within
from sngan.system.workers import Workers


def build_scorer(settings: Mapping[str, Any], device: torch.device, workers: Workers) -> Scorer:
    """Build what ``sngan-eval`` scores with; cheap errors first.

    Raises:
        ValueError: If a setting is not accepted.
        FileNotFoundError: If weights are missing.
    """
    protocols = build_protocols(settings)
    metrics: dict[str, Metric] = {
        str(name): component(node, f"metric.{name}")
        for name, node in (settings.get("metric") or {}).items()
    }
    extractor: Extractor = component(settings["extractor"], "extractor")
    extractor.to(device)
    describe = FeaturePass(extractor, device, settings["batch_size"], workers)
    folder = None if settings["cache"] is None else Path(settings["cache"]).expanduser()
    return Scorer(describe, protocols, metrics, ReferenceStore(folder, describe))


def build_protocols(settings: Mapping[str, Any]) -> list[Protocol]:
    """Build every chosen member of the ``protocol`` group.

    Raises:
        ValueError: If a setting is unknown, or its value is not accepted.
    """
    protocols = []
    for key, node in settings["protocol"].items():
        try:
            with within(f"protocol.{key}"):
                protocols.append(Protocol(**node))
        except TypeError as error:  # A key that Protocol does not know.
            raise ValueError(f"protocol.{key}: {error}") from error
    names = [protocol.name for protocol in protocols]
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"protocol must name some, each once, got {names}")
    return protocols
