"""Scripts by which shells complete the words of all commands: options, groups, members, settings.

They hold all words, so that a shell asks nobody at a press of the key: starting a command to ask
takes a second. What other packages add is in a script that is made where they are installed.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import hydra
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.suggestions import PLUS, keys_of
from sngan.commands.console import EXIT_USAGE

HERE = Path(__file__).with_name("completion_scripts")
SHELLS = ("bash", "zsh", "fish")
PARSERS = {
    "sngan-eval": "evaluate", "sngan-sample": "sample", "sngan-analyze": "analyze",
    "sngan-reproduce": "reproduce", "sngan-report": "report", "sngan-export": "export",
    "sngan-import": "import_generator",
}  # fmt: skip
TRAIN_OPTIONS = (
    "--cfg", "--completion", "--config-dir", "--help", "--info", "--multirun", "--version",
)  # fmt: skip
OF_EVALUATION = ("extractor", "metric", "protocol")
LAUNCHER = "hydra/launcher"


def main(program: str, arguments: Sequence[str]) -> None:
    """Print the script for the shell that follows ``--completion``."""
    after = arguments[arguments.index("--completion") + 1 :]
    shell = after[0] if after else ""
    if shell not in SHELLS:
        said = f"--completion must be one of {', '.join(SHELLS)}, got {shell or 'nothing'}"
        print(f"{program}: error: {said}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE)
    print(script(shell))


def script(shell: str) -> str:
    """Return what a shell has to read.

    Args:
        shell: One of `SHELLS`.
    """
    lines = [
        f"_sngan_words_{program.removeprefix('sngan-')}='{' '.join(words)}'"
        for program, words in words_of_commands().items()
    ]
    if shell == "fish":
        lines = [f"set -g {line.replace('=', ' ', 1)}" for line in lines]
    return "\n".join([*lines, (HERE / f"complete.{shell}").read_text(encoding="utf-8").rstrip()])


def words_of_commands() -> dict[str, list[str]]:
    """Return all words of each command."""
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        loader = GlobalHydra.instance().config_loader()
        groups = {group: loader.get_group_options(group) for group in loader.list_groups("")}
        launchers = [f"{LAUNCHER}={name}" for name in loader.get_group_options(LAUNCHER)]
        train, evaluate = (_keys(hydra.compose(name)) for name in ("train", "evaluate"))
    del groups["hydra"]
    ours = _choices({group: found for group, found in groups.items() if group not in OF_EVALUATION})
    scores = _choices({group: groups[group] for group in (*OF_EVALUATION, "dataset")})
    trust = ["trust=", "if_damaged="]
    of_commands = {
        "sngan-eval": [*scores, *evaluate],
        "sngan-sample": trust,
        "sngan-analyze": trust[:1],
        "sngan-reproduce": sorted({*ours, *scores, *train, *evaluate, *launchers}),
        "sngan-report": [],
        "sngan-export": trust[:1],
        "sngan-import": [],
    }
    found = {"sngan-train": [*TRAIN_OPTIONS, *ours, *train, *launchers]}
    for program, module in PARSERS.items():
        parser = import_module(f"sngan.commands.{module}").build_parser()
        options = [name for name in parser.option_names if name.startswith("--")]
        found[program] = [*options, *of_commands[program]]
    return found


def _choices(groups: Mapping[str, Iterable[str]]) -> list[str]:
    return [
        f"{'+' if group in PLUS else ''}{group}={member}"
        for group, members in groups.items()
        for member in members
    ]


def _keys(config: DictConfig) -> list[str]:
    return [f"{key}=" for key in keys_of(config) if "_target_" not in key]
