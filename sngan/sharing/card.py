"""The page of an export, a model card as the Hugging Face Hub shows it."""

import re
from collections.abc import Collection, Mapping, Sequence
from textwrap import dedent
from typing import Any

import yaml

from sngan import __version__
from sngan.run_folder.exported import ONNX
from sngan.sharing.content import Content
from sngan.sharing.sheets import blocks
from sngan.system.printable import printable

NOT_SCORED = "Not scored."
SCORES = re.compile(r"^## Scores\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
"""The section, up to the next one."""


def card(
    title: str, content: Content, sheets: Sequence[Mapping[str, Any]], formats: Collection[str]
) -> str:
    """Return the page as Markdown with YAML front matter.

    Args:
        title: Name of the folder.
        content: What is exported.
        sheets: Its scores.
        formats: What files there are.
    """
    parts = [
        f"---\n{_front_matter(content)}---\n",
        f"# {_line(title)}\n",
        f"{_description(content)}\n",
        f"## Load\n\n{_loading(content, formats)}",
        _scores(sheets),
    ]
    return "\n".join(parts)


def with_scores(page: str, sheets: Sequence[Mapping[str, Any]]) -> str:
    """Return a page with other scores; one without a section of them stays what it is.

    Args:
        page: As `card` has made it, and perhaps somebody has written on.
        sheets: The scores.
    """
    return SCORES.sub(
        lambda found: _scores(sheets) + ("\n" if found.end() < len(page) else ""), page, count=1
    )


def _front_matter(content: Content) -> str:
    about: dict[str, object] = {
        "library_name": "sngan",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["gan", "sngan", "spectral-normalization"],
    }
    if content.generator.n_classes is not None:
        about["tags"] = ["gan", "sngan", "spectral-normalization", "class-conditional"]
    target = content.config.get("dataset", {}).get("_target_", "")
    if target.startswith("sngan.dataset."):
        about["datasets"] = [target.split(".")[2]]
    return yaml.safe_dump(about, sort_keys=False)


def _description(content: Content) -> str:
    generator = content.generator
    count = sum(parameter.numel() for parameter in generator.parameters())
    classes = "" if generator.n_classes is None else f", {generator.n_classes} classes"
    noise = "N(0, I)" if generator.noise == "normal" else "uniform in [-1, 1]"
    average = ", averaged weights" if content.weights == "average" else ""
    return (
        f"A generator of {generator.image_size}x{generator.image_size} pictures, "
        f"`{type(generator).__name__}` with {count:,} parameters{classes}. Its noise is of length "
        f"{generator.latent_size}, {noise}; its pictures are in [-1, 1].\n\n"
        f"From {_line(content.source)}, step {content.step:,}{average}; "
        f"written by sngan {__version__}. "
        "`config.json` holds the configuration of the training."
    )


def _loading(content: Content, formats: Collection[str]) -> str:
    ways = []
    if "safetensors" in formats:
        ways.append(
            dedent("""\
            ```python
            import sngan

            images = sngan.load_generator("FOLDER").sample(64, seed=0)  # uint8, (64, C, H, W)
            ```

            ```sh
            sngan-sample FOLDER
            sngan-eval FOLDER
            ```
            """)
        )
    if "onnx" in formats:
        ways.append(_onnx(content))
    return "\n".join(ways)


def _onnx(content: Content) -> str:
    generator = content.generator
    drawn = "rng.standard_normal({0})" if generator.noise == "normal" else "rng.uniform(-1, 1, {0})"
    noise = f"{drawn.format(f'(64, {generator.latent_size})')}.astype(np.float32)"
    labels = "" if generator.n_classes is None else ', "labels": np.zeros(64, np.int64)'
    return "\n".join(
        [
            "```python",
            "import numpy as np",
            "import onnxruntime",
            "",
            "rng = np.random.default_rng(0)",
            f'session = onnxruntime.InferenceSession("FOLDER/{ONNX}")',
            f'(images,) = session.run(None, {{"z": {noise}{labels}}})',
            "```",
            "",
        ]
    )


def _scores(sheets: Sequence[Mapping[str, Any]]) -> str:
    tables = [_table(*block) for sheet in sheets for block in blocks(sheet)]
    return "\n".join(["## Scores\n", *(tables or [f"{NOT_SCORED}\n"])])


def _table(heading: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {_cell(key)} | {_cell(value)} |" for key, value in rows.items()]
    return "\n".join([f"### {_line(heading)}\n", "| | |", "| --- | --- |", *lines, ""])


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    """Return a text that may be a stranger's in one line that is no markup of its own."""
    return printable(text).replace("<", "&lt;").replace("`", "'")
