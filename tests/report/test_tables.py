"""Tables: who is chosen, what is compared, and what is said in the same cell."""

import pytest

from sngan.report.sections import NOT_RUN, status, verdicts
from sngan.report.tables import beside_the_paper

FIGURE_1 = "+experiment=figure1_cifar10 method={} setting={}"


@pytest.fixture
def line(plan_files):
    """Return the entries of a row as (text, note), for a score."""

    def find(reproduction, label, score="IS"):
        target = plan_files["table2"]
        tables = beside_the_paper(target, target.parts[0], reproduction.results())
        lines = [line for line in tables[score == "FID"].lines if line.entries[0].text == label]
        return [(entry.text, entry.note) for entry in lines[0].entries]

    return find


def fill(made, method, score=1.0):
    """Give a method a low score under the settings it does not have yet."""
    for setting in "ABCDEF":
        use = FIGURE_1.format(method, setting)
        if use not in made.cells.by_variant:
            made.add(use, IS=score, FID=99.0)


def test_the_best_setting_by_score_is_compared(fabricated, line):
    made = fabricated()
    made.add(FIGURE_1.format("spectral_norm", "A"), IS=7.0, FID=20.0)
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=30.0, best={"IS": 7.3, "FID": 28.0})
    fill(made, "spectral_norm")
    score, distance = line(made, "SN-GANs"), line(made, "SN-GANs", "FID")
    assert score == [
        ("SN-GANs", ""), ("C", "best of 6 of 6"), ("7.40 ± 0.10", "n = 1"),
        ("7.30 ± 0.10", "n = 1"), ("7.42 ± .08", ""), ("-0.02", ""), ("within", ""),
    ]  # fmt: skip
    assert [text for text, _ in distance] == [
        "SN-GANs", "C", "30.00", "28.00", "29.3", "+0.70", "within",
    ]  # fmt: skip


def test_seeds_are_averaged_before_choosing(fabricated, line):
    made = fabricated()
    for seed, value in enumerate((9.0, 3.0)):
        made.add(FIGURE_1.format("wgan_gp", "A"), seed, IS=value, FID=30.0)
    for seed, value in enumerate((6.6, 6.8)):
        made.add(FIGURE_1.format("wgan_gp", "B"), seed, IS=value, FID=41.0)
    texts = line(made, "WGAN-GP")
    assert texts[1] == ("B", "best of 2 of 6")
    assert texts[2] == ("6.70 ± 0.14", "n = 2")


@pytest.mark.parametrize(
    ("about", "cell", "said"),
    [
        ({"scale": "cpu"}, {}, "scale cpu"),
        ({"extractor": "efficientnet_lite0"}, {}, "efficientnet_lite0 features"),
        ({"extractor": "inception-random"}, {}, "inception-random features"),
        ({"protocols": ("quick",)}, {}, "protocol quick"),
        ({}, {"dataset": "image_folder"}, "pictures of image_folder"),
        ({"words": ["precision=bfloat16"]}, {}, "settings changed"),
        ({}, {"weights": "average"}, "averaged weights"),
        ({}, {"incomparable": ("paper",)}, "its sides or counts are not the protocol's"),
    ],
)
def test_what_does_not_compare_says_so_and_has_no_paper_beside_it(
    fabricated, line, about, cell, said
):
    made = fabricated(**about)
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3, **cell)
    for score in ("IS", "FID"):
        texts = line(made, "SN-GANs", score)
        assert said in texts[2][1]
        assert len(texts) == 3  # Without the paper's columns, and a best checkpoint it has not.


def test_of_another_network_the_network_says_enough(fabricated, line):
    made = fabricated(extractor="mine", protocols=("quick",))
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3, incomparable=("quick",))
    assert line(made, "SN-GANs")[2][1] == "n = 1; mine features"


def test_of_some_settings_there_is_no_verdict(fabricated, line):
    made = fabricated()
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=30.0)
    assert line(made, "SN-GANs")[5:] == [("-0.02", ""), ("only 1 of 6 settings", "")]
    fill(made, "spectral_norm")
    assert line(made, "SN-GANs")[-1] == ("within", "")


def test_divergence_is_said(fabricated, line):
    made = fabricated()
    made.add(FIGURE_1.format("wgan_gp", "D"), ended="diverged")
    assert line(made, "WGAN-GP")[-1] == ("diverged", "")
    made.add(FIGURE_1.format("wgan_gp", "E"), ended="diverged", IS=6.68, FID=200.0)
    texts = line(made, "WGAN-GP")
    assert texts[1][0] == "E"
    assert texts[2][1] == "n = 1; 1 of 1 diverged (step 40)"
    assert texts[5:] == [("+0.00", ""), ("diverged", "")]
    fill(made, "wgan_gp", score=5.0)
    texts = line(made, "WGAN-GP")
    assert texts[1] == ("A", "best of 6 of 6")  # A lower score, but it did not diverge.
    assert texts[-1] == ("outside", "")


def test_divergence_is_said_where_nothing_compares(fabricated, line):
    made = fabricated(scale="cpu")
    made.add(FIGURE_1.format("wgan_gp", "D"), ended="diverged")
    assert line(made, "WGAN-GP") == [("WGAN-GP", ""), ("diverged", "")]


def test_quoted_rows_are_quoted_and_others_not_run(fabricated, line):
    made = fabricated()
    made.add("real cifar10", IS=11.24, FID=7.9)
    assert line(made, "DCGAN")[2:5] == [
        ("quoted", "Radford et al., run by Yang et al."), ("", ""), ("6.64 ± .14", ""),
    ]  # fmt: skip
    assert line(made, "Batch norm")[-1] == ("not run", "")
    assert line(made, "Real data")[-1] == ("within", "")
    assert line(made, "Real data")[2] == ("11.24 ± 0.10", "")


def test_other_protocols_have_tables_of_their_own(fabricated, plan_files):
    made = fabricated(protocols=("paper", "modern"))
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3)
    target = plan_files["table2"]
    tables = beside_the_paper(target, target.parts[0], made.results())
    assert [table.caption for table in tables] == [
        "IS, CIFAR-10, protocol paper", "FID, CIFAR-10, protocol paper",
        "CIFAR-10, protocol modern",
    ]  # fmt: skip
    (row,) = (line for line in tables[2].lines if line.entries[0].text == "SN-GANs")
    assert "protocol modern" in row.entries[2].note


def test_scores_of_another_network_are_not_called_is_and_fid(fabricated, plan_files):
    made = fabricated(extractor="efficientnet_lite0", protocols=("paper", "modern"))
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3)
    captions = captions_of(made, plan_files)
    assert captions[0].startswith("efficientnet_lite0 score, ")
    assert captions[1].startswith("efficientnet_lite0 distance, ")


def captions_of(made, plan_files):
    """Return captions of the tables by score, and the headings of that of another protocol."""
    target = plan_files["table2"]
    score, distance, other = beside_the_paper(target, target.parts[0], made.results())
    return [score.caption, distance.caption, *other.columns[2:]]


def test_headings_are_those_of_the_field_only_if_every_sheet_says_so(fabricated, plan_files):
    made = fabricated(protocols=("paper", "modern"))
    plain = ["score, CIFAR-10, protocol paper", "distance, CIFAR-10, protocol paper"]
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3)
    assert captions_of(made, plan_files) == [
        "IS, CIFAR-10, protocol paper", "FID, CIFAR-10, protocol paper", "IS", "FID",
    ]  # fmt: skip
    made.add(FIGURE_1.format("wgan_gp", "C"), IS=6.7, FID=40.2, extractor="inception-random")
    assert captions_of(made, plan_files) == [*plain, "score", "distance"]


def test_where_sheets_disagree_each_cell_says_whose_features_and_nothing_is_compared(
    fabricated, line
):
    made = fabricated()
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=29.3)
    made.add(FIGURE_1.format("wgan_gp", "C"), IS=6.7, FID=40.2, extractor="inception-random")
    ours, theirs = line(made, "SN-GANs"), line(made, "WGAN-GP")
    assert (ours[2][1], len(ours)) == ("n = 1; inception features", 3)
    assert (theirs[2][1], len(theirs)) == ("n = 1; inception-random features", 3)


def test_a_protocol_compares_by_its_own_sides(fabricated, plan_files):
    made = fabricated(protocols=("paper", "modern"))
    use = FIGURE_1.format("spectral_norm", "C")
    made.add(use, IS=7.4, FID=29.3, incomparable=("modern",))
    target = plan_files["table2"]
    paper, _, modern = beside_the_paper(target, target.parts[0], made.results())
    notes = [
        [entry.note for line in table.lines if line.entries[0].text == "SN-GANs"
         for entry in line.entries][2]
        for table in (paper, modern)
    ]  # fmt: skip
    assert notes == ["n = 1", "protocol modern; its sides or counts are not the protocol's"]


def test_verdicts_are_counted_per_number(fabricated, plan_files):
    made = fabricated()
    made.add(FIGURE_1.format("spectral_norm", "C"), IS=7.4, FID=40.0)
    fill(made, "spectral_norm")
    found = [verdict.said for verdict in verdicts(plan_files["table2"], made.results())]
    assert (found.count("within"), found.count("outside")) == (1, 1)
    assert found.count("not run") == len(found) - 2
    assert verdicts(plan_files["figure1"], made.results()) == []


def test_what_is_none_of_the_paper_s_has_a_table_of_its_own(fabricated, plan_files):
    """Without the paper's columns and verdicts, also where its rows would compare."""
    made = fabricated()
    made.add(FIGURE_1.format("r1", "A"), IS=7.0, FID=30.0)
    target = plan_files["after_the_paper"]
    tables = beside_the_paper(target, target.parts[0], made.results())
    assert [table.caption for table in tables] == [
        "IS, CIFAR-10, protocol paper",
        "FID, CIFAR-10, protocol paper",
    ]
    (line,) = (line for line in tables[0].lines if line.entries[0].text == "R1")
    assert [entry.text for entry in line.entries] == ["R1", "A", "7.00 ± 0.10"]
    assert verdicts(target, made.results()) == []
    assert status(plan_files["table2"], made.results()) == NOT_RUN
