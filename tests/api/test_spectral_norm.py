"""Spectral normalization of anybody's network: the matrix, the vector, and what is refused."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from sngan.api.spectral_norm import remove_spectral_norm, spectral_norm
from sngan.architecture.cnn import CnnDiscriminator
from sngan.architecture.resnet_cifar import ResNetCifarDiscriminator
from sngan.regularizer.spectral_norm import SpectralNorm

LAYERS = {
    "linear": lambda: nn.Linear(7, 5),
    "conv1d": lambda: nn.Conv1d(4, 6, 3),
    "conv2d": lambda: nn.Conv2d(3, 5, 3),
    "conv3d": lambda: nn.Conv3d(2, 4, 2),
    "grouped": lambda: nn.Conv2d(4, 6, 3, groups=2),
    "transposed1d": lambda: nn.ConvTranspose1d(4, 6, 3),
    "transposed2d": lambda: nn.ConvTranspose2d(3, 5, 4),
    "transposed3d": lambda: nn.ConvTranspose3d(2, 4, 2),
    "transposed, grouped": lambda: nn.ConvTranspose2d(4, 6, 3, groups=2),
    "embedding": lambda: nn.Embedding(9, 4),
}
INPUTS = {
    "linear": (2, 7),
    "conv1d": (2, 4, 8),
    "conv2d": (2, 3, 8, 8),
    "conv3d": (2, 2, 5, 5, 5),
    "grouped": (2, 4, 8, 8),
    "transposed1d": (2, 4, 8),
    "transposed2d": (2, 3, 8, 8),
    "transposed3d": (2, 2, 5, 5, 5),
    "transposed, grouped": (2, 4, 8, 8),
}


def rows(name, weight):
    """The rows of the paper's matrix, each with the kernel of one output, written out by hand."""
    if not name.startswith("transposed"):
        return torch.stack([row.flatten() for row in weight])
    groups = 2 if name.endswith("grouped") else 1
    kernels = [kernel for group in weight.chunk(groups) for kernel in group.unbind(1)]
    return torch.stack([kernel.flatten() for kernel in kernels])


def normalization(layer):
    return layer.parametrizations.weight[0]


@pytest.mark.parametrize("name", LAYERS)
def test_sigma_becomes_the_largest_singular_value(name):
    layer = LAYERS[name]().double()
    raw = layer.weight.detach().clone()
    spectral_norm(layer)
    for _ in range(300):
        used = layer.weight
    largest = torch.linalg.matrix_norm(rows(name, raw), ord=2)
    torch.testing.assert_close(used.detach(), raw / largest, rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", LAYERS)
def test_every_output_has_one_entry_of_u(name):
    layer = spectral_norm(LAYERS[name]())
    outputs = getattr(layer, "out_channels", len(layer.weight))
    assert normalization(layer).u.shape == (outputs,)


@pytest.mark.parametrize("name", INPUTS)
def test_the_layer_is_still_the_same_map_over_sigma(name):
    plain = LAYERS[name]()
    plain.bias.data.zero_()
    layer = spectral_norm(copy.deepcopy(plain)).eval()
    x = torch.randn(INPUTS[name])
    y, reference = layer(x), plain(x)
    sigma = (plain.weight / layer.weight).mean()
    torch.testing.assert_close(y, reference / sigma)


@pytest.mark.parametrize("power_iterations", [1, 3])
@pytest.mark.parametrize("name", ["linear", "conv2d", "embedding"])
def test_it_equals_the_regularizer_from_the_same_start(name, power_iterations):
    plain = LAYERS[name]().double()
    regularizer = SpectralNorm(power_iterations, update_dense_in_eval=False)
    theirs = regularizer.wrap_layer(copy.deepcopy(plain), "hidden").double()
    ours = spectral_norm(copy.deepcopy(plain), power_iterations=power_iterations)
    normalization(ours).u.copy_(theirs.u)
    x = torch.arange(6) if name == "embedding" else torch.randn(INPUTS[name]).double()
    for is_training in (True, True, False, False, True):
        a, b = ours.train(is_training)(x), theirs.train(is_training)(x)
        torch.testing.assert_close(a, b)
        torch.testing.assert_close(normalization(ours).u, theirs.u)
    a.square().sum().backward()
    b.square().sum().backward()
    raw = ours.parametrizations.weight.original
    torch.testing.assert_close(raw.grad, theirs.layer.weight.grad)


def test_u_moves_in_train_mode_only_and_once_per_pass():
    layer = spectral_norm(nn.Linear(7, 5))
    u = normalization(layer).u
    start, x = u.clone(), torch.randn(2, 7)
    layer.eval()
    assert torch.equal(layer(x), layer(x))
    assert torch.equal(u, start)
    layer.train()(x)
    raw = layer.parametrizations.weight.original.detach()
    expected = raw @ (raw.T @ start)
    torch.testing.assert_close(u, expected / expected.norm())


def test_normalising_draws_u_and_does_not_move_it():
    torch.manual_seed(3)
    layer = spectral_norm(nn.Linear(7, 5))
    torch.manual_seed(3)
    nn.Linear(7, 5)
    assert torch.equal(normalization(layer).u, torch.randn(5))


def test_several_passes_before_one_backward():
    network = spectral_norm(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)))
    (network(torch.randn(3, 4)).sum() - network(torch.randn(3, 4)).sum()).backward()
    assert all(x.grad is not None for x in network.parameters())


def test_gradients_of_gradients_as_for_a_penalty():
    layer = spectral_norm(nn.Linear(4, 3).double())
    raw = layer.parametrizations.weight.original
    normalize = normalization(layer).eval()  # The same sigma at every call.

    def penalty(weight):
        x = torch.ones(1, 4, dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad((x @ normalize(weight).T).sum(), x, create_graph=True)
        return (gradient.norm() - 1).square()

    for _ in range(300):  # u and v count as constants, which at their end is exact.
        normalize.train()(raw)
    normalize.eval()
    assert torch.autograd.gradcheck(penalty, raw)


def test_never_below_float32():
    layer = spectral_norm(nn.Linear(64, 64))
    x = torch.randn(2, 64)
    with torch.autocast("cpu", torch.bfloat16):
        layer(x)
        used = layer.eval().weight
    torch.testing.assert_close(used, layer.weight, rtol=0, atol=0)
    half = spectral_norm(nn.Linear(64, 64).bfloat16())
    assert half.weight.dtype == torch.bfloat16
    assert normalization(half).u.dtype == torch.float32


def test_a_network_of_anybody_and_what_is_left_alone():
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.GroupNorm(2, 4),
        nn.LayerNorm([4, 6, 6]),
        nn.InstanceNorm2d(4, affine=True),
        nn.PReLU(),
        nn.ModuleDict({"head": nn.Sequential(nn.Flatten(), nn.Linear(144, 1))})["head"],
    )
    assert spectral_norm(network) is network
    normalized = [k for k in network.state_dict() if k.endswith(".weight.original")]
    assert normalized == [
        "0.parametrizations.weight.original",
        "6.1.parametrizations.weight.original",
    ]
    network(torch.randn(2, 3, 8, 8)).sum().backward()


@pytest.mark.parametrize("kind", [CnnDiscriminator, ResNetCifarDiscriminator])
def test_discriminators_of_ours_equal_themselves_under_the_regularizer(kind):
    torch.manual_seed(0)
    ours = spectral_norm(kind(width=0.05))
    torch.manual_seed(0)
    regularizer = SpectralNorm()
    theirs = kind(width=0.05, wrap_layer=regularizer.wrap_layer)
    starts = [part.u for part in theirs.modules() if hasattr(part, "u")]
    own = [part for part in ours.modules() if hasattr(part, "u")]
    weights = [part for name, part in ours.named_parameters() if "bias" not in name]
    references = [part for name, part in theirs.named_parameters() if "bias" not in name]
    assert len(own) == len(starts) == len(weights) == len(references)
    with torch.no_grad():
        for part, start in zip(own, starts, strict=True):
            part.u.copy_(start)
        for weight, reference in zip(weights, references, strict=True):
            weight.copy_(reference)
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours(images).logits, theirs(images).logits)


def test_optimizers_keep_their_parameters_there_and_back():
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
    before = list(network.parameters())
    spectral_norm(network)
    assert {id(x) for x in network.parameters()} == {id(x) for x in before}
    remove_spectral_norm(network)
    assert {id(x) for x in network.parameters()} == {id(x) for x in before}


@pytest.mark.parametrize("is_training", [True, False])
def test_removing_bakes_in_the_weights_of_eval_mode(is_training):
    network = spectral_norm(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 1)))
    x = torch.randn(2, 3, 4, 4)
    network(x)
    expected = network.eval()(x)
    assert remove_spectral_norm(network.train(is_training)) is network
    torch.testing.assert_close(network(x), expected, rtol=0, atol=0)
    assert set(network.state_dict()) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    with pytest.raises(ValueError, match="Sequential has no layer that"):
        remove_spectral_norm(network)


def test_a_state_dict_carries_u():
    network = spectral_norm(nn.Linear(4, 3))
    network(torch.randn(1, 4))
    other = spectral_norm(nn.Linear(4, 3))
    other.load_state_dict(network.state_dict())
    assert torch.equal(other.eval().weight, network.eval().weight)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (lambda: nn.LSTM(3, 3), r"1 \(LSTM\) has weights that cannot be normalised: supported are"),
        (lambda: nn.MultiheadAttention(4, 2), r"1 \(MultiheadAttention\) has weights"),
        (lambda: nn.Bilinear(2, 2, 2), r"1 \(Bilinear\) .* Linear, Conv1d, .*, Embedding; exclude"),
        (lambda: nn.EmbeddingBag(3, 3), r"1 \(EmbeddingBag\) has weights"),
        (lambda: nn.LazyLinear(3), r"1 \(LazyLinear\) has no weight yet"),
        (lambda: nn.Linear(3, 3, dtype=torch.complex64), "must have a real weight"),
        (lambda: spectral_norm(nn.Linear(3, 3)), r"1 \(ParametrizedLinear\) is normalised already"),
        (lambda: parametrizations.weight_norm(nn.Linear(3, 3)), "is normalised already"),
        (lambda: nn.utils.spectral_norm(nn.Linear(3, 3)), r"1 \(Linear\) is normalised already"),
        (
            lambda: SpectralNorm().wrap_layer(nn.Linear(3, 3), "last"),
            r"1 \(SpectralNormLayer\) is normalised already",
        ),
    ],
)
def test_what_cannot_be_normalised_is_named_and_nothing_is_changed(layer, said):
    network = nn.Sequential(nn.Linear(3, 3), layer(), nn.Linear(3, 3))
    before = list(network.state_dict())
    with pytest.raises(ValueError, match=said):
        spectral_norm(network)
    assert list(network.state_dict()) == before


def test_parts_can_be_left_out_by_name():
    block = nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 3))
    network = nn.ModuleDict({"a": block, "ab": nn.Linear(3, 3), "b": nn.Linear(3, 3)})
    spectral_norm(network, exclude=["a", "b"])
    changed = [name for name, part in network.named_modules() if hasattr(part, "parametrizations")]
    assert changed == ["ab"]


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="exclude must name parts of the module, got last"):
        spectral_norm(nn.Linear(3, 3), exclude=["last"])
    with pytest.raises(ValueError, match="Sequential has no layer to normalise: supported are"):
        spectral_norm(nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3)))
    with pytest.raises(
        ValueError, match=r"power_iterations must be an integer between 1 and \d+, got 0"
    ):
        spectral_norm(nn.Linear(3, 3), power_iterations=0)
