"""Statistics in files: ours, pytorch-fid's, TTUR's, the authors', and damaged ones."""

import re

import numpy as np
import pytest
import torch
from pytorch_fid.fid_score import calculate_frechet_distance, compute_statistics_of_path

from sngan.metric.fid import frechet_distance
from sngan.scoring.reference import (
    MismatchError,
    Reference,
    extractor_identity,
    open_reference,
    read_reference,
    write_reference,
)


@pytest.fixture
def moments():
    features = torch.rand(50, 3, dtype=torch.float64)
    return features.mean(dim=0), torch.cov(features.T)


@pytest.fixture
def reference(moments, extractor):
    mean, covariance = moments
    return Reference(
        label="shapes train",
        mean=mean,
        covariance=covariance,
        count=50,
        meta={"extractor": extractor_identity(extractor), "count": 50, "size": [16, 16]},
        features=torch.rand(4, 3),
    )


def test_round_trip_is_exact(reference, tmp_path):
    found = read_reference(write_reference(tmp_path / "new" / "x.npz", reference))
    for name in ("mean", "covariance", "features"):
        assert torch.equal(getattr(found, name), getattr(reference, name))
    assert found.count == 50
    assert found.meta == reference.meta
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.npz"]


@pytest.mark.filterwarnings("ignore:The `disp` argument is deprecated:DeprecationWarning")
def test_pytorch_fid_reads_our_files_and_we_read_its(reference, moments, tmp_path):
    path = write_reference(tmp_path / "ours.npz", reference)
    theirs = compute_statistics_of_path(str(path), None, 1, 3, "cpu")
    assert np.array_equal(theirs[0], moments[0].numpy())
    assert np.array_equal(theirs[1], moments[1].numpy())
    np.savez_compressed(tmp_path / "theirs.npz", mu=theirs[0] + 1, sigma=2 * theirs[1])
    found = read_reference(tmp_path / "theirs.npz")
    assert found.count is None
    expected = calculate_frechet_distance(*theirs, theirs[0] + 1, 2 * theirs[1])
    assert frechet_distance(*moments, found.mean, found.covariance) == pytest.approx(
        expected, rel=1e-9
    )


def test_the_authors_names_are_understood(moments, tmp_path):
    np.savez(tmp_path / "x.npz", mean=moments[0], cov=moments[1])
    assert torch.equal(read_reference(tmp_path / "x.npz").covariance, moments[1])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"mu": np.zeros((3, 1))}, "must hold a mean (d,) and a covariance (d, d)"),
        ({"sigma": np.zeros((2, 2))}, "must hold a mean (d,) and a covariance (d, d)"),
        ({"mu": np.array([0, np.nan, 0])}, "holds values that are not finite"),
        ({"sigma": np.triu(np.ones((3, 3)))}, "holds a covariance that is not symmetric"),
        ({"meta": np.str_("{")}, "holds meta that cannot be read"),
        ({"meta": np.str_("[1]")}, "holds meta that cannot be read"),
        ({"meta": np.str_('{"extractor": "x", "count": 5}')}, "holds meta that cannot be read"),
        ({"meta": np.str_('{"extractor": {}, "count": "x"}')}, "holds meta that cannot be read"),
        ({"features": np.zeros((2, 4), np.float32)}, "holds features of another kind"),
        ({"features": np.array(["a"])}, "holds features of another kind"),
    ],
)
def test_damaged_files(change, text, tmp_path):
    np.savez(tmp_path / "x.npz", **({"mu": np.zeros(3), "sigma": np.eye(3)} | change))
    with pytest.raises(ValueError, match=re.escape(text)):
        read_reference(tmp_path / "x.npz")


def test_files_that_are_something_else(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(3), b=np.zeros(3))
    with pytest.raises(ValueError, match=r"must hold mu and sigma, .* got \['a', 'b'"):
        read_reference(tmp_path / "x.npz")
    np.savez(tmp_path / "x.npz", mu=np.array([print], dtype=object), sigma=np.eye(1))
    with pytest.raises(ValueError, match=r"is not an \.npz file of plain arrays"):
        read_reference(tmp_path / "x.npz")


def open_it(path, extractor, preset=None, allow_mismatch=False, dimension=3):
    return open_reference(path, extractor, dimension, preset, allow_mismatch)


def test_our_own_files_are_checked_against_the_extractor(reference, extractor, tmp_path):
    path = write_reference(tmp_path / "x.npz", reference)
    assert open_it(path, extractor).mismatches == []
    extractor.provenance["weights"] = "the same bytes under another name"
    assert open_it(path, extractor).mismatches == []

    extractor.provenance["sha256"] = "1" * 64
    with pytest.raises(MismatchError, match=r"with sha256 000+ instead of 111+; allow_mismatch"):
        open_it(path, extractor)
    (mismatch,) = open_it(path, extractor, allow_mismatch=True).mismatches
    assert mismatch.startswith("sha256 000")


def test_presets_are_never_mixed(reference, extractor, tmp_path):
    path = write_reference(tmp_path / "x.npz", reference)
    extractor.provenance["preset"] = "pytorch-fid"
    for allow in (False, True):
        with pytest.raises(MismatchError, match=r"preset tf1 instead of pytorch-fid$"):
            open_it(path, extractor, allow_mismatch=allow)


def test_foreign_files_are_accepted_if_the_user_vouches_for_the_preset(
    moments, extractor, tmp_path, caplog
):
    path = tmp_path / "foreign.npz"
    np.savez(path, mu=moments[0], sigma=moments[1])
    with pytest.raises(ValueError, match=r"foreign statistics: .* say reference_preset=tf1"):
        open_it(path, extractor)
    with pytest.raises(MismatchError, match=r"never mixed; extractor\.preset=pytorch-fid makes"):
        open_it(path, extractor, preset="pytorch-fid")
    found = open_it(path, extractor, preset="tf1")
    assert found.mismatches == ["foreign statistics"]
    assert "foreign statistics" in caplog.text


def test_another_number_of_features(reference, extractor, tmp_path):
    path = write_reference(tmp_path / "x.npz", reference)
    with pytest.raises(MismatchError, match="is about 3 features, pixels has 2048"):
        open_it(path, extractor, dimension=2048)


def test_foreign_statistics_are_the_inception_s(moments, extractor, tmp_path):
    path = tmp_path / "foreign.npz"
    np.savez(path, mu=moments[0], sigma=moments[1])
    del extractor.provenance["preset"]
    for preset in (None, "tf1"):
        with pytest.raises(MismatchError, match="extractor=inception alone, got pixels"):
            open_it(path, extractor, preset=preset)


def test_another_size_of_pictures_is_marked(reference):
    assert reference.compared_with([16, 16]).mismatches == []
    assert reference.compared_with([32, 48]).mismatches == ["size 16 x 16 instead of 48 x 32"]
