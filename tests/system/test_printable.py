import os
from pathlib import Path

import pytest

from sngan.system.printable import printable


@pytest.mark.parametrize("name", ["plain.png", "bilder/äöü 図.png", "it's a=b x(1)", ""])
def test_what_prints_stays_as_it_is(name):
    assert printable(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"caf\xe9.png", r"caf\xe9.png"),
        ("café\udcff".encode("utf-8", "surrogateescape"), r"café\xff"),
        (b"two\nlines\t\x1b[31m\x7f", r"two\nlines\t\x1b[31m\x7f"),
        ("gnp.\u202e1".encode(), r"gnp.\u202e1"),
    ],
)
def test_what_does_not_print_is_escaped(name, expected):
    found = printable(Path(os.fsdecode(name)))
    assert found == expected
    found.encode()
