"""The rule of the verdicts, by hand."""

import pytest

from sngan.report.verdict import Measured, judge
from sngan.reproduce.targets import Published


def published(value, std=None):
    return Published(value, std, "as printed")


def test_spread_is_over_trainings_if_there_are_several():
    assert Measured([1.0, 2.0, 3.0], 9.0).spread == 1.0
    assert Measured([1.0], 0.5).spread == 0.5
    assert Measured([1.0]).spread is None
    assert str(Measured([7.0, 8.0])) == "7.50 ± 0.71"
    assert str(Measured([123.4])) == "123"


@pytest.mark.parametrize(
    ("score", "values", "paper", "said"),
    [
        ("IS", [7.40, 7.50], published(7.42, 0.08), "within"),
        # s = 0.0707, p = 0.08: twice their root of squares is 0.2135.
        ("IS", [7.60, 7.70], published(7.437, 0.08), "within"),
        ("IS", [7.60, 7.70], published(7.436, 0.08), "outside"),
        ("IS", [7.42], published(7.4201), "outside"),
        # 25,600 (1/10,000 - 1/50,000) = 2.048 are left open for the FID.
        ("FID", [31.3], published(29.3), "within"),
        ("FID", [31.4], published(29.3), "outside"),
        ("FID", [27.2], published(29.3), "outside"),
    ],
)
def test_rule(score, values, paper, said):
    verdict = judge(score, Measured(values), paper, is_comparable=True)
    assert verdict.said == said
    assert verdict.difference == pytest.approx(sum(values) / len(values) - paper.value)


def test_without_a_comparison():
    ours = Measured([7.0])
    assert judge("IS", None, published(7.0), is_comparable=True).said == "not run"
    assert judge("IS", ours, None, is_comparable=True).said == "not in the paper"
    other = judge("IS", ours, published(7.0), is_comparable=False)
    assert (other.said, other.difference) == ("not compared", None)
    collapsed = Published(None, None, "collapsed")
    assert judge("IS", ours, collapsed, is_comparable=True).said == "paper: collapsed"
