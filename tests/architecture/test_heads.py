import torch
from torch.nn import functional

from sngan.architecture.parts.heads import ClassifierHead, Head, LabelConcatenation, ProjectionHead


def wrap(layer, position):
    assert position == "last"
    return layer


FEATURES = torch.randn(4, 6)
LABELS = torch.tensor([2, 0, 2, 1])


def test_head_is_a_dense_layer():
    head = Head(6, bias=True, wrap_layer=wrap)
    expected = FEATURES @ head.dense.weight[0] + head.dense.bias
    torch.testing.assert_close(head(FEATURES, LABELS).logits, expected)
    assert Head(6, bias=False, wrap_layer=wrap).dense.bias is None


def test_projection_adds_an_inner_product():
    head = ProjectionHead(6, 3, bias=False, wrap_layer=wrap)
    rows = head.dense.weight + head.embedding.weight[LABELS]
    torch.testing.assert_close(head(FEATURES, LABELS).logits, (rows * FEATURES).sum(dim=1))
    assert head.lipschitz_bound(lambda layer: {head.dense: 2, head.embedding: 5}[layer]) == 7


def test_classifier_stands_beside_the_logit():
    head = ClassifierHead(6, 3, bias=True, wrap_layer=wrap)
    verdict = head(FEATURES, LABELS)
    probabilities = functional.softmax(head.classifier(FEATURES), dim=1)
    expected = -probabilities[torch.arange(4), LABELS].log()
    torch.testing.assert_close(verdict.class_losses, expected)
    torch.testing.assert_close(verdict.logits, head.dense(FEATURES).squeeze(1))
    assert head.lipschitz_bound(lambda layer: {head.dense: 2}[layer]) == 2


def test_concatenation_tiles_the_embedding():
    block = LabelConcatenation(3, 5, wrap_layer=wrap)
    x = torch.randn(4, 2, 3, 3)
    y = block(x, LABELS)
    assert y.shape == (4, 7, 3, 3)
    assert torch.equal(y[:, :2], x)
    assert torch.equal(
        y[:, 2:], block.embedding.weight[LABELS][:, :, None, None].expand(4, 5, 3, 3)
    )
