"""Generators as ONNX files, compared with the network."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sngan import __version__
from sngan.architecture.base import Generator
from sngan.sampling.latents import indexed_latents
from sngan.sharing.content import Content
from sngan.system.float32 import unset_float32
from sngan.system.install import how_to_install

TOLERANCE = 1e-3
"""By how much a picture in [-1, 1] may differ; one step of 8 bits is 8 times as much."""
BATCHES = (1, 3)
"""Of other sizes than the one that the file is written with."""
LATENTS, LABELS, IMAGES = "z", "labels", "images"
NOISE, N_CLASSES = "sngan.noise", "sngan.n_classes"
"""Under which names a file says what shapes do not."""


def write_onnx(path: Path, content: Content) -> None:
    """Write a generator with a dynamic batch, and compare it with the network.

    Raises:
        ValueError: If it cannot be translated, or does not give the same pictures.
        ModuleNotFoundError: If a package that this needs is missing.
    """
    onnx, _ = _packages()
    generator = content.generator
    inputs = _inputs(generator, 2)
    batch = torch.export.Dim("batch")
    with warnings.catch_warnings(), unset_float32():
        # Noise and classes have one batch in common; that is meant.
        warnings.filterwarnings("ignore", "# The axis name: batch will not be used", UserWarning)
        try:
            program = torch.onnx.export(
                generator,
                tuple(inputs.values()),
                dynamo=True,
                verbose=False,
                input_names=list(inputs),
                output_names=[IMAGES],
                dynamic_shapes=tuple({0: batch} for _ in inputs),
            )
        except Exception as error:  # What a network may do is the exporter's business.
            reason = str(error).partition("\n")[0]
            raise ValueError(f"{type(generator).__name__} has no ONNX form: {reason}") from error
    assert program is not None
    model = program.model_proto
    onnx.helper.set_model_props(model, _properties(content))
    onnx.save(model, path)
    _compare(path, generator)


def _compare(path: Path, generator: Generator) -> None:
    session = open_session(path)
    for count in BATCHES:
        inputs = _inputs(generator, count)
        with torch.inference_mode():
            expected = generator(*inputs.values())
        (found,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
        distance = (torch.from_numpy(found) - expected).abs().max().item()
        if not distance <= TOLERANCE:
            raise ValueError(
                f"the ONNX file gives other pictures than the network, by {distance:.2g} where "
                f"{TOLERANCE} is accepted"
            )


def _inputs(generator: Generator, count: int) -> dict[str, Tensor]:
    z, labels = indexed_latents(generator, 0, torch.arange(count), torch.device("cpu"))
    return {LATENTS: z} if labels is None else {LATENTS: z, LABELS: labels}


def _properties(content: Content) -> dict[str, str]:
    generator = content.generator
    found = {
        "sngan": __version__,
        "sngan.source": content.source,
        "sngan.step": str(content.step),
        NOISE: generator.noise,
    }
    classes = generator.n_classes
    return found if classes is None else {**found, N_CLASSES: str(classes)}


def open_session(path: Path) -> Any:  # noqa: ANN401 - the type is of an optional package.
    """Open a file; weights in other files are not read, whatever it says where they are.

    Raises:
        ValueError: If it cannot be run.
        ModuleNotFoundError: If a package that this needs is missing.
    """
    onnx, runtime = _packages()
    content = path.read_bytes()
    try:
        model = onnx.load_model_from_string(content)
        if any(getattr(part, "external_data", ()) for part in _parts(model)):
            raise ValueError("its weights are in other files")
        options = runtime.SessionOptions()
        options.log_severity_level = 3  # What is wrong with a file is said once, below.
        providers = [x for x in runtime.get_available_providers() if x.startswith(("CUDA", "CPU"))]
        return runtime.InferenceSession(content, options, providers=providers)
    except Exception as error:  # A stranger's file can raise anything.
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} is not an ONNX file that can be run: {reason}") from error


def _parts(message: Any) -> Iterator[Any]:  # noqa: ANN401 - as above.
    """Yield a part of a file, and all that is in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                yield from _parts(part)


def _packages() -> tuple[Any, Any]:
    """Return what writes ONNX and what runs it.

    Raises:
        ModuleNotFoundError: If a package that this needs is missing.
    """
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401 - PyTorch's exporter imports it.
    except ModuleNotFoundError as error:
        said = f"ONNX needs the package {error.name}: {how_to_install('export')}"
        raise ModuleNotFoundError(said) from error
    return onnx, onnxruntime
