"""Write docs/settings.md: every setting, its default, and what it accepts, from the signatures.

python -m scripts.settings_table
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.settings import (
    ADDED,
    COMMAND,
    EVALUATION,
    NETWORKS,
    OPTIMIZER,
    TRAINING,
    Kinds,
    select,
)
from sngan.scoring.protocol import Protocol
from sngan.system.declared import kinds_of, said
from sngan.system.printable import shown
from sngan.system.require import SettingError

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
GROUPS = (
    "dataset",
    "architecture",
    "loss",
    "regularizer",
    "schedule",
    "augmentation",
    "average",
    "monitor",
    "logger",
    "extractor",
    "metric",
)
HEAD = """# Settings and what they accept

A word of another type or out of range is refused before anything is built: one line that names the
setting, the value and what is accepted, exit code 2, nothing made. A whole number does wherever a
fraction does. Upper limits are far beyond any use; they are there for mistyped words and for the
files of strangers. This page is made of the signatures that are checked
(`python -m scripts.settings_table`); a test compares them, and another gives every setting 21 kinds
of wrong words (`tests/fuzz/test_settings.py`). What `resume`, `run_dir` and `trust` take is in the
[guide](guide.md).
"""


def page() -> str:
    """Return the page."""
    train, evaluate = (_member("", name) for name in ("train", "evaluate"))
    train.merge_with({"setting": OmegaConf.load(CONFIG_DIR / "setting" / "C.yaml")})
    train.merge_with(OmegaConf.load(CONFIG_DIR / "speed" / "exact.yaml"))
    train.merge_with({"optimizer": _member("optimizer", "adam")})
    optimizer = {f"optimizer.{name}": kind for name, kind in OPTIMIZER.items()}
    optimizer |= {f"optimizer.{network}.lr": OPTIMIZER["lr"] for network in NETWORKS}
    parts = [
        HEAD,
        _table("`sngan-train`", {**TRAINING, **ADDED, **COMMAND, **optimizer}, train),
        _table("`sngan-eval`", EVALUATION, evaluate),
        *(_table(title, *about) for group in GROUPS for title, about in _members(group)),
        _table("`protocol=paper`", kinds_of(Protocol), _member("protocol", "paper")),
    ]
    return "\n".join(parts)


def _members(group: str) -> Iterator[tuple[str, tuple[Kinds, DictConfig]]]:
    """Yield each member of a group that has settings, with their kinds and defaults."""
    for file in sorted((CONFIG_DIR / group).glob("*.yaml")):
        config = _member(group, file.stem)
        parts = {"": config} if "_target_" in config else {str(key): config[key] for key in config}
        for name, node in parts.items():
            if OmegaConf.is_dict(node) and "_target_" in node:
                kinds = _plain_kinds(node)
                if kinds:
                    yield f"`{group}={file.stem}`{name and f', {name}'}", (kinds, node)


def _member(group: str, name: str) -> DictConfig:
    config = OmegaConf.load(CONFIG_DIR / group / f"{name}.yaml")
    assert isinstance(config, DictConfig)
    return config


def _plain_kinds(node: Mapping[str, Any]) -> Kinds:
    """Return the kinds of the arguments that a configuration gives; others are objects."""
    kinds = kinds_of(get_object(node["_target_"]))
    return {
        name: kind
        for name, kind in kinds.items()
        if name not in ("return", "wrap_layer", "extractor", "protocol", "adversarial", "generator")
    }


def _table(title: str, kinds: Kinds, defaults: Mapping[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_default(defaults, name)} | {said(kind)} |" for name, kind in kinds.items()
    ]
    return "\n".join(
        [f"\n## {title}\n", "| setting | default | accepted |", "| - | - | - |", *rows]
    )


def _default(settings: Mapping[str, Any], name: str) -> str:
    """Return a default as it stands in the file."""
    raw: Any = OmegaConf.to_container(settings) if OmegaConf.is_config(settings) else settings
    try:
        value = select(raw, name)
    except SettingError:
        return ""
    return f"`{shown(value)}`"


if __name__ == "__main__":
    PAGE.write_text(page() + "\n")
