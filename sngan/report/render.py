"""A report as Markdown with files beside it, and as one HTML page that needs none."""

import base64
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sngan.report.document import Figure, Report, Table
from sngan.report.figures import INK, PAPER
from sngan.system.files import write_text

TEMPLATES = Path(__file__).parent / "templates"
MARK = "written by sngan-report"
"""In every page, so that nothing of others is overwritten."""


def write(report: Report, folder: Path) -> list[Path]:
    """Write ``report.md``, its pictures in ``report/``, and ``report.html``.

    Args:
        report: What to write.
        folder: Where to; made when missing.

    Returns:
        The two pages.
    """
    pictures = folder / "report"
    pictures.mkdir(parents=True, exist_ok=True)
    blocks = [report.headline, *(block for part in report.sections for block in part.blocks)]
    for block in blocks:
        if isinstance(block, Figure):
            (pictures / f"{block.name}.svg").write_text(block.svg)
    for name, content in report.pictures.items():
        (pictures / f"{name}.png").write_bytes(content)
    pages = [folder / "report.md", folder / "report.html"]
    for page in pages:
        write_text(page, render(report, page.suffix))
    return pages


def render(report: Report, suffix: str) -> str:
    """Return a page.

    Args:
        report: What to show.
        suffix: ``.md`` or ``.html``.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=suffix == ".html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    html = {"inline": _inline, "drawing": _drawing, "data": _data}
    environment.filters |= {**html, "text": _text, "cell": _cell}
    environment.tests |= {
        "table": lambda block: isinstance(block, Table),
        "drawing": lambda block: isinstance(block, Figure),
    }
    return environment.get_template(f"report{suffix}.j2").render(report=report, mark=MARK)


def _inline(text: str) -> Markup:
    """Turn the little Markdown that texts have into HTML."""
    html = str(escape(text))
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
    html = re.sub(r"`(.+?)`", lambda name: f"<code>{_between_words(name[1])}</code>", html)
    html = re.sub(r"\[(.+?)\]\((#\w+)\)", r'<a href="\2">\1</a>', html)
    return Markup(html)


def _between_words(name: str) -> str:
    """Let a long name go on in the next line between its words, not within one."""
    return re.sub(r"(?<=\w)([/_.])(?=[^\W\d])", r"\1<wbr>", name)


def _drawing(figure: Figure) -> Markup:
    """Return an SVG that takes the page's colours, with a text for those who do not see it.

    Where there is one for narrow screens, the page shows one of the two.
    """
    if not figure.narrow:
        return _svg(figure.svg, figure.name, figure.says)
    wide = _svg(figure.svg, figure.name, figure.says, "broad")
    return wide + _svg(figure.narrow, f"{figure.name}-narrow", figure.says, "narrow")


def _svg(svg: str, name: str, says: str, kind: str = "") -> Markup:
    svg = svg[svg.index("<svg") :]
    svg = svg.replace(INK, "currentColor").replace(PAPER, "none")
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{name}-", svg)
    svg = re.sub(r'(<svg\b[^>]*?) width="[^"]+"', r"\1", svg)
    svg = re.sub(r'(<svg\b[^>]*?) height="[^"]+"', r"\1", svg)
    about = f'class="{kind}" ' if kind else ""
    return Markup(svg.replace("<svg", f'<svg {about}role="img" aria-label="{escape(says)}"', 1))


def _data(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _text(text: str) -> str:
    """Return a text for Markdown in which names can be neither HTML nor lead out of the page."""
    text = " ".join(text.splitlines()).replace("<", "&lt;")
    return re.sub(r"\](?=\((?!#\w+\)))", r"]\\", text)


def _cell(text: str) -> str:
    """Return a text that does not end a cell of a Markdown table, either."""
    return _text(text).replace("|", "\\|")
