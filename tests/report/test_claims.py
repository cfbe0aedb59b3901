"""The claims, judged from made-up trainings."""

import pytest

from sngan.report.claims import judge_claims
from sngan.report.evidence import breadth
from sngan.report.headline import lead
from sngan.report.robustness import robustness_section, spreads
from sngan.reproduce.claims import FILE, MEASURES, read_claims

FIGURE_1 = "+experiment=figure1_cifar10 method={} setting={}"
METHODS = (
    "weight_clipping", "gan_gp", "wgan_gp", "batch_norm", "layer_norm", "weight_norm",
    "orthonormal", "spectral_norm",
)  # fmt: skip


@pytest.fixture
def judge(plan_files):
    """Return what is said of the claims, by key."""

    def go(made):
        judged = judge_claims(read_claims([*plan_files.values()]), made.results())
        return {one.claim.key: one for one in judged}

    return go


def pair(made, use, middle, apart=1.0, **about):
    """Add two seeds with this distance, whose scores order as it does."""
    for seed, value in enumerate((middle - apart / 2, middle + apart / 2)):
        made.add(use, seed, IS=1000 / value, FID=value, **about)


def grid(made, **distances):
    """Add all methods under all settings, 300 where nothing else is said."""
    for method in METHODS:
        for setting in "ABCDEF":
            key = f"{method}_{setting}"
            pair(
                made,
                FIGURE_1.format(method, setting),
                distances.get(key, distances.get(method, 300)),
            )


def test_there_are_seven_and_each_row_is_trained(plan_files):
    claims = read_claims([*plan_files.values()])
    assert len(claims) == 7
    for one in (one for claim in claims for one in claim.comparisons):
        assert all(row.variants for row in (one.this, *one.those))
        assert one.measure in MEASURES


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("table7/cifar10", "table9/cifar10", "part must be one of"),
        ("this: + spectral norm", "this: + norm", "row of CIFAR-10 must be one of"),
        ("must: level", "must: tie", "must must be one of ahead, level, below, got tie"),
        ("[breadth]", "[width]", "measure must be one of"),
    ],
)
def test_what_the_plan_does_not_have_is_refused(plan_files, tmp_path, before, after, said):
    path = tmp_path / "claims.yaml"
    path.write_text(FILE.read_text().replace(before, after))
    with pytest.raises(ValueError, match=said):
        read_claims([*plan_files.values()], path)


def test_nothing_run_cannot_be_told(fabricated, judge):
    judged = judge(fabricated())
    assert {one.said for one in judged.values()} == {"cannot be told"}
    assert {one.ours for one in judged.values()} == {"Not run."}


def test_ahead_of_all_and_level_with_one_holds(fabricated, judge):
    made = fabricated()
    grid(made, spectral_norm=100, orthonormal=100.1)
    judged = judge(made)["standard_cnn"]
    # 0.1 +- 3.04 lies within 5 % of 100, the scores' difference within 2 % of theirs does not.
    assert [one.verdict for one in judged.outcomes] == ["holds"] * 12 + ["cannot be told", "holds"]
    assert judged.said == "cannot be told, 2 seeds"
    assert "(n = 2)" in judged.ours


def test_one_that_is_ahead_refutes(fabricated, judge):
    made = fabricated()
    grid(made, spectral_norm=200, layer_norm=100)
    judged = judge(made)["standard_cnn"]
    assert judged.said == "does not hold, 2 seeds"
    assert "Layer norm at" in judged.ours


def test_one_seed_cannot_be_told(fabricated, judge):
    made = fabricated()
    made.add("+experiment=cifar10_hinge", IS=7, FID=10.0)
    grid(made)
    judged = judge(made)["hinge"]
    assert judged.outcomes[0].says.endswith("SN-GANs at A: one seed.")
    assert judged.said == "cannot be told"


def test_missing_settings_cannot_be_told(fabricated, judge):
    made = fabricated()
    pair(made, FIGURE_1.format("spectral_norm", "A"), 100)
    pair(made, FIGURE_1.format("orthonormal", "A"), 100)
    assert judge(made)["standard_cnn"].ours == "Settings missing."


def test_where_it_holds_is_said(fabricated, judge):
    made = fabricated()
    grid(made, spectral_norm=100, wgan_gp_D=600, wgan_gp_E=600, wgan_gp_F=600)
    assert judge(made)["robust"].said == "holds on CIFAR-10, 2 seeds"


def test_robust_is_the_worst_setting(fabricated, judge):
    """Ahead under five of six settings is not robust."""
    made = fabricated()
    grid(made, spectral_norm=100, spectral_norm_F=900, wgan_gp_D=600, wgan_gp_E=600, wgan_gp_F=600)
    assert judge(made)["robust"].said == "does not hold on CIFAR-10, 2 seeds"


@pytest.mark.parametrize(
    ("second", "said"), [("diverged", "holds"), ("finished", "cannot be told")]
)
def test_what_diverged_is_behind_and_some_seeds_do_not_tell(fabricated, judge, second, said):
    made = fabricated()
    for seed, end in enumerate(("diverged", second)):
        made.add("+experiment=table7", seed, ended=end, IS=6.0, FID=40.0)
    pair(made, "+experiment=table7_spectral_norm", 32)
    assert judge(made)["with_penalty"].verdict == said


def test_scores_of_several_networks_are_not_compared(fabricated, judge):
    made = fabricated()
    pair(made, "+experiment=table7", 40)
    pair(made, "+experiment=table7_spectral_norm", 32, extractor="other")
    judged = judge(made)["with_penalty"]
    assert (judged.verdict, judged.ours) == ("cannot be told", "Scores of several networks.")


def test_norms_are_beside_a_limit(fabricated, judge):
    made = fabricated()
    for seed in range(2):
        made.add("+experiment=figure9", seed)
    (norms,) = (one for one in judge(made)["spectra"].outcomes if "norms'" in one.says)
    assert norms.verdict == "holds"  # 1.01 and 1.02 in every line.
    assert "0.01" in norms.says


def test_breadth_is_one_of_equal_values_and_one_over_n_of_a_single():
    assert breadth([{"in_use": [2.0, 2.0, 2.0, 2.0]}]) == 1
    assert breadth([{"in_use": [2.0, 0.0, 0.0, 0.0]}]) == 0.25
    assert breadth([{"in_use": [2.0, 2.0]}] * 5 + [{"in_use": [2.0, 0.0]}]) == 1
    assert breadth([]) is None


def test_robustness_orders_by_the_worst_setting(fabricated, plan_files):
    made = fabricated(extractor="mine")
    for method, values in {"spectral_norm": (50, 60, 70), "wgan_gp": (10, 20, 90)}.items():
        for setting, value in zip("ABC", values, strict=True):
            pair(made, FIGURE_1.format(method, setting), value)
    pair(made, FIGURE_1.format("vanilla", "A"), 5)
    made.add(FIGURE_1.format("gan_gp", "A"), IS=90, FID=1.0)
    for setting in "BC":
        made.add(FIGURE_1.format("gan_gp", setting), ended="diverged", IS=90, FID=1.0)
    section = robustness_section([*plan_files.values()], made.results())
    _, distances, _ = section.blocks
    assert distances.caption == "mine distance, CIFAR-10; smaller is better"
    assert [[entry.text for entry in line.entries] for line in distances.lines] == [
        ["SN-GANs", "1", "70.00 at C", "60.00", "50.00 at A", "3 of 6", "2"],
        ["WGAN-GP", "2", "90.00 at C", "20.00", "10.00 at A", "3 of 6", "2"],
        ["GAN-GP", "3", "diverged at B", "diverged", "1.00 at A", "3 of 6", "1"],
        ["Vanilla", "-", "5.00 at A", "5.00", "5.00 at A", "1 of 6", "2"],
    ]


def test_of_a_score_larger_is_better(fabricated, plan_files):
    made = fabricated()
    for setting, value in zip("AB", (10, 20), strict=True):
        pair(made, FIGURE_1.format("wgan_gp", setting), value)
    (one,) = spreads(plan_files["figure1"].parts[0], "IS", made.results())
    assert (one.best, one.worst) == ("A", "B")


def test_robustness_of_one_setting_is_nothing(fabricated, plan_files):
    made = fabricated()
    pair(made, FIGURE_1.format("wgan_gp", "A"), 10)
    assert robustness_section([*plan_files.values()], made.results()) is None


def test_lead_says_what_came_out_and_with_what_it_compares(fabricated, plan_files, judge):
    made = fabricated(extractor="mine")
    pair(made, FIGURE_1.format("orthonormal", "A"), 30)
    pair(made, FIGURE_1.format("spectral_norm", "A"), 40, apart=0)
    pair(made, "+experiment=table7", 40)
    pair(made, "+experiment=table7_spectral_norm", 30)
    judged, targets = list(judge(made).values()), [*plan_files.values()]
    assert lead(judged, targets, made.results(), is_the_paper_s=False) == (
        "By mine distance on CIFAR-10, each method at the best of its settings, Orthonormal "
        "(30.00 ± 0.71, 2 seeds) is first of 2, SN-GANs (40.00 ± 0.00, 2 seeds) second; of the "
        "paper's seven claims 1 holds and 6 cannot be told with 2 seeds of each training; these "
        "numbers compare with each other, not with the paper's."
    )
