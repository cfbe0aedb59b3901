import json
import re
from dataclasses import replace

import pytest

from sngan.scoring.scores import Found, Scores
from sngan.scoring.sheet import ScoreSheet

FOUND = {
    "inception_score": Found(values={"score_mean": 7.4217, "score_std": 0.0815}),
    "fid": Found(values={"distance": 29.3001}),
    "kid": Found(
        values={"kid_mean": 0.012345678, "kid_std": 0.001}, settings="100 subsets of 1,000"
    ),
}


@pytest.fixture
def sheet(extractor, protocol):
    scores = Scores(
        protocol=protocol(),
        found=FOUND,
        num_real=40,
        real="cifar10 test",
        warnings=["too few"],
    )
    return ScoreSheet(name="step_7.pt, step 7", extractor=extractor, scores=[scores], seed=3)


def test_it_says_everything_that_decides_it(sheet):
    software = f"sngan {sheet.versions['sngan']} torch {sheet.versions['torch']}"
    text = " ".join(sheet.summary().split())
    assert text == (
        "pixels score pixels distance kid_mean kid_std "
        "step_7.pt, step 7 7.422 +- 0.082 29.300 0.012346 0.001 "
        "protocol test | pixels score: 60 samples (round) in 3 splits | "
        "pixels distance, kid (100 subsets of 1,000): 50 samples (round), 40 real of cifar10 test "
        f"| pixels sha256 00000000 preset tf1 float32 | seed 3 | {software} note: too few"
    )


def test_only_the_fid_inception_gets_the_names_of_the_field(sheet):
    assert "FID" not in sheet.summary()
    assert not sheet.to_json()["protocols"]["test"]["comparable"]
    sheet.extractor.is_fid_inception = True
    assert "Inception score     FID" in sheet.summary().splitlines()[0]
    assert not sheet.to_json()["protocols"]["test"]["comparable"]  # Too few.
    enough = replace(sheet, scores=[replace(sheet.scores[0], warnings=[])])
    assert enough.to_json()["protocols"]["test"]["comparable"]
    assert sheet.to_json()["names"] == {"score": "Inception score", "distance": "FID"}


def test_a_mismatch_is_in_the_line(sheet):
    sheet.extractor.is_fid_inception = True
    scores = replace(
        sheet.scores[0], mismatches=["foreign statistics"], num_real=None, real="stats.npz"
    )
    marked = replace(sheet, scores=[scores])
    said = " ".join(marked.summary().split())
    assert "? real of stats.npz NOT COMPARABLE: foreign statistics |" in said
    assert not marked.to_json()["protocols"]["test"]["comparable"]


def test_pictures_that_were_8_bit_have_neither_rounding_nor_seed(sheet):
    summary = replace(sheet, is_quantized=True, seed=None).summary()
    assert "60 samples (8-bit)" in summary
    assert "seed" not in summary


def test_without_a_distance_there_is_no_column_for_it(sheet):
    found = {"inception_score": FOUND["inception_score"]}
    alone = replace(sheet.scores[0], found=found, real=None, num_real=None)
    summary = replace(sheet, scores=[alone]).summary()
    assert "distance" not in summary
    assert "real" not in summary


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet, scores: replace(
            sheet, scores=[replace(scores, protocol=replace(scores.protocol, num_real=7))]
        ),
        lambda sheet, scores: replace(
            sheet, scores=[replace(scores, statistics="synthetic-test-31-x-0123.npz")]
        ),
        lambda sheet, scores: replace(sheet, scores=[replace(scores, mismatches=["size"])]),
        lambda sheet, _scores: replace(sheet, seed=4),
        lambda sheet, _scores: replace(sheet, extractor=type(sheet.extractor)("pytorch-fid")),
    ],
    ids=["counts", "real pictures", "mismatch", "seed", "extractor"],
)
def test_another_number_never_takes_the_place_of_one(sheet, tmp_path, change):
    """The same name is written by the same things only."""
    first = sheet.write(tmp_path / "step_7.pt")
    before = first.read_bytes()
    other = change(sheet, sheet.scores[0]).write(tmp_path / "step_7.pt")
    assert other != first
    assert first.read_bytes() == before
    assert replace(sheet, name="the same", dataset={}).write(tmp_path / "step_7.pt") == first


def test_written_beside_the_checkpoint(sheet, tmp_path):
    path = sheet.write(tmp_path / "step_7.pt")
    assert re.fullmatch(r"step_7\.pixels\.test\.kid\.seed3\.[0-9a-f]{10}\.json", path.name)
    content = json.loads(path.read_text())
    assert content["seed"] == 3
    assert content["extractor"]["preset"] == "tf1"
    assert content["protocols"]["test"]["more"]["kid"]["kid_std"] == 0.001
    assert content["protocols"]["test"]["protocol"]["num_generated_fid"] == 50
    assert set(content["versions"]) >= {"python", "torch", "numpy", "scipy", "sngan"}
