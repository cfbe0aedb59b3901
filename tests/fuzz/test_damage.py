"""A damaged file is found to be damaged, or what is read from it is what was written."""

import pytest
import torch

from scripts.torture.compare import are_same
from scripts.torture.damage import flipped, outcome_of, zeroed
from sngan.dataset.parts.cache import cached
from sngan.run_folder import checkpoint
from sngan.scoring.reference import Reference, read_reference, write_reference
from sngan.system.safe_load import load_tensors


def found_in(path, read, expected, contents):
    """Count the contents that are refused; others must be read as what was written."""
    outcomes = [outcome_of(path, read, expected, content) for content in contents]
    assert {*outcomes} <= {"refused", "harmless"}
    return outcomes.count("refused")


def test_every_damage_of_a_checkpoint_is_found(trained, tmp_path):
    whole, content = checkpoint.load(trained), trained.read_bytes()
    path = tmp_path / "a.pt"
    assert found_in(path, checkpoint.load, whole, flipped(content, 300)) == 300
    is_lost = [page for page in zeroed(content, 60) if page != content]  # Some are zero already.
    assert len(is_lost) > 50
    assert found_in(path, checkpoint.load, whole, is_lost) == len(is_lost)


def test_damage_of_one_without_our_checksum(trained, tmp_path):
    """Such as older versions wrote. Bits that nobody reads may go unnoticed."""
    whole = checkpoint.load(trained)
    torch.save(whole, tmp_path / "old.pt")
    content = (tmp_path / "old.pt").read_bytes()
    path = tmp_path / "a.pt"
    assert found_in(path, checkpoint.load, whole, flipped(content, 300)) > 250
    assert found_in(path, checkpoint.load, whole, zeroed(content, 60)) > 50


@pytest.mark.slow
def test_every_single_bit(tmp_path):
    state = {"step": 1, "text": "abc", "weights": [torch.arange(9.0), torch.ones(2, 3)]}
    path = tmp_path / "a.pt"
    checkpoint.save(path, state)
    content, whole = path.read_bytes(), {"format": checkpoint.FORMAT, **state}
    bits = 8 * len(content)
    # The last ones are its mark: without it, the parts are compared.
    found = found_in(
        path, lambda file: load_tensors(file, "a checkpoint"), whole, flipped(content, bits)
    )
    assert found > bits - 8 * 32


def test_damage_of_statistics(tmp_path):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(40, 8, generator=generator)
    reference = Reference(
        label="x",
        mean=features.double().mean(0),
        covariance=features.double().T.cov(),
        count=40,
        meta={"count": 40, "extractor": {"name": "x"}},
        features=features,
    )
    path = write_reference(tmp_path / "a.npz", reference)

    def read(file):
        found = read_reference(file)
        return {key: getattr(found, key) for key in ("mean", "covariance", "features", "meta")}

    whole, content = read(path), path.read_bytes()
    changed = [*flipped(content, 300), *zeroed(content, 10)]
    assert found_in(path, read, whole, changed) > len(changed) - 5  # Bits of our mark.


def test_a_damaged_cache_is_made_again(tmp_path):
    images = torch.arange(12 * 3 * 8 * 8).view(12, 3, 8, 8).to(torch.uint8)
    labels = torch.arange(12)
    folder = tmp_path / "cache"

    def read():
        made = []
        build = lambda: made.append(1) or [(images, labels)]  # noqa: E731
        found = cached(folder, {"a": 1}, build, 8)
        assert are_same([*found], [images, labels])
        return bool(made)

    assert read()
    assert not read()
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        for changed in flipped(content, 30):
            file.write_bytes(changed)
            read()
            file.write_bytes(content)
