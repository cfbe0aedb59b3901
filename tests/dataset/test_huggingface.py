"""Data sets in the forms of Hugging Face's library, written by the tests; no host is asked."""

import io
import json

import pytest
import torch
from PIL import Image

from sngan.dataset.base import MissingSplitError
from sngan.dataset.huggingface import HuggingFace

datasets = pytest.importorskip("datasets")
NAMES = ["cat", "dog"]


def encoded(colour, size=(8, 8), mode="RGB"):
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, format="PNG")
    return {"bytes": file.getvalue(), "path": None}


def table(count=4, **columns):
    content = {
        "img": [encoded((number, 0, 0)) for number in range(count)],
        "label": [number % 2 for number in range(count)],
        **columns,
    }
    kinds = {"img": datasets.Image(), "label": datasets.ClassLabel(names=NAMES)}
    kinds |= {name: datasets.Value("string") for name in columns if name not in kinds}
    return datasets.Dataset.from_dict(content, features=datasets.Features(kinds))


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def parquet(tmp_path):
    folder = tmp_path / "pets"
    folder.mkdir()
    table(6).to_parquet(folder / "train-00000-of-00001.parquet")
    table(2).to_parquet(folder / "test-00000-of-00001.parquet")
    return folder


def read(folder, split="train", **settings):
    settings = {"image_size": 8, "cache": folder.parent / "cache", **settings}
    return HuggingFace(str(folder), **settings).load(split)


def test_pictures_classes_and_splits_of_parquet_files(parquet):
    pictures = read(parquet)
    assert pictures.images.shape == (6, 3, 8, 8)
    assert pictures.images.dtype == torch.uint8
    assert pictures.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert pictures.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert pictures.class_names == ("cat", "dog")
    assert len(read(parquet, "test")) == 2
    assert len(read(parquet, train_split="train[:3]")) == 3


def test_a_folder_that_save_to_disk_wrote(tmp_path):
    both = datasets.DatasetDict(train=table(3), validation=table(1))
    both.save_to_disk(tmp_path / "saved")
    assert len(read(tmp_path / "saved")) == 3
    assert len(read(tmp_path / "saved", "test", test_split="validation")) == 1
    with pytest.raises(ValueError, match=r"^test_split must be one of train, validation, got test"):
        read(tmp_path / "saved", "test")


def test_sizes_and_grey(tmp_path):
    wide = [encoded((9, 9, 9), (24, 16))]
    table(1, img=wide, label=[0]).save_to_disk(tmp_path / "wide")
    pictures = read(tmp_path / "wide", channels=1)
    assert pictures.images.shape == (1, 1, 8, 8)
    assert pictures.images.unique().tolist() == [9]


def test_classes_may_be_texts_of_another_column(tmp_path):
    table(3, kind=["b", "a", "b"]).save_to_disk(tmp_path / "texts")
    pictures = read(tmp_path / "texts", label_column="kind")
    assert (pictures.labels.tolist(), pictures.class_names) == ([1, 0, 1], ("a", "b"))


def test_a_set_without_classes_has_one(tmp_path):
    table(3).remove_columns("label").save_to_disk(tmp_path / "plain")
    assert read(tmp_path / "plain").labels.tolist() == [0, 0, 0]


def test_what_cannot_be_used_is_left_out_with_its_label(tmp_path, caplog):
    images = [encoded((1, 0, 0)), {"bytes": b"nothing", "path": None}, encoded((3, 0, 0))]
    table(3, img=images).save_to_disk(tmp_path / "odd")
    pictures = read(tmp_path / "odd")
    assert pictures.images[:, 0, 0, 0].tolist() == [1, 3]
    assert pictures.labels.tolist() == [0, 0]
    assert "left out 1 of 3 pictures: not decodable: row 1" in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"image_column": "picture"}, "image_column must be one of img, label, got picture"),
        ({"label_column": "class"}, "label_column must be one of img, label, got class"),
        ({"train_split": "val"}, "train_split cannot be had of "),
        ({"n_classes": 3}, "n_classes is 3, but "),
    ],
)
def test_what_is_not_there_is_named(settings, said, parquet):
    with pytest.raises(ValueError, match=f"^{said}"):
        read(parquet, **settings)


def test_no_test_split(parquet):
    with pytest.raises(MissingSplitError, match=r"^test_split must name"):
        read(parquet, "test", test_split=None)


def test_a_name_that_is_not_there_offline(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"^path must be a data set of pictures, got no/such"
    ):
        HuggingFace("no/such", cache=tmp_path / "cache").load("train")


def test_a_script_is_never_run(tmp_path):
    folder = tmp_path / "script"
    folder.mkdir()
    (folder / "script.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ValueError, match=r"^path must be a data set"):
        read(folder)
    assert not (tmp_path / "ran").exists()


def test_two_columns_of_pictures_must_be_told_apart(tmp_path):
    both = table(2).add_column("mask", [None, None], feature=datasets.Image())
    both.save_to_disk(tmp_path / "both")
    with pytest.raises(ValueError, match=r"^image_column must be one of img, mask, got null"):
        read(tmp_path / "both")
    assert len(read(tmp_path / "both", image_column="img")) == 2


def test_the_commit_on_the_hub_is_kept_with_a_run(tmp_path, parquet, in_process, monkeypatch):
    """As if the files had been downloaded: the library notes their addresses."""
    assert read(parquet).revision is None
    commit = "0123456789abcdef" * 2 + "01234567"
    load_dataset = datasets.load_dataset

    def of_the_hub(*words, **options):
        table = load_dataset(*words, **options)
        table.info.download_checksums = {f"hf://datasets/user/pets@{commit}/a.parquet": {}}
        return table

    monkeypatch.setattr(datasets, "load_dataset", of_the_hub)
    in_process(
        "sngan-train", "dataset=huggingface", f"dataset.path={parquet}", "dataset.cache=cache",
        "+scale=smoke", "total_steps=1", "setting.batch_size=2", "run_dir=run", "device=cpu",
    )  # fmt: skip
    (entry,) = json.loads((tmp_path / "run/environment.json").read_text())
    assert entry["dataset_revision"] == commit
    assert f"is of revision {commit}" in (tmp_path / "run/train.log").read_text()
