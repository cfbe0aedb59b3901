"""A training that goes on from a checkpoint, as it was configured."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from sngan.assembly.check import require_complete, require_packages
from sngan.assembly.compose import plain
from sngan.assembly.consent import kept_consent
from sngan.assembly.networks import build_discriminator, build_generator
from sngan.assembly.optimization import build_schedule
from sngan.assembly.paths import OF_COMPONENTS, absolute_path, located
from sngan.assembly.places import require_places, with_own_places
from sngan.assembly.run import Job
from sngan.assembly.trust import check_trusted, fingerprints
from sngan.assembly.words import Word
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import REMEDY
from sngan.run_folder.folder import RunFolder
from sngan.run_folder.weights import choose_weights
from sngan.system.require import SettingError

RESUMABLE = (
    "total_steps",
    "log_every",
    "sample_every",
    "checkpoint_every",
    "keep_checkpoints",
    "device",
    "dataset.root",
    "dataset.test_root",
    "dataset.cache",
    "dataset.verify",
    "logger",
)
"""Settings that may change when a run is continued; none changes what has been computed."""


def continued(
    file: Path,
    folder: RunFolder,
    config: DictConfig,
    words: Sequence[Word],
    label: str = "",
) -> Job:
    """Return the training that a checkpoint is of, to go on.

    Args:
        file: The checkpoint.
        folder: Where it goes on.
        config: Composed of the user's words; what they change is taken from it, and whom they
            trust.
        words: The user's.
        label: Tells trainings apart that share a terminal.

    Raises:
        ValueError: If the checkpoint cannot be used, or a word would change what was computed.
    """
    state = checkpoint.load(file, "continue", REMEDY)
    try:
        require_complete(state["config"])
    except SettingError as error:
        raise ValueError(
            f"{file} is of an older version: it can be scored, not continued; {error}"
        ) from error
    consent = (*require_packages(config.trust), *kept_consent(file))
    saved = with_own_places(state["config"], consent)
    check_trusted(saved, consent)
    settings = _changed(OmegaConf.create(saved), config, words)
    require_places(settings)
    settings = located(settings, file)
    # Before data are read: they may take long.
    build_generator(settings, state)
    build_discriminator(settings, state)
    if settings.get("average") is not None:
        build_generator(settings, state, choose_weights(state, "average", file))
    return Job(settings, folder, state, label, fingerprints(settings))


def _changed(saved: DictConfig, config: DictConfig, words: Sequence[Word]) -> dict[str, Any]:
    """Return a checkpoint's configuration with the few settings that a user may change."""
    needs_length = build_schedule(plain(saved)).needs_length
    for word in words:
        if word.key == "total_steps" and needs_length:
            raise ValueError(
                f"{word} would change the learning rates of the decay already under way"
            )
        if word.root == "logger":
            OmegaConf.update(saved, "logger", config.get("logger") or {}, merge=False)
        elif word.key in RESUMABLE:
            value = OmegaConf.select(config, word.key)
            is_path = word.key in OF_COMPONENTS and isinstance(value, str)
            OmegaConf.update(saved, word.key, absolute_path(value) if is_path else value)
        elif word.key not in ("resume", "run_dir", "trust", "if_damaged"):
            raise ValueError(
                f"resume continues a run as it was configured: {word} cannot be changed "
                f"(accepted: {', '.join(RESUMABLE)})"
            )
    return plain(saved)
