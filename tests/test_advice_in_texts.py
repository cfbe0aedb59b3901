"""Commands in documents and messages can be pasted: into zsh, too, and they install from here."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "Makefile",
    *ROOT.glob("configs/**/*.yaml"),
]  # fmt: skip
PROGRAMS = [*ROOT.glob("sngan/**/*.py"), *ROOT.glob("scripts/**/*.py")]
UNQUOTED = re.compile(
    r"(?<!['\w])(?:regularizer|monitor|metric|protocol|trust|optimizer)(?:\.[\w.]+)?=\[(?!\")"
)
RELEASED = re.compile(r"pip install [^\n`]*\bsngan(?!-)\b(?![^\n]* @ git\+)")


def texts_of(path):
    """Yield what a file tells people: a page whole; of a program its texts."""
    if path.suffix != ".py":
        yield path.read_text(encoding="utf-8")
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and not UNQUOTED.match(text):  # That is a word of its own.
            yield text


@pytest.mark.parametrize("pattern", [UNQUOTED, RELEASED], ids=["brackets", "installs"])
def test_no_text_has_a_command_that_fails(pattern):
    told = {
        str(path.relative_to(ROOT)): found
        for path in (*PAGES, *PROGRAMS)
        if (found := [match for text in texts_of(path) for match in pattern.findall(text)])
    }
    assert told == {}


@pytest.mark.parametrize(
    ("text", "is_bad"),
    [
        ("sngan-eval RUN metric=[kid]", True),
        ("sngan-eval RUN 'metric=[kid]'", False),
        ("say trust=[mine]", True),
        ("mismatches=[a]", False),
    ],
)
def test_what_counts_as_unquoted(text, is_bad):
    assert bool(UNQUOTED.search(text)) == is_bad
    assert RELEASED.search("pip install 'sngan[joblib]'")
    assert not RELEASED.search("pip install '.[joblib]'")
