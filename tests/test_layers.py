"""The map of the package: rooms in layers, each of which imports only from those below it."""

import ast
import re
from pathlib import Path

import pytest

import sngan
from sngan.assembly.compose import CONFIG_DIR

PACKAGE = Path(sngan.__file__).parent
CONTRIBUTING = Path(__file__).parents[1] / "CONTRIBUTING.md"
LAYERS = (
    {"system"},
    {"architecture"},
    {
        "loss",
        "regularizer",
        "preprocessing",
        "dataset",
        "schedule",
        "extractor",
        "metric",
        "average",
        "augmentation",
    },
    {"sampling", "run_folder"},
    {"step", "analysis", "scoring"},
    {"monitor", "logger"},
    {"training"},
    {"assembly"},
    {"reproduce", "sharing"},
    {"report"},
    {"commands", "api"},
)
"""From the ground up."""
LEVELS = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
GROUPS = (
    "architecture", "loss", "regularizer", "preprocessing", "dataset", "schedule", "extractor",
    "metric", "monitor", "logger", "average",
    "augmentation",
)  # fmt: skip
"""Rooms that are config groups."""
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)


def imports_of(path):
    """Yield every module that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def name_of(path):
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def id_of(path):
    return path.relative_to(PACKAGE).as_posix()


def test_every_room_has_its_layer_and_nothing_lies_outside():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert rooms - {"__pycache__", "configs"} == set(LEVELS)  # A wheel holds configs, too.
    assert [path.name for path in PACKAGE.glob("*.py")] == ["__init__.py"]


def test_the_map_for_contributors_shows_every_room_above_those_it_imports():
    the_map = CONTRIBUTING.read_text().partition("## The map")[2].partition("\n## ")[0]
    rows = [
        re.findall(r"`(\w+)`", line.split("|")[1]) for line in the_map.splitlines() if "|" in line
    ]
    rooms = [room for row in rows for room in row]
    assert sorted(rooms) == sorted(LEVELS)
    levels = [LEVELS[room] for room in rooms]
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("path", FILES, ids=id_of)
def test_a_room_imports_only_from_below(path):
    room = path.relative_to(PACKAGE).parts[0]
    for module in imports_of(path):
        parts = module.split(".")
        if parts[0] == "sngan" and len(parts) > 1 and parts[1] != room and parts[1] in LEVELS:
            assert LEVELS[parts[1]] < LEVELS[room], f"{name_of(path)} imports {module}"


def test_no_file_imports_itself_by_way_of_others():
    modules = {name_of(path): path for path in FILES}
    graph = {name: set(imports_of(path)) & set(modules) for name, path in modules.items()}
    while leaves := {name for name, imported in graph.items() if not imported & set(graph)}:
        for name in leaves:
            del graph[name]
    assert not graph, f"in a circle, or above one: {sorted(graph)}"


def test_only_assembly_and_commands_know_hydra():
    importers = {
        path.relative_to(PACKAGE).parts[0]
        for path in FILES
        if {module.split(".")[0] for module in imports_of(path)} & {"hydra", "omegaconf"}
    }
    assert importers == {"assembly", "commands"}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_s_folder_holds_its_members_and_their_parts_apart(group):
    members = {path.stem for path in (CONFIG_DIR / group).glob("*.yaml")}
    files = {path.stem for path in (PACKAGE / group).glob("*.py")}
    assert files == members | {"__init__", "base"}
