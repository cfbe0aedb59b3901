"""The network with random weights of the right shapes: equality with others carries over."""

import hashlib
import http.server
import threading
from typing import get_args

import pytest
import torch
from pytorch_fid.inception import InceptionV3
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from sngan.extractor.inception import PREPARATIONS, Inception, resize_tf1
from sngan.extractor.parts import inception_weights
from sngan.extractor.parts.inception_weights import FILE_NAMES, fetch
from sngan.extractor.parts.presets import Preset

CLOSE = {"rtol": 0, "atol": 1e-5}  # Of features that are about 0.5 on average, up to 4.


def pictures(size, count=3):
    random = torch.Generator().manual_seed(size)
    return torch.randint(256, (count, 3, size, size), dtype=torch.uint8, generator=random)


@pytest.mark.parametrize("size", [32, 48, 299])
def test_preset_tf1_equals_torch_fidelity(extractor, inception_weights, size):
    theirs = FeatureExtractorInceptionV3(
        "inception",
        ["2048", "logits_unbiased"],
        feature_extractor_weights_path=str(inception_weights),
    )
    expected_pool, expected_logits = theirs(pictures(size))
    pool, logits = extractor(pictures(size))
    torch.testing.assert_close(pool, expected_pool, **CLOSE)
    torch.testing.assert_close(logits, expected_logits, **CLOSE)


@pytest.mark.parametrize("size", [32, 48, 299])
def test_preset_pytorch_fid_equals_pytorch_fid(
    build_inception, inception_weights, size, monkeypatch
):
    state = torch.load(inception_weights, weights_only=True)
    monkeypatch.setattr(
        "pytorch_fid.inception.load_state_dict_from_url", lambda *args, **kwargs: state
    )
    theirs = InceptionV3().eval()
    with torch.no_grad():
        (expected,) = theirs(pictures(size).float() / 255)
    pool, logits = build_inception(preset="pytorch-fid")(pictures(size))
    torch.testing.assert_close(pool, expected.flatten(1), **CLOSE)
    torch.testing.assert_close(logits, pool @ state["fc.weight"].T, **CLOSE)


def test_every_preset_has_its_preparation():
    assert tuple(PREPARATIONS) == get_args(Preset)


def test_the_presets_are_two_different_measures(extractor, build_inception):
    one, other = (x(pictures(32)).pool for x in (extractor, build_inception(preset="pytorch-fid")))
    assert (one - other).abs().max() > 1e-3
    assert extractor.provenance["preset"] == "tf1"
    with pytest.raises(ValueError, match=r"preset must be one of tf1, pytorch-fid"):
        build_inception(preset="clean")


def test_features_do_not_depend_on_the_batch(extractor):
    images = pictures(32, count=7)
    together = extractor(images)
    apart = [extractor(image.unsqueeze(0)) for image in images]
    torch.testing.assert_close(together.pool, torch.cat([x.pool for x in apart]), **CLOSE)


def test_a_forgotten_train_mode_is_impossible(extractor):
    """Dropout and batch statistics of a network left in train mode made wrong FIDs elsewhere."""
    before = extractor(pictures(32)).pool
    extractor.train()
    torch.testing.assert_close(extractor(pictures(32)).pool, before, rtol=0, atol=0)


def test_only_uint8_is_accepted(extractor):
    with pytest.raises(ValueError, match=r"takes uint8 pictures .* got torch.float32"):
        extractor(torch.rand(1, 3, 32, 32))


def test_other_weights_may_not_lend_their_scores_the_name(extractor):
    assert not extractor.is_fid_inception
    assert extractor.name == f"inception-{extractor.provenance['sha256'][:8]}"


def test_random_weights_test_a_pipeline_and_say_so():
    one, same, other = (Inception(f"random:{seed}") for seed in (1, 1, 2))
    images = pictures(32)
    assert one.name == "inception-random"
    assert not one.is_fid_inception
    assert torch.equal(one(images).pool, same(images).pool)
    assert one.provenance == same.provenance
    assert one.provenance["sha256"] != other.provenance["sha256"]
    assert 0.01 < one(images).pool.mean() < 100
    with pytest.raises(ValueError, match="a file or random:SEED, got random:x"):
        Inception("random:x")


def test_another_file_is_refused_by_its_size(inception_weights):
    with pytest.raises(ValueError, match=r"is not the FID Inception: [\d,]+ bytes, not 95,628,359"):
        Inception(str(inception_weights))


def test_another_file_of_the_right_size_is_refused_by_its_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(inception_weights, "NUM_BYTES", 6)
    path = tmp_path / "forged.pth"
    path.write_bytes(b"forged")
    with pytest.raises(ValueError, match=r"is not the FID Inception: SHA-256 .*, not 6726825d"):
        Inception(str(path))


def test_search_order(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.delenv("SNGAN_INCEPTION", raising=False)
    with pytest.raises(FileNotFoundError) as missing:
        Inception()
    assert len(str(missing.value).splitlines()) == 3
    for text in (FILE_NAMES[0], "https://", "95,628,359", "6726825d", "SNGAN_INCEPTION=FILE"):
        assert text in str(missing.value)

    cached = tmp_path / "hub" / "checkpoints" / FILE_NAMES[1]
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"cached")
    with pytest.raises(ValueError, match=FILE_NAMES[1]):  # Found; it is another.
        Inception()
    monkeypatch.setenv("SNGAN_INCEPTION", str(tmp_path / "by_variable.pth"))
    with pytest.raises(FileNotFoundError, match="by_variable"):
        Inception()
    with pytest.raises(FileNotFoundError, match="by_setting"):
        Inception(str(tmp_path / "by_setting.pth"))


@pytest.fixture
def host():
    """A server on this machine that has one file."""
    content = b"weights of a network"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth", content
    server.shutdown()


def test_fetching_keeps_what_has_the_right_checksum(host, tmp_path, monkeypatch):
    url, content = host
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    with pytest.raises(ValueError, match="is not the FID Inception"):
        fetch(url)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    path = fetch(url, hashlib.sha256(content).hexdigest())
    assert path.read_bytes() == content
    assert path.name == FILE_NAMES[0]
    digest = hashlib.sha256(content).hexdigest()
    assert fetch("http://127.0.0.1:9/", digest) == path  # It is there; nothing is asked for.
    path.write_bytes(b"damaged")
    assert fetch(url, digest).read_bytes() == content


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, r"127.0.0.1.* the FID Inception: sends more than the 10 bytes that it should"),
        ("http://example.org/", r"example.org/ .*: an address must begin with https://"),
        ("http://127.0.0.1:9/", r"127.0.0.1:9/ does not give the FID Inception: .*refused"),
    ],
    ids=["endless", "plain HTTP", "nobody"],
)
def test_what_does_not_arrive_as_it_should_is_not_kept(host, url, said, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(inception_weights, "NUM_BYTES", 10)
    with pytest.raises(OSError, match=said):
        fetch(url or host[0])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_resize_is_that_of_tensorflow_1():
    """Corner aligned without half-pixel shift: [0, 10] to 4 pixels is 0, 5, 10 and 10 again."""
    row = torch.tensor([0.0, 10.0]).expand(1, 1, 2, 2)
    expected = torch.tensor([0.0, 5.0, 10.0, 10.0]).expand(1, 1, 4, 4)
    torch.testing.assert_close(resize_tf1(row, 4), expected)


def test_resize_to_the_same_size_is_the_identity():
    images = torch.rand(2, 3, 13, 13)
    assert torch.equal(resize_tf1(images, 13), images)
