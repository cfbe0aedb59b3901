import logging

import pytest
import torch

from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.source import Fixed, Selection
from sngan.scoring.store import ReferenceStore

CPU = torch.device("cpu")


@pytest.fixture
def get(extractor, tmp_path):
    """Ask a store, with a fresh process's memory."""

    def ask(images, label="shapes train", num_features=0):
        store = ReferenceStore(tmp_path / "cache", FeaturePass(extractor, CPU, 7))
        return store.get(Fixed(images, label), label, num_features, {"seed": 0})

    return ask


def test_pictures_are_described_once(get, extractor, shapes):
    first = get(shapes.images)
    assert extractor.seen == 60
    again = get(shapes.images)
    assert extractor.seen == 60
    assert torch.equal(first.covariance, again.covariance)
    assert again.label == "shapes train"
    assert first.path == again.path
    assert first.path.name.startswith("shapes-train-60-pixels-")
    expected = shapes.images.double().mean(dim=(2, 3))
    torch.testing.assert_close(first.mean, expected.mean(dim=0))
    torch.testing.assert_close(first.covariance, torch.cov(expected.T))


def test_the_content_decides_not_the_name(get, extractor, shapes):
    get(shapes.images)
    other = shapes.images.clone()
    other[7, 0, 0, 0] ^= 1
    get(other)
    assert extractor.seen == 120
    assert get(shapes.images, label="else/where").label == "else/where"
    assert extractor.seen == 120
    extractor.provenance["preset"] = "pytorch-fid"
    get(shapes.images)
    assert extractor.seen == 180


def test_a_file_is_believed_for_its_meta_not_for_its_name(get, extractor, shapes, tmp_path):
    right = get(shapes.images).path
    wrong = get(shapes.images.flip(1)).path
    right.write_bytes(wrong.read_bytes())
    assert get(shapes.images).meta["pictures"] != get(shapes.images.flip(1)).meta["pictures"]
    assert extractor.seen == 180


def test_a_damaged_file_is_made_anew(get, extractor, shapes, caplog):
    path = get(shapes.images).path
    path.write_bytes(path.read_bytes()[:1000])
    with caplog.at_level(logging.WARNING):
        get(shapes.images)
    assert "it is made anew" in caplog.text
    assert extractor.seen == 120
    get(shapes.images)
    assert extractor.seen == 120


def test_features_are_kept_when_they_are_wanted(get, extractor, shapes):
    assert get(shapes.images).features.shape == (0, 3)
    features = get(shapes.images, num_features=10).features
    assert torch.equal(features, shapes.images[:10].float().mean(dim=(2, 3)))
    assert len(get(shapes.images, num_features=5).features) == 10  # More than enough.
    assert extractor.seen == 120
    assert len(get(shapes.images, num_features=1000).features) == 60
    get(shapes.images, num_features=1000)
    assert extractor.seen == 180


def test_nothing_is_left_if_it_fails(extractor, shapes, tmp_path):
    def broken(images):
        raise KeyboardInterrupt

    broken.name, broken.provenance = extractor.name, extractor.provenance
    store = ReferenceStore(tmp_path, FeaturePass(broken, CPU, 7))
    with pytest.raises(KeyboardInterrupt):
        store.get(Fixed(shapes.images, "x"), "x", 0, {})
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".lock"]


def test_a_cache_that_cannot_be_is_named(extractor, shapes, tmp_path):
    (tmp_path / "file").touch()
    store = ReferenceStore(tmp_path / "file" / "cache", FeaturePass(extractor, CPU, 7))
    with pytest.raises(OSError, match=r"cache=.*file/cache cannot be made"):
        store.get(Fixed(shapes.images, "x"), "x", 0, {})


def test_the_user_s_cache_folder_is_the_default(extractor, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    store = ReferenceStore(None, FeaturePass(extractor, CPU, 7))
    assert store.folder == tmp_path / "sngan" / "references"


def test_order_and_selection_count(extractor, shapes, tmp_path):
    """The same pictures in another order are other features to keep."""
    store = ReferenceStore(tmp_path, FeaturePass(extractor, CPU, 7))
    some = [Selection(Fixed(shapes.images, ""), torch.tensor(x)) for x in ([3, 1], [1, 3], [1, 2])]
    assert len({store.get(source, "x", 0, {}).path for source in some}) == 3
