"""What ``sngan-train --help`` prints: the settings of the chosen members, with their comments.

The comments stand in the files of the configuration, and a composed configuration has lost them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap

import hydra
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf

from sngan.assembly.compose import CONFIG_DIR, CONFIGURATION_ERRORS, config_folders, search_path
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.suggestions import explained
from sngan.system.layout import WHOLE_WORDS, fitted

PACKAGE = re.compile(r"# @package (\S+)")
LINE = re.compile(r"(?P<margin>\s*)(?P<key>[\w@/.-]+):(?P<value>.*?)(?:\s+# (?P<comment>.*))?")
CHOICE = re.compile(r"\s+- (\w+): .*?# (.*)")
MARGIN = 4 * " "
COMMENT_AT = 28
"""Column of comments, for those behind a value."""


def help_text(words: Sequence[str], config_dir: Path | None, width: int) -> str:
    """Return the help of a command line, whose words may choose other members.

    Args:
        words: ``KEY=VALUE``.
        config_dir: A folder with config groups of the user's own.
        width: Columns there are.

    Raises:
        ValueError: If the words do not fit together.
    """
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        own = search_path(config_dir)
        try:
            config = hydra.compose("train", [*own, *words], return_hydra_config=True)
        except CONFIGURATION_ERRORS as error:
            raise explained("train", [*own, *words], error) from error
        groups = _groups(width)
    choices = {str(group): member for group, member in config.hydra.runtime.choices.items()}
    comments = _comments(choices, config_folders(config_dir))
    template = str(config.hydra.help.template)
    training = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    settings = "\n".join(_settings(training, comments, width))
    before, after = template.split("$APP_CONFIG_GROUPS")
    between, after = after.split("$CONFIG")
    parts = fitted(before, width), groups, fitted(between, width), settings, fitted(after, width)
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _groups(width: int) -> str:
    """Return each group with what it is for and its members."""
    loader = GlobalHydra.instance().config_loader()
    about = dict(CHOICE.findall((CONFIG_DIR / "train.yaml").read_text()))
    lines = []
    for group in loader.list_groups(""):
        if group != "hydra":
            said = f"{group}: {about[group]}" if group in about else f"{group}"
            members = ", ".join(loader.get_group_options(group))
            indented = wrap(members, width - len(MARGIN), **WHOLE_WORDS)
            lines += [*wrap(said, width), *(f"{MARGIN}{line}" for line in indented)]
    return "\n".join(lines)


def _comments(choices: Mapping[str, object], folders: Sequence[Path]) -> dict[str, str]:
    """Return what the files of chosen members say of each setting, by its whole name."""
    files = [("", "train")]
    for group, members in choices.items():
        names = members if isinstance(members, list) else [members]
        files += [(group, str(name)) for name in names if name]
    found: dict[str, str] = {}
    for group, name in files:
        for folder in folders:
            path = folder / group.partition("@")[0] / f"{name}.yaml"
            if path.is_file():
                found |= _comments_in(path.read_text(encoding="utf-8"), group)
    return found


def _comments_in(text: str, group: str) -> dict[str, str]:
    header = PACKAGE.match(text)
    package = (header[1] if header else group.partition("@")[2] or group).replace("/", ".")
    place = [] if package in ("_global_", "") else package.split(".")
    found: dict[str, str] = {}
    margins: list[int] = []
    keys: list[str] = []
    for line in text.splitlines():
        if (match := LINE.fullmatch(line)) is None:
            continue
        while margins and margins[-1] >= len(match["margin"]):
            margins.pop()
            keys.pop()
        margins.append(len(match["margin"]))
        keys.append(match["key"])
        if match["comment"]:
            found[".".join([*place, *keys])] = match["comment"]
    return found


def _settings(
    config: DictConfig, comments: Mapping[str, str], width: int, place: str = ""
) -> Iterator[str]:
    """Yield the lines of a configuration: comments behind values, or before if that is too long."""
    margin = "  " * place.count(".")
    for own_name, value in config.items_ex(resolve=False):
        key = str(own_name)
        is_node = isinstance(value, DictConfig) and not value._is_none() and bool(value)
        name, said = f"{place}{key}", comments.get(f"{place}{key}", "")
        values = [] if is_node else _shown(config, key)
        line = f"{margin}{key}: {_flow(values)}".rstrip()
        is_long = len(line) > width and len(values) > 1
        if is_long:
            line = "\n".join([f"{margin}{key}:", *(f"{margin}- {item}" for item in values)])
        if said and not is_long and len(behind := f"{line:{COMMENT_AT}}  # {said}") <= width:
            yield behind
        else:
            hash_ = f"{margin}# "
            yield from wrap(said, width, initial_indent=hash_, subsequent_indent=hash_)
            yield line
        if is_node:
            yield from _settings(value, comments, width, f"{name}.")


def _shown(config: DictConfig, key: str) -> list[str]:
    """Return a value as it is written, or each of several; ours to work out are not shown."""
    alone = OmegaConf.masked_copy(config, [key])
    text = OmegaConf.to_yaml(alone).partition(":")[2].strip()
    if text.startswith("${sngan."):
        return ["(worked out)"]
    return [part.removeprefix("- ") for part in text.splitlines()]


def _flow(values: Sequence[str]) -> str:
    return ", ".join(values).join("[]" if len(values) > 1 else ("", ""))
