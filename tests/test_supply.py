"""What is installed, and from where: pinned versions, addresses."""

import re
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pytorch_fid.inception import FID_WEIGHTS_URL

import sngan
from sngan.assembly.compose import CONFIG_DIR
from sngan.extractor.parts import inception_weights

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
PINNED = [
    Requirement(line) for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")
]
NOT_PINNED = {"sngan", "trackio"}
"""Ourselves; and what wants an older Pillow than is pinned."""
DECLARED = [
    requirement
    for requirement in map(Requirement, requires("sngan"))
    if canonicalize_name(requirement.name) not in NOT_PINNED
]


@pytest.mark.parametrize("declared", DECLARED, ids=str)
def test_a_pinned_version_is_in_its_range(declared):
    """Whoever changes a range finds out here that ``make constraints`` is due."""
    name = canonicalize_name(declared.name)
    versions = [str(pin.specifier)[2:] for pin in PINNED if canonicalize_name(pin.name) == name]
    assert versions
    assert all(declared.specifier.contains(version) for version in versions), versions


def test_every_extra_is_on_the_page_about_installing():
    page = (CONSTRAINTS.parent / "docs" / "install.md").read_text()
    named = {
        name
        for row in re.findall(r"^\| (`.*?`) \|", page, re.M)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(metadata("sngan").get_all("Provides-Extra"))


def test_every_line_pins_one_version():
    assert len(PINNED) > len(DECLARED)
    assert all(re.fullmatch(r"==[\w.+]+", str(pin.specifier)) for pin in PINNED)


def test_every_address_of_ours_is_https():
    """Plain HTTP is for what a user names, and on this machine."""
    folders = (Path(sngan.__file__).parent, CONFIG_DIR)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    texts = {path: path.read_text() for path in files if path.suffix in (".py", ".yaml")}
    assert len(texts) > 200
    assert [path for path, text in texts.items() if re.search(r"(http|ftp)://", text)] == []
    assert FID_WEIGHTS_URL == inception_weights.URL
    assert inception_weights.URL.startswith("https://")
