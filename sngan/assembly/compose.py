"""Configurations, composed by Hydra from files and words; none of this imports PyTorch."""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, Node, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sngan.assembly.check import check_choices, check_training
from sngan.assembly.hydra_versions import BASE
from sngan.assembly.suggestions import check_members, explained
from sngan.assembly.words import adds, parse, quoted, word_in
from sngan.system.files import write_text
from sngan.system.require import SettingError

CONFIG_DIR = next(
    folder
    for folder in (Path(__file__).parents[1] / "configs", Path(__file__).parents[2] / "configs")
    if folder.is_dir()  # The first is there in an installed wheel, the second in a checkout.
)
GROUPS = frozenset(folder.name for folder in CONFIG_DIR.iterdir() if folder.is_dir())
"""Those of sngan. A package can bring others."""
CONFIGURATION_ERRORS = (HydraException, OmegaConfBaseException)
"""Errors of the configuration libraries, which a user can mend."""
SOURCE = re.compile(r"\$\{([\w.]+)\}")  # A value that is another setting's.
PLACES_OF_A_RUN = ("hydra", "resume", "run_dir", "pack", "trust", "if_damaged")
"""Settings that say where a training comes from and goes to, not what it is."""


def compose(name: str, words: Sequence[str], config_dir: Path | None = None) -> DictConfig:
    """Compose a configuration outside of `hydra.main`.

    Args:
        name: Of the primary file.
        words: Of the command line.
        config_dir: A folder with config groups of the user's own.

    Raises:
        ValueError: If a word names no member of a group.
        FileNotFoundError: If there is no such folder.
    """
    check_choices(parse(words), GROUPS)
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        return _composed(name, [*search_path(config_dir), *words])


def compose_trainings(
    several: Iterable[Sequence[str]], config_dir: Path | None = None
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Compose trainings as ``sngan-train`` would, each in a fifth of a second.

    Args:
        several: Words of the command line of each.
        config_dir: See `compose`.

    Yields:
        Plain settings, and the members chosen by group.

    Raises:
        ValueError: If a setting is not accepted.
    """
    own = search_path(config_dir)
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        for words in several:
            ordered = scale_after_experiment([*words])
            check_choices(parse(ordered), GROUPS)
            config = _composed("train", [*own, *ordered], with_hydra=True)
            choices = dict(config.hydra.runtime.choices)
            training = training_of(config)
            check_training(training, choices, parse(words))
            yield plain(training), choices


def _composed(name: str, words: Sequence[str], *, with_hydra: bool = False) -> DictConfig:
    try:
        return hydra.compose(name, [*words], return_hydra_config=with_hydra)
    except CONFIGURATION_ERRORS as error:
        raise explained(name, words, error) from error


def require_composable(name: str, arguments: Sequence[str], *, is_sweep: bool) -> None:
    """Raise unless the words of a command line fit together; of a sweep, the first of each.

    Hydra would say so, too, in its own way.

    Args:
        name: Of the primary file.
        arguments: The command line, which may have Hydra's options.
        is_sweep: Whether commas part the values of several runs.

    Raises:
        ValueError: Naming the word that does not fit, and what may be meant.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config-dir", type=Path)
    options, others = parser.parse_known_args(arguments)
    words = [word for text in others if text[:1] != "-" and (word := word_in(text))]
    for word in () if is_sweep else words:
        if word.is_sweep:
            raise ValueError(f"{word} is several values: add -m for a run with each of them")
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        own = search_path(options.config_dir)
        try:
            hydra.compose(name, [*own, *(first for word in words if (first := word.first))])
        except CONFIGURATION_ERRORS as error:
            raise explained(name, [*own, *map(str, words)], error) from error
        check_members(words, own)


def config_folders(config_dir: Path | None = None) -> list[Path]:
    """Return the folders that configurations are composed from, Hydra's own left out.

    Args:
        config_dir: See `compose`.
    """
    with hydra.initialize_config_dir(str(CONFIG_DIR), **BASE):
        sources = GlobalHydra.instance().config_loader().get_sources()
    places = [(source.scheme(), source.path) for source in sources if source.provider != "hydra"]
    folders = [Path(path) for scheme, path in places if scheme == "file"]
    packages = [path for scheme, path in places if scheme == "pkg" and path]
    folders += [Path(folder) for package in packages for folder in _folders_of(package)]
    return folders if config_dir is None else [*folders, config_dir]


def _folders_of(package: str) -> list[str]:
    """Return where a package lies; one without ``__init__.py`` may lie in several places."""
    try:
        found = find_spec(package)
    except ModuleNotFoundError:
        return []
    return list((found and found.submodule_search_locations) or ())


def plugin_files() -> list[Path]:
    """Return the files of Hydra's plugins: a package adds its config groups by one of them."""
    found = find_spec("hydra_plugins")
    folders = (found and found.submodule_search_locations) or ()
    files = (path for folder in folders for path in Path(folder).glob("*"))
    return sorted(path for path in files if path.name != "__pycache__")


def search_path(config_dir: Path | None) -> list[str]:
    """Return the word that adds a folder of the user's config groups, if there is one.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    if config_dir is None:
        return []
    if not config_dir.is_dir():
        raise FileNotFoundError(f"--config-dir must be an existing folder, got {config_dir}")
    return [f"hydra.searchpath=[{quoted(f'file://{config_dir.resolve()}')}]"]


def scale_after_experiment(words: Sequence[str]) -> list[str]:
    """Put ``+scale=`` behind ``+experiment=``: Hydra applies groups in the order given."""
    scales = [word for word in words if adds(word, "scale")]
    others = [word for word in words if word not in scales]
    for index, word in enumerate(others):
        if adds(word, "experiment"):
            return [*others[: index + 1], *scales, *others[index + 1 :]]
    return [*words]


def training_of(config: DictConfig) -> DictConfig:
    """Return a composed configuration without where the training comes from and goes to."""
    kept = [str(key) for key in config if key not in PLACES_OF_A_RUN]
    copy = OmegaConf.masked_copy(config, kept)
    OmegaConf.set_struct(copy, False)
    return copy


@contextmanager
def under_typed_name(config: DictConfig) -> Iterator[None]:
    """Let errors name a setting as its user would type it.

    A part knows its own arguments; where the configuration takes one from somewhere else, as
    ``architecture.generator.image_size`` from ``dataset.image_size``, that is what to change.

    Args:
        config: As composed, not resolved.
    """
    try:
        yield
    except SettingError as error:
        raise type(error)(_source(config, error.setting), error.said) from error


def _source(config: DictConfig, key: str) -> str:
    """Return where a setting's value comes from: another setting, or itself."""
    parent, _, name = key.rpartition(".")
    node = OmegaConf.select(config, parent) if parent else config
    if not isinstance(node, DictConfig) or name not in node:
        return key
    raw = node._get_node(name)
    reference = SOURCE.fullmatch(str(raw._value())) if isinstance(raw, Node) else None
    return _source(config, reference[1]) if reference else key


def plain(config: DictConfig) -> dict[str, Any]:
    """Return a configuration as plain resolved values."""
    values = OmegaConf.to_container(config, resolve=True)
    assert isinstance(values, dict)
    return {str(key): value for key, value in values.items()}


def save(settings: Mapping[str, Any], path: Path) -> None:
    """Write plain settings as YAML, whole or not at all."""
    write_text(path, to_yaml(settings))


def to_yaml(settings: Mapping[str, Any]) -> str:
    """Return plain settings as YAML."""
    return OmegaConf.to_yaml(OmegaConf.create(dict(settings)))
