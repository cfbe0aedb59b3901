"""The plan: every file is read, names what exists, and holds the paper's numbers."""

from collections import Counter
from itertools import product

import pytest
import yaml

from sngan.assembly.compose import CONFIG_DIR
from sngan.reproduce.selection import select_parts
from sngan.reproduce.targets import (
    FOLDER,
    NEEDS,
    Published,
    key_of,
    read_target,
    read_targets,
    variants,
)

WITH_KID = {"title": "A", "dataset": "x", "rows": [{"label": "B", "paper": {"KID": 1}}]}
PLAN = {target.key: target for target in read_targets()}
METHODS = list((CONFIG_DIR / "method").glob("*.yaml"))
OF_TABLE_2 = {
    word
    for part in PLAN["table2"].parts
    for row in part.rows
    for variant in row.variants
    for word in variant.words
    if word.startswith("method=")
}
TABLE_2 = {  # Label and section: IS and FID on CIFAR-10, then on STL-10; typed a second time.
    ("Real data", ""): ("11.24 .12", "7.8", "26.08 .26", "7.9"),
    ("Weight clipping", "Standard CNN"): ("6.41 .11", "42.6", "7.57 .10", "64.2"),
    ("GAN-GP", "Standard CNN"): ("6.93 .08", "37.7", "", ""),
    ("WGAN-GP", "Standard CNN"): ("6.68 .06", "40.2", "8.42 .13", "55.1"),
    ("Batch norm", "Standard CNN"): ("6.27 .10", "56.3", "", ""),
    ("Layer norm", "Standard CNN"): ("7.19 .12", "33.9", "7.61 .12", "75.6"),
    ("Weight norm", "Standard CNN"): ("6.84 .07", "34.7", "7.16 .10", "73.4"),
    ("Orthonormal", "Standard CNN"): ("7.40 .12", "29.0", "8.56 .07", "46.7"),
    ("SN-GANs", "Standard CNN"): ("7.42 .08", "29.3", "8.28 .09", "53.1"),
    ("Vanilla", "Standard CNN"): ("", "", "", ""),
    ("Orthonormal (2x updates)", "Standard CNN"): ("", "", "8.67 .08", "44.2"),
    ("SN-GANs (2x updates)", "Standard CNN"): ("", "", "8.69 .09", "47.5"),
    ("SN-GANs, Eq. (17)", "Standard CNN"): ("7.58 .12", "25.5", "", ""),
    ("SN-GANs, Eq. (17) (2x updates)", "Standard CNN"): ("", "", "8.79 .14", "43.2"),
    ("Orthonormal, Eq. (17)", "ResNet"): ("7.92 .04", "23.8 .58", "8.72 .06", "42.4 .99"),
    ("SN-GANs, Eq. (17)", "ResNet"): ("8.22 .05", "21.7 .21", "9.10 .04", "40.1 .50"),
    ("DCGAN", "Quoted there from others"): ("6.64 .14", "", "7.84 .07", ""),
    ("LR-GANs", "Quoted there from others"): ("7.17 .07", "", "", ""),
    ("Warde-Farley and Bengio", "Quoted there from others"): ("7.72 .13", "", "8.51 .13", ""),
    ("WGAN-GP (ResNet)", "Quoted there from others"): ("7.86 .08", "", "", ""),
}


def test_every_table_and_figure_has_its_file():
    assert list(PLAN) == [
        "table2", "table7", "table8", "figure1", "figure2", "figure3", "figure4", "figure6",
        "figure9", "figure10", "figure11", "figure12", "figure14", "figure15", "after_the_paper",
    ]  # fmt: skip
    assert {path.stem for path in FOLDER.iterdir()} == set(PLAN)
    assert {target.kind for target in PLAN.values()} == set(NEEDS)


def test_table_2_is_the_paper_s():
    found = {}
    for index, part in enumerate(PLAN["table2"].parts):
        for row in part.rows:
            columns = found.setdefault((row.label, row.section), ["", "", "", ""])
            for offset, score in enumerate(("IS", "FID")):
                if score in row.published:
                    columns[2 * index + offset] = row.published[score].said.replace("+- ", "")
    assert {key: tuple(columns) for key, columns in found.items()} == TABLE_2


@pytest.mark.parametrize("name", ["figure1_cifar10", "figure1_stl10", "figure4", "figure11"])
def test_rows_are_the_runs_of_the_sweep(name):
    """The plan and ``sngan-train -m +experiment=...`` mean the same, but for vanilla."""
    sweep = yaml.safe_load((CONFIG_DIR / "experiment" / f"{name}.yaml").read_text())
    axes = sweep["hydra"]["sweeper"]["params"]
    wanted = {
        (
            f"+experiment={name}",
            *(f"{key}={value}" for key, value in zip(axes, values, strict=True)),
        )
        for values in product(*(str(choices).split(",") for choices in axes.values()))
    }
    target = PLAN[name.partition("_")[0]]
    words = {
        variant.words
        for part in target.parts
        for row in part.rows
        for variant in row.variants
        if variant.words[0] == f"+experiment={name}" and row.label != "Vanilla"
    }
    assert words == wanted


def test_what_is_none_of_the_paper_s_is_apart():
    """It has no numbers beside it and shares no training with a table or figure of the paper."""
    extra = [target for target in PLAN.values() if target.is_extra]
    assert [target.key for target in extra] == ["after_the_paper"]
    uses = Counter(
        (key_of(variant), target.is_extra)
        for target in PLAN.values()
        for part in target.parts
        for row in part.rows
        for variant in row.variants
    )
    assert not any((use, not is_extra) in uses for use, is_extra in uses)
    rows = [row for target in extra for part in target.parts for row in part.rows]
    assert not any(row.published for row in rows)
    methods = {word for row in rows for x in row.variants for word in x.words if "method=" in word}
    assert methods == {f"method={path.stem}" for path in METHODS} - OF_TABLE_2


def test_it_is_run_only_by_name():
    everything = [target.key for target, _ in select_parts(list(PLAN.values()), [])]
    assert "table2" in everything
    assert "after_the_paper" not in everything
    named = select_parts(list(PLAN.values()), ["table7", "after_the_paper/cifar10"])
    assert [(target.key, part.key) for target, part in named] == [
        ("table7", "cifar10"),
        ("after_the_paper", "cifar10"),
    ]


def test_experiments_exist_and_quoted_rows_have_none():
    for target in PLAN.values():
        for part in target.parts:
            for row in part.rows:
                assert bool(row.variants) != (bool(row.quoted) or row.is_real)
                for variant in row.variants:
                    name = variant.words[0].removeprefix("+experiment=")
                    assert (CONFIG_DIR / "experiment" / f"{name}.yaml").exists()


def test_rows_of_a_table_are_told_apart():
    for target in PLAN.values():
        for part in target.parts:
            labels = Counter((row.section, row.label) for row in part.rows)
            assert max(labels.values()) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7.42 +- .08", Published(7.42, 0.08, "7.42 +- .08")),
        (29.3, Published(29.3, None, "29.3")),
        ("collapsed", Published(None, None, "collapsed")),
    ],
)
def test_numbers_are_read(text, expected):
    assert Published.read(text) == expected


def test_a_sweep_is_expanded():
    found = variants("+experiment=x a=1,2 b=[3,4] c=5,6")
    assert [variant.label for variant in found] == ["1 5", "1 6", "2 5", "2 6"]
    assert found[3].words == ("+experiment=x", "a=2", "b=[3,4]", "c=6")
    assert variants("+experiment=x")[0].label == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "pie"}, "kind must be one of table"),
        ({"colour": "red"}, r"unknown \['colour'\]"),
        ({"parts": {"a": {"title": "A", "dataset": "x"}}}, r"missing \['rows'\]"),
        (
            {
                "parts": {
                    "a": {
                        "title": "A",
                        "dataset": "x",
                        "rows": [{"label": "B", "paper": {"KID": 1}}],
                    }
                }
            },
            "paper gives IS, FID, got KID",
        ),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, change, said):
    content = {"title": "T", "kind": "table", "claim": "C", "trust": "D", "parts": {}}
    path = tmp_path / "table9.yaml"
    path.write_text(yaml.safe_dump({**content, **change}))
    with pytest.raises(ValueError, match=said):
        read_target(path)
