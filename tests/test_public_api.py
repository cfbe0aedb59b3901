"""The front door: which names there are, that they are what they say, that asking is cheap."""

import ast
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch

import sngan

NAMES = [
    "Accumulator", "CnnDiscriminator", "CnnGenerator", "Dataset", "Discriminator",
    "DiscriminatorOutput", "Extractor", "FeatureMetric", "Features", "Generator", "Judged",
    "Logger", "Loss", "Metric", "Monitor", "Pictures", "Preprocessing", "Regularizer",
    "ResNetCifarDiscriminator", "ResNetCifarGenerator", "ResNetImageNetDiscriminator",
    "ResNetImageNetGenerator", "ResNetStlDiscriminator", "ResNetStlGenerator",
    "ResNetWganGpDiscriminator", "ResNetWganGpGenerator", "ScoreSheet", "TrainedGenerator",
    "as_generator", "fid", "gradient_penalty", "hinge_discriminator_loss",
    "hinge_generator_loss", "inception_score", "kid", "load_generator", "prdc", "quantize",
    "remove_spectral_norm", "score", "spectral_norm", "standard_discriminator_loss",
    "standard_generator_loss", "train", "wasserstein_discriminator_loss",
    "wasserstein_generator_loss",
]  # fmt: skip
SIZES = {
    "Cnn": 32,
    "ResNetCifar": 32,
    "ResNetStl": 48,
    "ResNetImageNet": 128,
    "ResNetWganGp": 32,
}


def fresh(code):
    """Run code in a new process; returns what its last line printed."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()[-1]


def test_these_names_are_public():
    """Others depend on them: take none away, and add with care."""
    assert sngan.__all__ == sorted(NAMES)


def test_type_checkers_see_the_same_names_in_the_same_modules():
    tree = ast.parse(Path(sngan.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        node.module: tuple(alias.name for alias in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert {f"sngan.{module}": names for module, names in sngan._MODULES.items()} == seen
    assert sorted(name for names in seen.values() for name in names) == sngan.__all__
    assert (Path(sngan.__file__).parent / "py.typed").read_text() == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_documented_and_typed(name):
    found = getattr(sngan, name)
    assert found.__name__ == name
    assert len(found.__doc__) > 20
    function = found if inspect.isfunction(found) else None
    if function:
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty
        for parameter in signature.parameters.values():
            assert parameter.annotation is not inspect.Parameter.empty


def test_importing_costs_nothing():
    slow = {"torch", "numpy", "hydra", "omegaconf", "PIL", "scipy", "torchvision"}
    code = (
        "import json, sys, sngan; dir(sngan); sngan.__version__; print(json.dumps([*sys.modules]))"
    )
    loaded = set(json.loads(fresh(code)))
    assert not slow & loaded
    assert [name for name in loaded if name.startswith("sngan")] == ["sngan"]


def test_a_network_or_a_loss_needs_no_configuration_library():
    code = "import json, sys, sngan; sngan.spectral_norm(sngan.CnnDiscriminator(width=0.1))"
    code += "; sngan.hinge_generator_loss; print(json.dumps([*sys.modules]))"
    assert not {"hydra", "omegaconf", "torchvision", "matplotlib"} & set(json.loads(fresh(code)))


def test_a_name_is_imported_once_and_then_there(monkeypatch):
    monkeypatch.delitem(sys.modules, "sngan")
    anew = import_module("sngan")
    assert "quantize" not in vars(anew)
    assert anew.quantize is vars(anew)["quantize"]
    assert "train" not in vars(anew)


def test_star_and_from_imports_work():
    code = "from sngan import *; from sngan import fid as f; print(f is fid, callable(train))"
    assert fresh(code) == "True True"


def test_all_names_are_listed_and_others_are_an_attribute_error():
    listed = json.loads(fresh("import json, sngan; print(json.dumps(dir(sngan)))"))
    assert {*NAMES, "__version__"} <= set(listed)
    unknown = "fdi"
    with pytest.raises(AttributeError, match="module 'sngan' has no attribute 'fdi'"):
        getattr(sngan, unknown)
    assert not hasattr(sngan, "torch")


@pytest.mark.parametrize("name", SIZES)
def test_networks_are_those_of_their_tables_without_arguments(name):
    generator = getattr(sngan, f"{name}Generator")
    discriminator = getattr(sngan, f"{name}Discriminator")
    assert generator(width=0.02).image_size == discriminator(width=0.02).image_size == SIZES[name]


def test_the_two_sides_of_a_network_fit_each_other():
    generator, discriminator = sngan.CnnGenerator(width=0.05), sngan.CnnDiscriminator(width=0.05)
    logits = discriminator(generator(torch.randn(2, generator.latent_size))).logits
    assert logits.shape == (2,)


PROGRAM = """
import torch
from torch import nn

import sngan


class Mine(sngan.Regularizer):
    def after_step(self, discriminator: sngan.Discriminator) -> None:
        print(discriminator)


network: nn.Sequential = sngan.spectral_norm(nn.Sequential(nn.Linear(2, 1)), exclude=["x"])
distance: float = sngan.fid("photos", torch.zeros(1))
images: torch.Tensor = sngan.load_generator("run").sample(3, classes=[0, 1, 2])
sngan.fdi
sngan.train(3)
"""


@pytest.mark.slow
def test_a_program_type_checks_and_its_mistakes_show(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = (sys.executable, "-m", "mypy", "--strict", "program.py")
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    mistakes = [line for line in process.stdout.splitlines() if "error:" in line]
    assert len(mistakes) == 2, process.stdout
    assert 'Module has no attribute "fdi"' in mistakes[0]
    assert 'Argument 1 to "train" has incompatible type "int"' in mistakes[1]
