"""A tiny network of the same make, saved as the published one is."""

import socket
import subprocess
import sys

import pytest
import torch

from sngan.extractor.dinov2 import DinoV2, interpolated


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    # Imported here, for seconds in every process that collects tests.
    from transformers import Dinov2Config, Dinov2Model

    torch.manual_seed(0)
    config = Dinov2Config(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=70, patch_size=14
    )
    folder = tmp_path_factory.mktemp("dinov2")
    Dinov2Model(config).save_pretrained(folder)
    return folder


def pictures(size):
    return torch.randint(256, (3, 3, size, size), dtype=torch.uint8)


def test_equals_the_library_s_own_network_at_its_own_size(weights):
    """At 70 pixels nothing is interpolated: neither picture nor positions."""
    from transformers import Dinov2Model

    images = pictures(70)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    scaled = (images / 255 - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    with torch.no_grad():
        network = Dinov2Model.from_pretrained(weights).eval()
        expected = network(pixel_values=scaled).last_hidden_state[:, 0]
    features = DinoV2(str(weights), input_size=70)(images)
    torch.testing.assert_close(features.pool, expected, rtol=1e-5, atol=1e-5)
    assert features.logits is None


def test_positions_are_interpolated_as_the_authors_do(weights):
    position = torch.randn(1, 26, 8)
    grid = position[:, 1:].reshape(1, 5, 5, 8).permute(0, 3, 1, 2)
    expected = torch.nn.functional.interpolate(
        grid, scale_factor=(3.1 / 5, 3.1 / 5), mode="bicubic"
    )
    found = interpolated(position, 3)
    assert torch.equal(found[:, 0], position[:, 0])
    torch.testing.assert_close(found[:, 1:], expected.permute(0, 2, 3, 1).reshape(1, 9, 8))
    assert DinoV2(str(weights), input_size=42)(pictures(32)).pool.shape == (3, 24)


def test_says_what_it_is(weights):
    extractor = DinoV2(str(weights), input_size=70)
    assert not extractor.is_fid_inception
    assert extractor.name == "dinov2_24"
    assert len(extractor.provenance["sha256"]) == 64
    with pytest.raises(ValueError, match="takes uint8 pictures"):
        extractor(torch.rand(1, 3, 32, 32))


def test_missing_weights_say_how_to_get_them(tmp_path):
    """In a process of its own: the library reads the place of its cache when it is imported."""
    code = "from sngan.extractor.dinov2 import DinoV2; DinoV2()"
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={"HF_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert "MissingPathError: weights must be a folder or a network" in process.stderr
    assert "hf download facebook/dinov2-large" in process.stderr
    with pytest.raises(FileNotFoundError, match=r"must be a folder with model\.safetensors"):
        DinoV2(str(tmp_path))


def test_nobody_is_asked_or_told(weights, monkeypatch):
    """The libraries can look for newer files, and count their users."""
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **more: asked.append(address))
    monkeypatch.setattr(socket.socket, "connect", lambda here, there: asked.append(there))
    DinoV2(str(weights), input_size=70)(pictures(70))
    with pytest.raises(FileNotFoundError):
        DinoV2("nobody/nothing")
    assert not asked


def test_bad_settings(weights):
    with pytest.raises(ValueError, match=r"input_size must be a multiple of 14, got 32"):
        DinoV2(str(weights), input_size=32)


def test_without_the_optional_package(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install '.\[dinov2\]'"):
        DinoV2(str(weights))
