"""The average of G's weights, by closed forms."""

import copy

import pytest
import torch

from sngan.architecture.cnn import CnnGenerator
from sngan.architecture.resnet_cifar import ResNetCifarGenerator
from sngan.assembly.compose import compose_trainings
from sngan.assembly.training import build_training
from sngan.average.ema import ExponentialMovingAverage


@pytest.fixture
def generator():
    """In double precision, so that closed forms hold to many digits."""
    return CnnGenerator(16, width=0.02).double()


def numbers(network):
    return [*network.parameters(), *network.buffers()]


def fill(network, value):
    with torch.no_grad():
        for number in numbers(network):
            number.fill_(value)


def assert_all(network, value):
    for number in numbers(network):
        expected = torch.full_like(number, value)
        torch.testing.assert_close(number.detach(), expected, rtol=1e-12, atol=0)


def floating(network):
    """Return a network's numbers without batch norm's count of batches."""
    return [number for number in numbers(network) if number.is_floating_point()]


def test_weights_that_stay_are_their_average(generator):
    average = ExponentialMovingAverage(generator)
    before = copy.deepcopy(average.generator.state_dict())
    for _ in range(50):
        average.update()
    for name, value in average.generator.state_dict().items():
        assert torch.equal(value, before[name])
    assert average.updates == 50


def test_a_geometric_sequence(generator):
    """Weights ``r^t`` give ``d^n + (1 - d) r (r^n - d^n) / (r - d)``, the first being 1."""
    decay, ratio, n = 0.9, 0.7, 40
    fill(generator, 1)
    average = ExponentialMovingAverage(generator, decay=decay, warm_up=False)
    for t in range(1, n + 1):
        fill(generator, ratio**t)
        average.update()
    tail = ratio * (ratio**n - decay**n) / (ratio - decay)
    for number in floating(average.generator):
        expected = torch.full_like(number, decay**n + (1 - decay) * tail)
        torch.testing.assert_close(number.detach(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("decay", "expected"), [(0.999, 0.5), (0.3, 0.3)])
def test_the_decay_warms_up(generator, decay, expected):
    """At ``t = 8`` it is ``min(decay, 9 / 18)``; at first 2 / 11."""
    average = ExponentialMovingAverage(generator, decay=decay)
    shares = [float(average.share(torch.tensor(t))) for t in (1, 8)]
    assert shares == pytest.approx([1 - min(decay, 2 / 11), 1 - expected], rel=1e-15)
    fill(average.generator, 0)
    fill(generator, 1)
    average.update()
    for number in floating(average.generator):
        assert float(number.detach().flatten()[0]) == pytest.approx(9 / 11, rel=1e-12)


def test_until_it_begins_it_is_the_generator(generator):
    average = ExponentialMovingAverage(generator, decay=0.9, start=3, warm_up=False)
    for t in range(1, 5):
        for number in floating(generator):
            torch.nn.init.normal_(number)
        average.update()
        pairs = zip(floating(average.generator), floating(generator), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs) == (t <= 3)


def test_running_statistics_are_averaged_and_counts_copied(generator):
    average = ExponentialMovingAverage(generator, decay=0.75, warm_up=False)
    state = generator.state_dict()
    (mean, *_), (variance, *_), (count, *_) = (
        [name for name in state if name.endswith(end)]
        for end in ("running_mean", "running_var", "num_batches_tracked")
    )
    state[mean].fill_(8)
    state[variance].fill_(5)
    state[count].fill_(17)
    average.update()
    averaged = average.generator.state_dict()
    assert (averaged[mean] == 2).all()  # From 0, a quarter of the way.
    assert (averaged[variance] == 2).all()  # From 1.
    assert averaged[count] == 17


def test_nothing_changes_in_the_generator(generator):
    average = ExponentialMovingAverage(generator)
    fill(generator, 2)
    average.update()
    assert_all(generator, 2)
    assert generator.training
    assert not average.generator.training
    assert all(p.requires_grad for p in generator.parameters())
    assert not any(p.requires_grad for p in average.generator.parameters())


@pytest.mark.parametrize("network", [CnnGenerator(16, width=0.05), ResNetCifarGenerator(width=0.1)])
def test_whole_networks_as_float64_computes_them(network):
    """The weighted sum of all that G was, its statistics moved by pictures, written out."""
    average = ExponentialMovingAverage(network, decay=0.8, warm_up=False)
    history = [{name: value.double() for name, value in network.state_dict().items()}]
    for _ in range(12):
        with torch.no_grad():
            for parameter in network.parameters():
                parameter += torch.randn_like(parameter) / 10
        network(torch.randn(4, network.latent_size))
        average.update()
        history.append({name: value.double() for name, value in network.state_dict().items()})
    shares = [0.8**12] + [0.2 * 0.8 ** (12 - t) for t in range(1, 13)]
    found = average.generator.state_dict()
    assert found.keys() == history[0].keys()
    for name, value in found.items():
        expected = sum(share * past[name] for share, past in zip(shares, history, strict=True))
        if name.endswith("num_batches_tracked"):
            expected = history[-1][name]
        torch.testing.assert_close(value.double(), expected, rtol=1e-5, atol=1e-6, msg=name)


def test_nothing_is_drawn_or_shared(generator):
    generator.compile()
    random = torch.get_rng_state()
    average = ExponentialMovingAverage(generator)
    assert torch.equal(torch.get_rng_state(), random)
    assert average.generator._compiled_call_impl is None  # Samples come in batches of any size.
    before = generator.dense.weight.detach().clone()
    fill(average.generator, 0)
    average.update()
    assert torch.equal(generator.dense.weight, before)


def test_it_is_in_float32_where_networks_compute_in_bfloat16():
    words = ["+scale=smoke", "dataset=synthetic", "average=ema", "speed=fast"]
    ((config, _),) = compose_trainings([words])
    training = build_training(config, torch.device("cpu"))
    training.iteration()
    training.average.update()
    state = training.average.generator.state_dict()
    assert {number.dtype for number in state.values()} == {torch.float32, torch.int64}


def test_it_goes_on_where_its_state_was_taken(generator):
    whole, later = (ExponentialMovingAverage(generator, start=2) for _ in range(2))
    for t in range(6):
        for number in floating(generator):
            torch.nn.init.normal_(number)
        whole.update()
        if t == 3:
            later.load_state_dict(copy.deepcopy(whole.state_dict()))
        if t > 3:
            later.update()
    assert later.updates == whole.updates == 6
    for pair in zip(numbers(later.generator), numbers(whole.generator), strict=True):
        assert torch.equal(*pair)


@pytest.mark.parametrize(
    "setting", [{"decay": 1}, {"decay": -0.1}, {"start": -1}, {"warm_up": 2}], ids=str
)
def test_bad_settings(generator, setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"^{name} must be"):
        ExponentialMovingAverage(generator, **setting)
