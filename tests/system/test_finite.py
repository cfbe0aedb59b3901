import torch

from sngan.system.finite import first_not_finite

NAN, INF = float("nan"), float("inf")


def state(**changed):
    tensors = {
        "first": torch.ones(3, 2),
        "counter": torch.tensor(7),
        "empty": torch.empty(0),
        "half": torch.ones(2, dtype=torch.bfloat16),
        "double": torch.full((2,), 1e300, dtype=torch.float64),
        "last": torch.tensor(3.0e38),
    }
    return {
        "iteration": {"generator": tensors | changed},
        "lists": [{"x": torch.ones(1)}],
        "n": NAN,
    }


def test_what_is_finite():
    assert first_not_finite(state()) is None
    assert first_not_finite({}) is None


def test_the_first_that_is_not_is_named():
    for value in (NAN, INF, -INF):
        bad = torch.tensor([1.0, value, 2.0])
        assert first_not_finite(state(last=bad)) == "iteration.generator.last"
        # In the order of the state, not of the kinds of numbers.
        assert first_not_finite(state(half=bad.bfloat16(), last=bad)) == "iteration.generator.half"
        assert (
            first_not_finite(state(double=bad.double(), first=bad)) == "iteration.generator.first"
        )
        assert first_not_finite({"a": [torch.ones(1), {"b": bad}]}) == "a.1.b"


def test_parameters_with_a_gradient():
    layer = torch.nn.Linear(2, 2)
    assert first_not_finite(dict(layer.named_parameters())) is None
