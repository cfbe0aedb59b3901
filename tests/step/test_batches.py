import pytest
import torch

from sngan.dataset.base import Pictures
from sngan.dataset.synthetic import SyntheticShapes
from sngan.preprocessing.symmetric import Symmetric
from sngan.step.batches import Batches
from sngan.step.splits import Splits
from sngan.step.streaming import StreamedBatches

CPU = torch.device("cpu")


def numbered(count):
    """Pictures whose pixels and labels are their index."""
    index = torch.arange(count)
    images = index.to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 2, 2).contiguous()
    return Pictures(images, index, ("all",))


def test_every_epoch_shows_every_picture_once_across_batch_borders():
    batches = Batches(numbered(10), Symmetric(), 4, CPU)
    seen = torch.cat([batches.next()[1] for _ in range(5)])
    assert sorted(seen[:10].tolist()) == list(range(10))
    assert sorted(seen[10:].tolist()) == list(range(10))
    assert seen[:10].tolist() != seen[10:].tolist()


def test_pictures_and_labels_stay_together():
    batches = Batches(numbered(10), Symmetric(), 3, CPU)
    for _ in range(10):
        images, labels = batches.next()
        torch.testing.assert_close(images[:, 0, 0, 0], labels / 127.5 - 1)


def test_the_set_stays_uint8():
    batches = Batches(numbered(10), Symmetric(), 3, CPU)
    assert batches.images.dtype == torch.uint8
    assert batches.next()[0].dtype == torch.float32


def test_continues_where_it_was():
    batches = Batches(numbered(10), Symmetric(), 4, CPU)
    batches.next()
    state, random = batches.state_dict(), torch.get_rng_state()
    expected = [batches.next()[1] for _ in range(5)]
    other = Batches(numbered(10), Symmetric(), 4, CPU)
    other.load_state_dict(state)
    torch.set_rng_state(random)
    assert all(torch.equal(labels, other.next()[1]) for labels in expected)


@pytest.mark.parametrize("kind", [Batches, StreamedBatches])
def test_prepared_batches_are_those_taken_one_by_one(kind):
    """Orders are drawn in time, also where an iteration is longer than an epoch."""
    torch.manual_seed(0)
    single = Batches(numbered(10), Symmetric(), 4, CPU)
    expected = torch.cat([single.next()[1] for _ in range(18)])
    torch.manual_seed(0)
    prepared = kind(numbered(10), Symmetric(), 4, CPU)
    found = []
    for _ in range(3):
        prepared.prepare(6)
        for images, labels in prepared.prepared():
            torch.testing.assert_close(images[:, 0, 0, 0], labels / 127.5 - 1)
            found.append(labels.clone())
    assert torch.equal(torch.cat(found), expected)


def test_the_order_stays_in_its_place_in_memory():
    """A recorded iteration reads it from there."""
    batches = Batches(numbered(10), Symmetric(), 4, CPU)
    places = set()
    for _ in range(9):
        batches.prepare(2)
        places.add((batches._order.data_ptr(), batches._place.data_ptr()))
        list(batches.prepared())
    assert len(places) == 1
    batches.load_state_dict(batches.state_dict())
    batches.prepare(2)
    assert (batches._order.data_ptr(), batches._place.data_ptr()) in places


def test_streamed_pictures_come_to_the_same_place_and_are_read_ahead(monkeypatch):
    reads = []
    read = StreamedBatches._read
    monkeypatch.setattr(
        StreamedBatches, "_read", lambda self, index: reads.append(len(index)) or read(self, index)
    )
    batches = StreamedBatches(numbered(12), Symmetric(), 2, CPU)
    places = set()
    for count in range(1, 4):
        batches.prepare(2)
        if batches._ahead:
            batches._ahead[2].result()
        assert len(reads) == count + (count < 3)  # The last one of an epoch has none ahead.
        places.add(batches._staged[0].data_ptr())
        list(batches.prepared())
    assert len(places) == 1


def test_streamed_batches_continue_where_they_were():
    batches = StreamedBatches(numbered(40), Symmetric(), 4, CPU)
    batches.prepare(2)
    state = batches.state_dict()
    batches.prepare(2)
    expected = [labels.clone() for _, labels in batches.prepared()]
    other = StreamedBatches(numbered(40), Symmetric(), 4, CPU)
    other.prepare(2)  # Reads ahead what will not come.
    other.load_state_dict(state)
    other.prepare(2)
    found = [labels for _, labels in other.prepared()]
    torch.testing.assert_close(found, expected)
    assert not torch.equal(*found)


def test_another_set_is_refused():
    state = Batches(numbered(10), Symmetric(), 4, CPU).state_dict()
    with pytest.raises(ValueError, match="has 9 pictures, the checkpoint was made with 10"):
        Batches(numbered(9), Symmetric(), 4, CPU).load_state_dict(state)


@pytest.mark.parametrize("batch_size", [0, 11])
def test_batch_must_fit_the_set(batch_size):
    with pytest.raises(ValueError, match=f"between 1 and the data set's 10 .* got {batch_size}"):
        Batches(numbered(10), Symmetric(), batch_size, CPU)


def test_splits_are_loaded_once(shapes, monkeypatch):
    asked = []
    monkeypatch.setattr(SyntheticShapes, "load", lambda self, split: asked.append(split) or shapes)
    splits = Splits(SyntheticShapes(), Symmetric(), 4, CPU)
    assert not asked
    first, second = splits("test"), splits("test")
    assert asked == ["test"]
    assert first.images is second.images
    assert not torch.equal(first.upcoming, second.upcoming)
    splits("train")
    assert asked == ["test", "train"]


def test_a_mapped_set_is_left_where_it_is(shapes):
    """Only its batches move; on the CPU the same numbers come out."""
    mapped = Pictures(shapes.images, shapes.labels, shapes.class_names, resident=False)
    assert mapped.to(torch.device("meta")) is mapped
    torch.manual_seed(0)
    expected = Batches(shapes, Symmetric(), 7, CPU).next()
    torch.manual_seed(0)
    actual = StreamedBatches(mapped, Symmetric(), 7, CPU).next()
    assert all(torch.equal(a, b) for a, b in zip(actual, expected, strict=True))


@pytest.mark.parametrize(("free", "kind"), [(10_000, StreamedBatches), (10**9, Batches)])
def test_pictures_that_would_crowd_the_device_are_streamed(shapes, monkeypatch, free, kind):
    monkeypatch.setattr("sngan.step.splits.free_memory", lambda device: free)
    monkeypatch.setattr(SyntheticShapes, "load", lambda self, split: shapes)
    splits = Splits(SyntheticShapes(), Symmetric(), 4, CPU)
    assert type(splits("train")) is kind
