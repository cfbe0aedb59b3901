import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from sngan.regularizer.spectral_norm import SpectralNorm, SpectralNormLayer

LAYERS = {
    "conv3x3": lambda: nn.Conv2d(3, 8, 3, padding=1),
    "conv1x1": lambda: nn.Conv2d(6, 4, 1),
    "linear": lambda: nn.Linear(12, 7),
    "embedding": lambda: nn.Embedding(10, 6),
}


@pytest.mark.parametrize("name", LAYERS)
def test_largest_singular_value_is_one_after_many_iterations(name):
    layer = SpectralNormLayer(LAYERS[name]()).double()
    for _ in range(2000):
        weight = layer.normalized_weight()
    largest = torch.linalg.svdvals(weight.flatten(1))[0]
    assert largest.item() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("rounds", [1, 3])
def test_one_pass_equals_pytorch_from_the_same_vectors(name, rounds):
    layer = SpectralNormLayer(LAYERS[name](), rounds).double()
    matrix = layer.layer.weight.detach().flatten(1)
    # PyTorch updates left before right, the paper right before left: on the transposed matrix
    # PyTorch's order is the paper's.
    transposed = nn.Linear(*matrix.shape, bias=False).double()
    transposed.weight.data.copy_(matrix.T)
    theirs = parametrizations.spectral_norm(transposed, n_power_iterations=rounds)
    theirs.parametrizations.weight[0]._v.copy_(layer.u / layer.u.norm())

    torch.testing.assert_close(layer.normalized_weight().flatten(1), theirs.weight.T)
    torch.testing.assert_close(layer.u, theirs.parametrizations.weight[0]._v)


def test_gradient_is_the_closed_form():
    """Eq. 10 to 12: from the gradient G of W_bar to (G - <G, W_bar> u v^T) / sigma."""
    layer = SpectralNormLayer(nn.Linear(6, 5, bias=False)).double()
    weight = layer.layer.weight
    for _ in range(2000):
        layer.normalized_weight()
    upstream = torch.randn(5, 6, dtype=torch.float64)
    (layer.normalized_weight() * upstream).sum().backward()

    u, sigma, v = (x.detach() for x in torch.linalg.svd(weight))
    normalized = weight.detach() / sigma[0]
    direction = torch.outer(u[:, 0], v[0])
    expected = (upstream - (upstream * normalized).sum() * direction) / sigma[0]
    torch.testing.assert_close(weight.grad, expected, rtol=0, atol=1e-9)


def test_gradient_treats_u_and_v_as_constants():
    """Far from convergence too: the derivative of W / (u W v) with u and v held fixed."""
    layer = SpectralNormLayer(nn.Linear(6, 5, bias=False)).double()
    weight = layer.layer.weight
    v = layer.u @ weight.detach()
    v = v / v.norm()
    u = weight.detach() @ v
    u = u / u.norm()
    upstream = torch.randn(5, 6, dtype=torch.float64)
    (layer.normalized_weight() * upstream).sum().backward()

    sigma = u @ weight.detach() @ v
    normalized = weight.detach() / sigma
    expected = (upstream - (upstream * normalized).sum() * torch.outer(u, v)) / sigma
    torch.testing.assert_close(weight.grad, expected)


@pytest.mark.parametrize("name", LAYERS)
def test_u_moves_in_eval_mode_only_where_the_official_code_moves_it(name):
    layer = SpectralNorm().wrap_layer(LAYERS[name](), "hidden").eval()
    before = layer.u.clone()
    layer.normalized_weight()
    assert torch.equal(layer.u, before) == name.startswith("conv")


def test_eval_mode_can_be_pure():
    layer = SpectralNorm(update_dense_in_eval=False).wrap_layer(nn.Linear(4, 3), "last").eval()
    before = layer.u.clone()
    layer.normalized_weight()
    assert torch.equal(layer.u, before)


def test_power_iteration_uses_the_raw_weight_and_leaves_it_alone():
    layer = SpectralNormLayer(nn.Linear(6, 5))
    before = layer.layer.weight.clone()
    for _ in range(3):
        layer(torch.randn(2, 6))
    assert torch.equal(layer.layer.weight, before)
    assert [name for name, _ in layer.named_parameters()] == ["layer.weight", "layer.bias"]


def test_two_passes_before_one_backward():
    """Real and fake pass in turn; the first one's u and v must survive the second."""
    layer = SpectralNormLayer(nn.Linear(6, 1))
    (layer(torch.randn(4, 6)).sum() - layer(torch.randn(4, 6)).sum()).backward()
    assert layer.layer.weight.grad is not None


def test_double_backward():
    layer = SpectralNormLayer(nn.Linear(6, 3)).double()
    x = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert layer.layer.weight.grad.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sigma_is_float32_under_autocast(dtype):
    torch.manual_seed(1)
    layer = SpectralNormLayer(nn.Linear(64, 64))
    expected = SpectralNormLayer(nn.Linear(64, 64))
    expected.load_state_dict(layer.state_dict())
    with torch.autocast("cpu", dtype):
        weight = layer.normalized_weight()
    assert weight.dtype == layer.u.dtype == torch.float32
    assert torch.equal(weight, expected.normalized_weight())


def test_float64_network_stays_float64():
    layer = SpectralNormLayer(nn.Conv2d(3, 4, 3)).double()
    assert layer.normalized_weight().dtype == layer.u.dtype == torch.float64


def test_bfloat16_weights_get_a_float32_sigma():
    """The quotient differs from the float32 one by the rounding of its two ends only."""
    layer = SpectralNormLayer(nn.Linear(64, 64)).bfloat16()
    exact = SpectralNormLayer(nn.Linear(64, 64))
    exact.load_state_dict({k: v.float() for k, v in layer.state_dict().items()})
    torch.testing.assert_close(
        layer.normalized_weight().float(), exact.normalized_weight(), rtol=2**-8, atol=0
    )


def test_power_iterations_must_be_positive():
    with pytest.raises(
        ValueError, match=r"power_iterations must be an integer between 1 and \d+, got 0"
    ):
        SpectralNorm(power_iterations=0)


@pytest.mark.parametrize("name", ["gamma", "update_dense_in_eval"])
def test_words_are_not_booleans(name):
    """``no`` is a word, and a word is true."""
    with pytest.raises(ValueError, match=f"{name} must be true or false, got no"):
        SpectralNorm(**{name: "no"})


@pytest.mark.parametrize("name", LAYERS)
def test_learned_scale_starts_where_the_weight_is(name):
    """Eq. 32: one scalar, from an exact decomposition; the estimate catches up."""
    layer = SpectralNorm(gamma=True).wrap_layer(LAYERS[name]().double(), "hidden").double()
    assert layer.gamma.shape == ()
    largest = torch.linalg.svdvals(layer.layer.weight.flatten(1))[0]
    torch.testing.assert_close(layer.gamma.detach(), largest)
    for _ in range(2000):
        weight = layer.normalized_weight()
    torch.testing.assert_close(weight, layer.layer.weight)
    weight.sum().backward()
    assert layer.gamma.grad is not None


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("settings", [{}, {"power_iterations": 3}, {"gamma": True}], ids=str)
def test_all_layers_together_are_each_by_itself(resnet, images, settings, channels_last):
    """Weights in use, gradients and every u, in training and in test mode."""
    regularizer = SpectralNorm(**settings)
    each, together = resnet(regularizer).double(), resnet(regularizer).double()
    if channels_last:
        together.to(memory_format=torch.channels_last)
    together.load_state_dict(each.state_dict())
    regularizer.prepare(together)
    for mode in (True, False):
        logits = [network.train(mode)(images.double()).logits for network in (each, together)]
        torch.testing.assert_close(*logits)
        for values in logits:
            values.square().sum().backward()
        gradients = [[p.grad for p in network.parameters()] for network in (each, together)]
        torch.testing.assert_close(*gradients)
        torch.testing.assert_close(each.state_dict(), together.state_dict())


def test_few_operations_for_many_layers(resnet, images):
    """What a pass costs besides its products: a few operations for all layers, not for each."""
    counts = []
    for prepare in (False, True):
        discriminator = resnet(SpectralNorm())
        if prepare:
            SpectralNorm().prepare(discriminator)
        with torch.profiler.profile() as profile, torch.no_grad():
            discriminator(images)
        names = [event.key for event in profile.key_averages() for _ in range(event.count)]
        counts.append(sum(name == "aten::linalg_vector_norm" for name in names))
    assert counts == [22, 2]
