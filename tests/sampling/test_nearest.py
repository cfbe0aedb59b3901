import torch

from sngan.extractor.base import Features
from sngan.sampling.nearest import nearest, nearest_by_pixels
from sngan.scoring.feature_pass import FeaturePass
from sngan.scoring.nearest_pictures import nearest_by_features

CPU = torch.device("cpu")


def test_of_all_batches_the_nearest_first_and_of_equals_the_first():
    points = torch.tensor([[5.0], [1.0], [3.0], [-1.0], [1.0], [0.5]])
    for size in (1, 2, 4, 6):
        index = torch.arange(6).split(size)
        found = nearest(torch.tensor([[0.0], [4.0]]), ((i, points[i]) for i in index), 3)
        assert found.index.tolist() == [[5, 1, 3], [0, 2, 1]]
        assert found.distance.tolist() == [[0.5, 1, 1], [1, 1, 3]]


def test_a_copy_among_many_and_distances_in_values_of_a_pixel():
    pictures = torch.randint(256, (2500, 3, 8, 8), dtype=torch.uint8)
    samples = pictures[[1700, 3]].clone()
    samples[1] = samples[1].clamp(max=250) + 5
    pictures[3] = pictures[3].clamp(max=250)
    found = nearest_by_pixels(samples, pictures, 2, CPU)
    assert found.index[:, 0].tolist() == [1700, 3]
    torch.testing.assert_close(found.distance[:, 0], torch.tensor([0.0, 5.0]))
    away = (pictures.double() - samples[:1].double()).square().mean((1, 2, 3)).sqrt()
    torch.testing.assert_close(found.distance[0, 1], away.sort().values[1].float())


class Brightness:
    """Sees how bright a picture is, not where."""

    def __call__(self, images):
        return Features(pool=images.float().mean((1, 2, 3))[:, None], logits=None)


def test_by_features_what_is_shifted_is_near():
    pictures = torch.randint(256, (20, 3, 8, 8), dtype=torch.uint8)
    shifted = pictures[[7, 11]].roll(3, dims=-1)
    found = nearest_by_features(FeaturePass(Brightness(), CPU, 6), shifted, pictures, 1)
    assert found.index.tolist() == [[7], [11]]
    assert found.distance.tolist() == [[0.0], [0.0]]
