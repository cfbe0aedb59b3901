"""Cells: what they are trained with, and that what two tables share is one."""

from dataclasses import replace

import pytest

from sngan.reproduce import composed
from sngan.reproduce.cell import Cell
from sngan.reproduce.cells import compose_cells
from sngan.reproduce.composed import compose_all
from sngan.reproduce.overrides import assign
from sngan.reproduce.selection import Choice
from sngan.reproduce.targets import key_of_real
from sngan.run_folder.identity import identity

SN_AT_C = "+experiment=figure1_cifar10 method=spectral_norm setting=C"


def only(target, beginning):
    """A target with few rows, for composing takes its time."""
    parts = [
        replace(part, rows=[x for x in part.rows if x.is_real or x.label.startswith(beginning)])
        for part in target.parts
    ]
    return replace(target, parts=parts)


@pytest.fixture(scope="module")
def paper(targets):
    """The cells of four targets at the scale of the paper."""
    some = [only(targets[key], "SN-GANs") for key in ("table2", "figure3")]
    some += [targets["figure9"], targets["figure10"]]
    return compose_cells(some, assign("paper", []), None)


def cell(cells, use, seed=0):
    return cells.by_name[cells.by_variant[use][seed]]


def test_what_targets_share_is_one_cell(paper):
    (name,) = paper.by_variant[SN_AT_C]
    assert paper.by_variant["+experiment=figure9"] == [name]
    shared = paper.by_name[name]
    assert set(shared.config["monitor"]) == {"scores", "singular_values"}
    assert shared.needs == {"scores", "spectra"}
    other = cell(paper, SN_AT_C.replace("=C", "=A"))
    assert set(other.config["monitor"]) == {"scores"}


def test_a_part_alone_is_watched_for_those_that_watch_the_same_trainings(targets):
    """What is not watched while it trains cannot be watched when the other part is asked for."""
    some = [only(targets["table2"], "SN-GANs"), targets["figure9"], targets["figure1"]]
    part = next(part for part in some[0].parts if part.dataset == "cifar10")
    cells = compose_cells(some, assign("paper", []), None, [(some[0], part)])
    (name,) = cells.by_variant[SN_AT_C]
    assert set(cells.by_name[name].config["monitor"]) == {"scores", "singular_values"}
    assert not any("method=vanilla" in key for key in cells.by_variant)


def test_a_part_alone_composes_little_else(targets, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    composed_lines = []
    original = composed.compose_trainings

    def compose(lines, config_dir):
        composed_lines.extend(lines)
        return original(lines, config_dir)

    monkeypatch.setattr(composed, "compose_trainings", compose)
    figure9 = targets["figure9"]
    everything = [*targets.values()]
    compose_cells(everything, assign("paper", []), None, [(figure9, *figure9.parts)])
    assert len(composed_lines) < 15  # Of more than a hundred.
    assert any("+experiment=figure9" in line for line in composed_lines)


@pytest.mark.parametrize(
    ("words", "dataset"),
    [([], "Cifar10"), (["dataset=image_folder", "dataset.root=pictures"], "ImageFolder")],
)
def test_a_mini_figure_1_is_one_network_and_one_length_under_all_settings(targets, words, dataset):
    figure = only(targets["figure1"], "SN-GANs")
    parts = [(figure, part) for part in figure.parts if part.key == "cifar10"]
    cells = [*compose_cells([figure], assign("mini", words), 2, parts).by_name.values()]
    assert [(one.setting, one.seed) for one in cells] == [(x, y) for x in "ABCDEF" for y in (0, 1)]
    for one in cells:
        assert one.config["dataset"]["_target_"].endswith(f".{dataset}")
        assert one.config["total_steps"] == 4000
        networks = [one.config["architecture"][name] for name in ("generator", "discriminator")]
        assert [(net["width"], net["init_std"]) for net in networks] == [(0.125, 0.0566)] * 2
        recipe = one.config["setting"]
        assert recipe["batch_size"] == recipe["generator_batch_size"] == 32
        assert recipe["n_dis"] == (1 if one.setting in "BC" else 5)


def test_seeds_are_the_plan_s_or_the_user_s(paper, targets):
    assert len(paper.by_variant["+experiment=cifar10_resnet"]) == 3
    assert len(paper.by_variant[SN_AT_C]) == 1
    cells = compose_cells([targets["figure9"]], assign("paper", []), 2)
    first, second = (cells.by_name[name] for name in cells.by_variant["+experiment=figure9"])
    assert (first.seed, second.seed) == (first.config["seed"], second.config["seed"]) == (0, 1)
    assert first.name != second.name


def test_names_end_with_the_identity(paper):
    for name, one in paper.by_name.items():
        if not one.is_real:
            assert name.endswith(f"-{identity(one.config)}")
    assert cell(paper, SN_AT_C).name.startswith("cifar10_cnn_spectral_norm_C_s0-")


def test_at_the_scale_of_the_paper_nothing_is_shrunk(paper):
    resnet = cell(paper, "+experiment=cifar10_resnet")
    assert (resnet.config["total_steps"], resnet.config["architecture"]["width"]) == (50_000, 1)
    assert cell(paper, "+experiment=stl10_2x").config["total_steps"] == 200_000
    assert resnet.config["monitor"]["scores"]["extractor"]["_target_"].endswith(".Inception")


def test_timing_is_not_watched(paper):
    timing = [one for one in paper.by_name.values() if one.is_timing]
    assert len(timing) == 8
    assert all(not one.config.get("monitor") for one in timing)
    assert {one.config["total_steps"] for one in timing} == {200}
    assert {one.needs for one in timing} == {frozenset()}


def test_real_pictures_are_cells(paper):
    (name,) = paper.by_variant[key_of_real("stl10")]
    real = paper.by_name[name]
    assert real.is_real
    assert real.config["dataset"]["_target_"].endswith("Stl10")
    assert real.command == "sngan-eval --real dataset=stl10"


def test_the_command_says_what_was_composed(paper):
    assert cell(paper, SN_AT_C).command == (f"sngan-train {SN_AT_C} keep_checkpoints=2 seed=0")


def test_a_scale_keeps_proportions(targets):
    some = [only(targets["table2"], "SN-GANs"), only(targets["figure10"], "Vanilla")]
    cells = compose_cells(some, assign("cpu", []), 1)
    lengths = {
        use: cell(cells, use).config["total_steps"]
        for use in (SN_AT_C, "+experiment=stl10_2x", "+experiment=cifar10_resnet")
    }
    assert list(lengths.values()) == [6000, 12_000, 3000]
    assert {one.config["total_steps"] for one in cells.by_name.values() if one.is_timing} == {200}


def test_smoke_is_tiny_and_keeps_sizes_apart(composed):
    _, cells = composed("figure10")
    sizes = {one.config["dataset"]["image_size"] for one in cells.by_name.values()}
    assert sizes == {32, 48}
    assert {one.config["total_steps"] for one in cells.by_name.values()} == {4}


def test_json_and_back(paper):
    for one in paper.by_name.values():
        assert Cell.from_json(one.to_json()) == one


def test_timing_is_never_shared(targets):
    """Not even where it is of the same length as others, which run side by side."""
    some = [only(targets["figure1"], "SN-GANs"), only(targets["figure10"], "SN-GANs")]
    cells = compose_cells(some, assign("smoke", []), 1)
    timing = [one for one in cells.by_name.values() if one.is_timing]
    assert len(timing) == 2
    assert all(one.name.startswith("timing_") for one in timing)
    others = {identity(one.config) for one in cells.by_name.values() if not one.is_timing}
    assert {identity(one.config) for one in timing} < others


def test_real_pictures_may_move(targets):
    some = [only(targets["table2"], "nothing")]
    names = {
        tuple(compose_cells(some, assign("paper", words), 1).by_name)
        for words in ([], ["dataset.root=elsewhere"])
    }
    assert len(names) == 1


@pytest.mark.parametrize("keys", [("figure9", "figure3", "table2"), ("table2", "figure3")])
def test_needs_add_up_in_any_order(targets, keys):
    some = [only(targets[key], "SN-GANs") for key in keys]
    cells = compose_cells(some, assign("smoke", []), 1)
    assert cell(cells, SN_AT_C).needs == {"scores", "spectra"}
    some.reverse()
    cells = compose_cells(some, assign("smoke", []), 1)
    assert cell(cells, SN_AT_C).needs == {"scores", "spectra"}


@pytest.mark.slow
def test_of_four_cells_four_are_composed(targets, monkeypatch):
    """And their experiments, which say what the words of the plan leave open."""
    done = []

    def compose(lines, config_dir=None):
        lines = list(lines)
        done.extend(lines)
        return compose_all(lines, config_dir)

    monkeypatch.setattr("sngan.reproduce.cells.compose_all", compose)
    some, words = [targets["figure1"]], assign("mini", [])
    parts = [(some[0], some[0].parts[0])]
    choice = Choice.read("wgan_gp,spectral_norm", "C,D")
    cells = compose_cells(some, words, 2, parts, choice=choice)
    assert sum(len(line) > 2 and line[0].startswith("+experiment") for line in done) == 4
    assert len(set(done)) == 6
    everything = compose_cells(some, words, 2, parts)
    asked = [
        name
        for name, cell in everything.by_name.items()
        if cell.method in choice.methods and cell.setting in choice.settings
    ]
    assert list(cells.by_name) == asked
    assert len(asked) == 8


@pytest.mark.slow
def test_what_the_experiment_chooses_is_asked_for_by_name(targets):
    some, words = [targets["table2"]], assign("smoke", [])
    cells = compose_cells(some, words, 1, choice=Choice.read("orthonormal", ""))
    everything = compose_cells(some, words, 1)
    assert list(cells.by_name) == [
        name for name, cell in everything.by_name.items() if cell.method == "orthonormal"
    ]
    assert any("resnet_orthonormal" in use for use in cells.by_variant)


def test_real_pictures_are_a_method(targets):
    some, words = [targets["table2"]], assign("smoke", [])
    cells = compose_cells(some, words, 1, choice=Choice.read("real", ""))
    assert {cell.method for cell in cells.by_name.values()} == {"real"}
    choice = Choice.read("real,wgan", "")
    assert not choice.is_known_to(cells)
    assert not Choice.read("", "G").is_known_to(cells)
