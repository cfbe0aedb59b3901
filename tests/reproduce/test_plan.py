from sngan.reproduce.cell import Cells
from sngan.reproduce.plan import Plan


def key_of(**evaluation):
    return Plan("paper", (), evaluation, Cells()).evaluation_key


def test_what_every_evaluation_has_tells_none_from_another():
    """Scores kept before metrics stood in the configuration are still those of it."""
    always = {"inception_score": {"_target_": "x"}, "fid": {"_target_": "y"}}
    kid = {"kid": {"_target_": "z", "subsets": 3}}
    assert key_of(seed=0) == key_of(seed=0, metric=always, trust=[], device="cpu")
    assert key_of(seed=0, metric=kid) == key_of(seed=0, metric={**always, **kid})
    assert len({key_of(seed=0), key_of(seed=1), key_of(seed=0, metric=kid)}) == 3
