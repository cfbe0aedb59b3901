"""Export folders, written whole or not at all."""

from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from sngan import __version__
from sngan.run_folder import exported
from sngan.sharing.card import card, with_scores
from sngan.sharing.content import Content, sheets_beside
from sngan.sharing.onnx_file import write_onnx
from sngan.sharing.sheets import shared_sheets
from sngan.system.files import folder_written_whole, write_json, write_text


def write_export(out: Path, content: Content, formats: Collection[str]) -> list[str]:
    """Write an export folder; whatever was there is replaced.

    Args:
        out: The folder.
        content: What to write.
        formats: In which files the network is wanted.

    Returns:
        The names of the files.

    Raises:
        ValueError: If the weights are none to give away, or the ONNX file does not do the same.
        ModuleNotFoundError: If a package that writes ONNX is missing.
    """
    weights, scores = content.tensors(), shared_sheets(content.sheets)
    with folder_written_whole(out) as folder:
        about = _about(content)
        if "safetensors" in formats:
            from safetensors.torch import save

            packed = save(weights, {"format": "pt"})
            (folder / exported.WEIGHTS).write_bytes(packed)
            about["sha256"] = sha256(packed).hexdigest()
        if "onnx" in formats:
            write_onnx(folder / exported.ONNX, content)
        write_json(folder / exported.CONFIG, about)
        for name, sheet in scores.items():
            write_json(folder / name, sheet, indent=2)
        write_text(folder / exported.CARD, card(out.name, content, [*scores.values()], formats))
        return sorted(path.name for path in folder.iterdir())


def renew_scores(weights: Path) -> Path | None:
    """Let the page of an export say all scores that lie in it, and these no paths.

    Args:
        weights: Of the export.

    Returns:
        The page; None if there is none that says other scores, or no text.

    Raises:
        OSError: If something cannot be written.
    """
    scores = shared_sheets(sheets_beside(weights))
    for name, sheet in scores.items():
        write_json(weights.with_name(name), sheet, indent=2)
    page = weights.with_name(exported.CARD)
    try:
        written = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    renewed = with_scores(written, [*scores.values()])
    return None if renewed == written else write_text(page, renewed)


def _about(content: Content) -> dict[str, object]:
    generator = content.generator
    return {
        "format": exported.FORMAT,
        "sngan": __version__,
        "source": content.source,
        "step": content.step,
        "weights": content.weights,
        "generator": {
            "image_size": generator.image_size,
            "latent_size": generator.latent_size,
            "noise": generator.noise,
            "n_classes": generator.n_classes,
            "image_channels": generator.image_channels,
        },
        "class_names": list(content.class_names),
        "config": dict(content.config),
    }
