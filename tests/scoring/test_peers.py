"""From two folders of PNG files to the printed number: torch-fidelity's and pytorch-fid's numbers.

Both programs and ours read the same folders and the same file of random weights.
"""

import json
import sys

import pytest
import torch
import torch_fidelity
from PIL import Image
from pytorch_fid.fid_score import calculate_fid_given_paths

from sngan.commands.evaluate import main
from sngan.dataset.synthetic import SyntheticShapes
from sngan.system.safe_load import sha256_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The `disp` argument is deprecated:DeprecationWarning"),
]
COUNT = 40


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two sets of pictures, 32 pixels."""
    root = tmp_path_factory.mktemp("folders")
    for name, split in (("generated", "test"), ("real", "train")):
        (root / name).mkdir()
        images = SyntheticShapes(image_size=32, num_images=COUNT).load(split).images
        for index, image in enumerate(images.permute(0, 2, 3, 1).numpy()):
            Image.fromarray(image).save(root / name / f"{index:03}.png")
    return root / "generated", root / "real"


@pytest.fixture
def ours(folders, inception_weights, monkeypatch, capsys):
    """Return what the command says of the folders, as plain values."""

    def run(*settings):
        generated, real = folders
        arguments = (
            *("--images", generated, f"reference={real}", "--json"),
            *(f"extractor.weights={inception_weights}",),
            *(f"+extractor.sha256={sha256_of(inception_weights)}", *settings),
        )
        monkeypatch.setattr(sys, "argv", ["sngan-eval", *map(str, arguments)])
        main()
        return json.loads(capsys.readouterr().out)["scores"][0]["protocols"]["all"]

    return run


def test_torch_fidelity(folders, inception_weights, ours, tmp_path):
    generated, real = map(str, folders)
    theirs = torch_fidelity.calculate_metrics(
        input1=generated,
        input2=real,
        isc=True,
        fid=True,
        cuda=False,
        cache=False,
        verbose=False,
        feature_extractor_weights_path=str(inception_weights),
    )
    scores = ours()
    assert scores["score_mean"] == pytest.approx(theirs["inception_score_mean"], rel=1e-6)
    assert scores["score_std"] == pytest.approx(theirs["inception_score_std"], rel=1e-4)
    # Fewer pictures than features: what is left is the rounding of their root of a product.
    distance = theirs["frechet_inception_distance"]
    assert scores["distance"] == pytest.approx(distance, rel=1e-4)


def test_pytorch_fid(folders, inception_weights, ours, monkeypatch):
    state = torch.load(inception_weights, weights_only=True)
    monkeypatch.setattr(
        "pytorch_fid.inception.load_state_dict_from_url", lambda *args, **kwargs: state
    )
    theirs = calculate_fid_given_paths([*map(str, folders)], 20, "cpu", 2048, num_workers=0)
    scores = ours("extractor.preset=pytorch-fid")
    assert scores["distance"] == pytest.approx(theirs, rel=1e-4)
