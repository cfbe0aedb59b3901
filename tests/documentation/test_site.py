"""Pages of the site that are made of the code, and links that lead out of ``docs/``."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import sngan
from scripts.documentation import hooks, reference

ROOT = Path(__file__).parents[2]
FOREIGN = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?:https?:)?//""")


def test_every_name_of_the_package_has_its_place():
    assert sorted(re.findall(r"^::: sngan\.(\w+)$", reference.python(), re.M)) == sngan.__all__


def test_every_member_is_shown_with_its_comments():
    page = reference.groups() + reference.experiments()
    for path in (ROOT / "configs").glob("*/*.yaml"):
        if path.parent.name != "hydra":
            assert f"### `{path.parent.name}={path.stem}`" in page
            assert path.read_text().strip() in page


def test_every_command_is_asked(monkeypatch):
    monkeypatch.setattr(reference, "_help", lambda name: f"usage: {name}")
    asked = re.findall("usage: (.*)", reference.commands())
    assert {"sngan-train", "sngan-eval", "sngan-sample"} <= set(asked)
    assert len(asked) == (ROOT / "pyproject.toml").read_text().count('"sngan.commands.entry:')


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("index.md", "[x](docs/guide.md#data)", "[x](guide.md#data)"),
        ("index.md", "![x](docs/results/a.png)", "![x](results/a.png)"),
        ("guide.md", "[x](../CONTRIBUTING.md#the-map)", "[x](contributing.md#the-map)"),
        ("results/a.md", "[x](../../CONTRIBUTING.md)", "[x](../contributing.md)"),
        ("reproduce.md", "[code](../sngan/reproduce/paper)", "code"),
        ("guide.md", "[x](nowhere.md)", "[x](nowhere.md)"),
        ("guide.md", "[x](https://arxiv.org/abs/1)", "[x](https://arxiv.org/abs/1)"),
    ],
)
def test_a_link_leads_to_the_page_of_the_site(page, link, expected):
    there = {"guide.md", "results/a.png", "contributing.md"}
    files = SimpleNamespace(get_file_from_path=lambda name: name if name in there else None)
    about = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    assert hooks.on_page_markdown(link, page=about, config=None, files=files) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("<code>tests/test_site.py</code>", "<code>tests/<wbr>test_<wbr>site.py</code>"),
        ("<code>lr=0.0002, 1e-8</code>", "<code>lr=0.0002, 1e-8</code>"),
        ("<code>&lt;data&gt;_&lt;loss&gt;</code>", "<code>&lt;data&gt;_<wbr>&lt;loss&gt;</code>"),
        ("<pre><span></span><code>a_long</code>", "<pre><span></span><code>a_long</code>"),
        ('<a href="a/long">a_long</a>', '<a href="a/long">a_long</a>'),
    ],
)
def test_names_within_lines_break_between_their_words_alone(shown, expected):
    assert hooks.on_post_page(shown, page=None, config=None) == expected


@pytest.mark.slow
def test_the_site_asks_no_other_host(tmp_path):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path]
    subprocess.run(build, cwd=ROOT, check=True, timeout=300)
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) > 20
    ours = [page for page in pages if page.name != "report.html"]
    assert not [page for page in ours if FOREIGN.search(page.read_text())]
