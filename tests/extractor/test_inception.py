"""The network with random weights of the right shapes: equality with pytorch-fid carries over."""

import hashlib

import pytest
import torch
from pytorch_fid.inception import InceptionV3

from sngan.extractor.inception import FILE_NAMES, Inception, inception_network, resize_tf1


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights, scaled so that activations neither vanish nor explode."""
    torch.manual_seed(0)
    network = inception_network()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(module.weight)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def extractor(weights):
    return Inception(str(weights), hashlib.sha256(weights.read_bytes()).hexdigest())


def test_equals_pytorch_fid(extractor, weights, monkeypatch):
    """At 299 pixels, where no resizing takes part, with the scaling undone."""
    state = torch.load(weights, weights_only=True)
    monkeypatch.setattr(
        "pytorch_fid.inception.load_state_dict_from_url", lambda *args, **kwargs: state
    )
    theirs = InceptionV3(resize_input=False, normalize_input=False).eval()
    images = torch.randint(256, (2, 3, 299, 299), dtype=torch.uint8)
    with torch.no_grad():
        (expected,) = theirs((images.float() - 128) / 128)
    pool, logits = extractor(images)
    torch.testing.assert_close(pool, expected.flatten(1), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(logits, pool @ state["fc.weight"].T, rtol=1e-4, atol=1e-4)


def test_small_pictures_pass(extractor):
    pool, logits = extractor(torch.randint(256, (3, 3, 32, 32), dtype=torch.uint8))
    assert pool.shape == (3, 2048)
    assert logits.shape == (3, 1008)


def test_only_uint8_is_accepted(extractor):
    with pytest.raises(ValueError, match=r"takes uint8 pictures .* got torch.float32"):
        extractor(torch.rand(1, 3, 32, 32))


def test_other_weights_may_not_lend_their_scores_the_name(extractor):
    assert not extractor.is_fid_inception
    assert extractor.name == f"inception-{extractor.provenance['sha256'][:8]}"


def test_wrong_checksum_is_refused(weights):
    with pytest.raises(ValueError, match="is not the FID Inception: SHA-256"):
        Inception(str(weights))


def test_search_order(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.delenv("SNGAN_INCEPTION", raising=False)
    with pytest.raises(FileNotFoundError) as missing:
        Inception()
    assert len(str(missing.value).splitlines()) == 3
    for text in (FILE_NAMES[0], "https://", "95,628,359", "6726825d", "extractor.weights=FILE"):
        assert text in str(missing.value)

    cached = tmp_path / "hub" / "checkpoints" / FILE_NAMES[1]
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"cached")
    with pytest.raises(ValueError, match=FILE_NAMES[1]):  # Found; its checksum is another.
        Inception()
    monkeypatch.setenv("SNGAN_INCEPTION", str(tmp_path / "by_variable.pth"))
    with pytest.raises(FileNotFoundError, match="by_variable"):
        Inception()
    with pytest.raises(FileNotFoundError, match="by_setting"):
        Inception(str(tmp_path / "by_setting.pth"))


def test_resize_is_that_of_tensorflow_1():
    """Corner aligned without half-pixel shift: [0, 10] to 4 pixels is 0, 5, 10 and 10 again."""
    row = torch.tensor([0.0, 10.0]).expand(1, 1, 2, 2)
    expected = torch.tensor([0.0, 5.0, 10.0, 10.0]).expand(1, 1, 4, 4)
    torch.testing.assert_close(resize_tf1(row, 4), expected)


def test_resize_to_the_same_size_is_the_identity():
    images = torch.rand(2, 3, 13, 13)
    assert torch.equal(resize_tf1(images, 13), images)
