"""What MkDocs calls while it builds the site: pages that are made, and links out of docs/.

README, CONTRIBUTING and CHANGELOG stay where GitHub shows them; here they become pages.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from scripts.documentation.reference import pages

ROOT = Path(__file__).parents[2]
ABOVE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages above docs/, and their names in the site."""
WITHIN_LINES = re.compile(r"(?<!</span>)<code>[^<]*</code>")
BEFORE_A_BREAK = re.compile(r"(?<=[\w\];])([/_.=,])(?=&lt;|[^\W\d]\w\w)")
"""Marks within a name behind which it may go on in the next line."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and those above docs/."""
    made = {name: (ROOT / path).read_text() for path, name in ABOVE.items()}
    for name, content in {**made, **pages()}.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_post_page(output: str, **_: object) -> str:
    """Let long names within lines break between their words, as narrow columns want it."""
    return WITHIN_LINES.sub(lambda code: BEFORE_A_BREAK.sub(r"\1<wbr>", code[0]), output)


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: object) -> str:
    """Point links at pages of the site, wherever their files lie; without code, say its path."""
    own = page.file.src_uri
    source = {name: path for path, name in ABOVE.items()}.get(own, f"docs/{own}")

    def moved(link: re.Match[str]) -> str:
        image, text, target, anchor = link.groups(default="")
        if ":" in target:
            return link[0]
        path = normpath(PurePosixPath(source).parent / target)
        name = ABOVE.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(name) is None and (ROOT / path).exists():
            return text  # Code, which is not in the site.
        return f"{image}[{text}]({relpath(name, PurePosixPath(own).parent)}{anchor})"

    return LINK.sub(moved, markdown)
