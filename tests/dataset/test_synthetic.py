import pytest
import torch

from sngan.dataset.synthetic import SHAPES, SyntheticShapes


def test_is_deterministic_and_seeded():
    first, second = (SyntheticShapes(num_images=20).load("train") for _ in range(2))
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.labels, second.labels)
    other = SyntheticShapes(num_images=20, seed=1).load("train")
    assert not torch.equal(first.images, other.images)


def test_test_split_is_another_one():
    dataset = SyntheticShapes(num_images=20)
    assert not torch.equal(dataset.load("train").images, dataset.load("test").images)


def test_does_not_touch_the_global_random_state():
    before = torch.get_rng_state()
    SyntheticShapes(num_images=5).load("train")
    assert torch.equal(before, torch.get_rng_state())


def test_shapes_and_labels():
    pictures = SyntheticShapes(image_size=48, num_images=1500).load("train")
    assert pictures.images.shape == (1500, 3, 48, 48)
    assert pictures.images.dtype == torch.uint8
    assert pictures.labels.unique().tolist() == list(range(len(SHAPES)))
    assert pictures.class_names == ("disc", "square", "triangle", "ring")


def test_label_says_which_shape_was_drawn():
    """A ring shows its background in the middle, which no other shape does."""
    pictures = SyntheticShapes(num_images=400).load("train")
    images = pictures.images.float()
    background = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].mean(dim=2)
    inked = (images - background[:, :, None, None]).abs().amax(dim=1) > 90
    rows, columns = torch.arange(32.0), torch.arange(32.0)
    weight = inked.sum(dim=(1, 2))
    y = ((inked.sum(dim=2) * rows).sum(dim=1) / weight).round().long()
    x = ((inked.sum(dim=1) * columns).sum(dim=1) / weight).round().long()
    is_hollow = ~inked[torch.arange(400), y, x]
    is_ring = pictures.labels == pictures.class_names.index("ring")
    assert (is_hollow == is_ring).float().mean() > 0.97


@pytest.mark.parametrize(("setting", "value"), [("image_size", 7), ("num_images", 0), ("seed", -1)])
def test_bad_settings(setting, value):
    with pytest.raises(
        ValueError, match=rf"{setting} must be an integer between \d and \d+, got {value}"
    ):
        SyntheticShapes(**{setting: value})


def test_fewer_classes():
    pictures = SyntheticShapes(image_size=8, num_images=50, n_classes=2).load("train")
    assert pictures.labels.max() == 1
    assert len(pictures.class_names) == 2
    with pytest.raises(ValueError, match=r"n_classes must be an integer between 1 and 4, got 5"):
        SyntheticShapes(n_classes=5)


def test_more_pictures_than_memory_holds_are_refused():
    """Before anything is drawn."""
    with pytest.raises(ValueError, match=r"of 4096 pixels need 5,033,164\.8 GB of memory"):
        SyntheticShapes(num_images=10**8, image_size=4096).load("train")
