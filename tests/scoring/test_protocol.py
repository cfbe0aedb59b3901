import re

import pytest
import torch

from sngan.dataset.base import MissingSplitError, Pictures


def split_of(count):
    return Pictures(torch.zeros(count, 3, 8, 8, dtype=torch.uint8), torch.zeros(count), ("all",))


@pytest.mark.parametrize(
    "changes",
    [
        {"num_generated": 0},
        {"num_generated": 60.5},
        {"num_generated": "many"},
        {"splits": True},
        {"splits": 0},
        {"splits": 61},
        {"num_generated_fid": 1},
        {"num_generated_fid": 61},
        {"num_real": 1},
        {"real_split": "dev"},
        {"real_split": []},
        {"quantization": "floor"},
    ],
)
def test_impossible_settings(protocol, changes):
    (setting,) = changes
    with pytest.raises(ValueError, match=rf"^{setting} must be"):
        protocol(**changes)


def test_all_of_a_folder_is_counted(protocol):
    everything = protocol(num_generated=None, num_generated_fid=None)
    filled = everything.for_source("DIR", 123)
    assert (filled.num_generated, filled.num_generated_fid) == (123, 123)
    assert protocol().for_source("a generator", None) == protocol()


@pytest.mark.parametrize(
    ("changes", "count", "text"),
    [
        ({"num_generated": None}, None, "protocol test takes all samples there are, but X makes"),
        ({}, 59, "protocol test takes 60 samples, X has 59; protocol=all"),
        ({"num_generated": None, "num_generated_fid": None}, 2, "splits must be at most the 2"),
    ],
)
def test_sources_that_do_not_fit(protocol, changes, count, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        protocol(**changes).for_source("X", count)


def test_real_pictures_come_from_the_first_split_that_has_enough(protocol):
    sizes = {"train": 100, "test": 30}
    paper = protocol(real_split=["test", "train"], num_real=40)
    assert paper.choose_real(lambda split: split_of(sizes[split]))[0] == "train"
    sizes["test"] = 40
    assert paper.choose_real(lambda split: split_of(sizes[split]))[0] == "test"


def test_a_missing_split_is_passed_over_and_named_if_none_is_left(protocol):
    def load(split):
        if split == "test":
            raise MissingSplitError("root", "has no test split")
        return split_of(30)

    paper = protocol(real_split=["test", "train"], num_real=20)
    assert paper.choose_real(load)[0] == "train"
    text = (
        "protocol test takes 40 real pictures, but there is no test split and the train split has "
        "30; protocol.test.num_real=null takes them all"
    )
    with pytest.raises(ValueError, match=re.escape(text)):
        protocol(real_split=["test", "train"]).choose_real(load)
