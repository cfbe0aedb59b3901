import logging

import pytest
import torch

from scripts.benchmark.numerics import kept_switches
from sngan.scoring.feature_pass import FeaturePass, likely_batch_size
from sngan.scoring.source import Fixed, Source
from sngan.system.float32 import set_float32_precision
from sngan.system.workers import Workers

CPU = torch.device("cpu")
ROUND, TRUNCATE = "round", "truncate"


class Floats(Source):
    """Pictures of one brightness each, a little below a level."""

    name = "floats"
    is_quantized = False

    def __init__(self):
        self.made = []

    def __call__(self, index):
        self.made += index.tolist()
        level = (index.float() - 0.3) / 127.5 - 1
        return level.view(-1, 1, 1, 1).expand(-1, 3, 8, 8)


def test_each_sample_is_made_once_and_described_once_per_rule(extractor):
    source = Floats()
    describe = FeaturePass(extractor, CPU, 7)
    batches = list(describe(source, {ROUND: 30, TRUNCATE: 10}, "test"))
    assert source.made == [*range(30)]
    assert extractor.seen == 30 + 10
    for rule, count, below in ((ROUND, 30, 0), (TRUNCATE, 10, 1)):
        chosen = [batch for batch in batches if batch.rule == rule]
        index = torch.cat([batch.index for batch in chosen])
        pool = torch.cat([batch.features.pool for batch in chosen])
        assert index.tolist() == [*range(count)]
        assert pool[:, 0].tolist() == [max(i - below, 0) for i in range(count)]


def test_processes_take_turns_and_leave_nothing_out(extractor):
    seen = []
    for rank in range(3):
        describe = FeaturePass(extractor, CPU, 4, Workers(rank, 3))
        seen += [i for batch in describe(Floats(), {ROUND: 20}, "") for i in batch.index.tolist()]
    assert sorted(seen) == [*range(20)]


class Greedy:
    """An extractor with memory for three pictures."""

    is_fid_inception = False

    def __init__(self, inner, error):
        self.inner, self.error, self.sizes = inner, error, []

    def __call__(self, images):
        self.sizes.append(len(images))
        if len(images) > 3:
            raise self.error
        return self.inner(images)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_backs_off_when_memory_runs_out_and_loses_nothing(extractor, shapes, error, caplog):
    greedy = Greedy(extractor, error)
    describe = FeaturePass(greedy, CPU, 16)
    with caplog.at_level(logging.WARNING):
        batches = list(describe(Fixed(shapes.images, ""), {None: 20}, ""))
    assert greedy.sizes[:4] == [16, 8, 4, 2]
    assert torch.cat([batch.index for batch in batches]).tolist() == [*range(20)]
    assert "going on with 2 pictures per batch" in caplog.text


def test_other_errors_are_not_mistaken_for_a_lack_of_memory(extractor, shapes):
    greedy = Greedy(extractor, RuntimeError("shapes do not fit"))
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        list(FeaturePass(greedy, CPU, 16)(Fixed(shapes.images, ""), {None: 20}, ""))
    assert greedy.sizes == [16]


def test_not_even_one_picture_fits(shapes):
    class Never(Greedy):
        def __call__(self, images):
            raise torch.OutOfMemoryError("one is too many")

    with pytest.raises(ValueError, match="not even one picture fits into memory"):
        list(FeaturePass(Never(None, None), CPU, 4)(Fixed(shapes.images, ""), {None: 20}, ""))


def test_the_first_value_that_is_not_finite_is_named(extractor, shapes):
    class Broken(Floats):
        def __call__(self, index):
            return torch.where((index >= 12).view(-1, 1, 1, 1), torch.nan, super().__call__(index))

    with pytest.raises(FloatingPointError, match="floats: sample 12 is not finite"):
        list(FeaturePass(extractor, CPU, 7)(Broken(), {ROUND: 20}, ""))

    def infinite(images):
        features = extractor(images)
        features.pool[-1] = torch.inf
        return features

    with pytest.raises(FloatingPointError, match="a feature of picture 6 is not finite"):
        list(FeaturePass(infinite, CPU, 7)(Fixed(shapes.images, ""), {None: 20}, ""))


def test_batch_sizes(extractor):
    with pytest.raises(ValueError, match=r"batch_size must be .* or null, got 0"):
        FeaturePass(extractor, CPU, 0)
    assert 8 <= likely_batch_size(CPU) <= 256
    assert FeaturePass(extractor, CPU).batch_size == likely_batch_size(CPU)


def precisions():
    if hasattr(torch.backends, "fp32_precision"):
        return {torch.backends.fp32_precision}
    return {torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32}


def test_precision_is_exact_while_describing_and_as_before_afterwards(extractor, shapes):
    seen = []
    with kept_switches():
        set_float32_precision("tf32", torch.device("cuda"))
        describe = FeaturePass(
            lambda images: seen.append(precisions()) or extractor(images), CPU, 7
        )
        list(describe(Fixed(shapes.images, ""), {None: 7}, ""))
        assert seen in ([{"ieee"}], [{False}])
        assert precisions() in ({"tf32"}, {True})
