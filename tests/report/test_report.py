"""The whole report: from nothing, from a part, from everything."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from sngan.commands import report as report_command
from sngan.report.compose import compose_report
from sngan.report.document import Entry, Figure, Line, Report, Section, Table
from sngan.report.render import render, write
from sngan.reproduce.targets import key_of, key_of_real


class Page(HTMLParser):
    """Ids, links, addresses and open tags of a page."""

    VOID = ("meta", "link", "img", "br", "wbr", "use", "path")

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.addresses, self.open, self.text = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        self.ids += [about["id"]] if "id" in about else []
        self.links += [about["href"]] if tag == "a" else []
        self.addresses += [about[key] for key in ("src", "href") if key in about and tag != "a"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def complete(made_up, plan_files, tmp_path_factory):
    """The report of every cell of the plan, with numbers near the paper's."""
    made = made_up(tmp_path_factory.mktemp("complete"), protocols=("paper", "modern"))
    for target in plan_files.values():
        for part in target.parts:
            for row in part.rows:
                uses = [key_of_real(part.dataset)] if row.is_real else map(key_of, row.variants)
                for use in uses:
                    if use not in made.cells.by_variant:
                        made.add(use, dataset=part.dataset, IS=7.0, FID=30.0, best={"IS": 7.1})
    return compose_report(made.results(), list(plan_files.values()))


def test_everything_is_shown(complete, plan_files):
    markdown, page = render(complete, ".md"), render(complete, ".html")
    assert "Not run." not in markdown
    assert "not run |" not in markdown
    assert page.count("<svg") == 14 + 11  # Eleven have a drawing for telephones, too.
    assert page.count("<img") == 54 + 9
    text = Page(page).text
    for target in plan_files.values():
        assert target.title in markdown
        assert target.title in text
    assert "01234567" in text
    assert "H9000" in text


def test_nothing_is_shown_of_nothing(fabricated, plan_files):
    report = compose_report(fabricated().results(), list(plan_files.values()))
    page = render(report, ".html")
    assert page.count("<svg") == 1  # Figure 14 needs no training.
    assert [section.key for section in report.sections if section.status] == ["figure14"]
    names = [t.title.partition(":")[0] for t in plan_files.values() if not t.is_extra]
    assert f"Not run: {', '.join(name for name in names if name != 'Figure 14')}." in page
    assert report.lead == "None of the paper's claims can be told."


def test_page_is_whole_by_itself(complete):
    text = render(complete, ".html")
    page = Page(text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert re.findall(r"url\((?!#)", text) == []
    assert "@import" not in text


def test_markdown_tables_have_equal_rows(complete):
    markdown = render(complete, ".md")
    tables = re.findall(r"(?:^\|.*\n)+", markdown, flags=re.MULTILINE)
    assert len(tables) > 20
    for table in tables:
        lines = table.splitlines()
        assert re.fullmatch(r"\|( --- \|)+", lines[1])
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        assert len(counts) == 1, table


def test_pictures_of_markdown_are_there_and_drawings_are_xml(complete, tmp_path):
    page, _ = write(complete, tmp_path / "out")
    names = re.findall(r"\]\((report/[^)]+)\)", page.read_text())
    assert len(names) == 14 + 54 + 9
    for name in names:
        path = tmp_path / "out" / name
        assert path.stat().st_size > 0
        if path.suffix == ".svg":
            ElementTree.parse(path)


def test_what_users_wrote_is_escaped():
    hostile = "<script>alert(1)</script> | `x`\n# [a](javascript:alert(2)) [b](#key)"
    table = Table(["A"], [Line([Entry(hostile, hostile)])], hostile)
    figure = Figure("name", "<svg></svg>", f'"{hostile}')
    section = Section("key", hostile, hostile, hostile, blocks=[table, figure, hostile])
    report = Report(hostile, [("fact", hostile)], hostile, [section])
    page = render(report, ".html")
    assert "<script>alert" not in page
    assert 'aria-label="&#34;&lt;script' in page
    markdown = render(report, ".md")
    assert "<script" not in markdown
    assert "](javascript:" not in markdown
    assert 'href="javascript' not in page
    assert "[b](#key)" in markdown
    assert not re.search(r"^# \[a", markdown, flags=re.MULTILINE)
    (row,) = re.findall(r"^\| &lt;script.*<sub>.*$", markdown, flags=re.MULTILINE)
    assert len(re.findall(r"(?<!\\)\|", row)) == 2


def test_missing_and_failed_cells_are_listed(fabricated, plan_files):
    made = fabricated()
    run = made.add("+experiment=figure9", ended="")
    made.folder.note(run.name, failure="OutOfMemoryError: too large")
    made.add("+experiment=cifar10_hinge", ended="diverged")
    report = compose_report(made.results(), list(plan_files.values()))
    (missing,) = (section for section in report.sections if section.key == "missing")
    texts = [[entry.text for entry in line.entries] for line in missing.blocks[0].lines]
    assert texts == [
        ["cell_0", "failed", "OutOfMemoryError: too large"],
        ["cell_1", "diverged", "step 40: nan"],
    ]


def test_deviations_show_what_was_in_force(fabricated, plan_files):
    made = fabricated()
    made.add("+experiment=figure9")
    report = compose_report(made.results(), list(plan_files.values()))
    (deviations,) = (section for section in report.sections if section.key == "deviations")
    in_force = {line.entries[0].text: line.entries[3].text for line in deviations.blocks[1].lines}
    assert in_force["width of all networks"] == "1.0"
    assert in_force["updates"] == "100"
    assert in_force["slope of its leaky ReLU"] == "-"


def test_warning_names_scale_network_and_settings(fabricated, plan_files):
    made = fabricated(scale="cpu", extractor="efficientnet_lite0", words=["precision=bfloat16"])
    made.add("+experiment=figure9", IS=2.0, FID=30.0, weights="average")
    warning = compose_report(made.results(), list(plan_files.values())).warning
    for said in ("scale cpu", "efficientnet_lite0", "precision=bfloat16", "averaged weights"):
        assert said in warning


def facts_and_warning(made, plan_files):
    report = compose_report(made.results(), list(plan_files.values()))
    return dict(report.facts)["features"], report.warning


def test_features_are_those_that_the_sheets_say(fabricated, plan_files):
    """Whatever extractor the plan names: its weights may be others than the definition's."""
    made = fabricated(extractor="inception-random")
    assert facts_and_warning(made, plan_files) == ("", "")  # Nothing is known before a sheet is.
    made.add("+experiment=figure9", IS=2.0, FID=30.0)
    assert facts_and_warning(made, plan_files) == (
        "inception-random",
        "Scores are of inception-random features, neither Inception scores nor FIDs.",
    )


def test_sheets_of_several_networks_do_not_compare(fabricated, plan_files):
    made = fabricated()
    made.add("+experiment=figure9", IS=2.0, FID=30.0)
    made.add("+experiment=figure11", IS=2.0, FID=30.0, extractor="inception-random")
    assert facts_and_warning(made, plan_files) == (
        "inception; inception-random",
        "Some scores are of inception-random features, neither Inception scores nor FIDs. Scores "
        "of inception and of inception-random features do not compare with each other.",
    )


def test_one_name_of_two_networks_is_told_apart(fabricated, plan_files):
    made = fabricated(extractor="mine")
    made.add("+experiment=figure9", IS=2.0, FID=30.0, sha256="a" * 64)
    made.add("+experiment=figure11", IS=2.0, FID=30.0, sha256="b" * 64)
    features, warning = facts_and_warning(made, plan_files)
    assert features == "mine sha256 aaaaaaaa; mine sha256 bbbbbbbb"
    assert "of mine sha256 aaaaaaaa and of mine sha256 bbbbbbbb features do not" in warning


def test_no_warning_where_all_is_the_paper_s(complete):
    assert complete.warning == ""


def test_command(fabricated, monkeypatch, capsys, tmp_path):
    made = fabricated()
    made.results()
    arguments = ["sngan-report", str(made.folder.path), "--output", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", arguments)
    report_command.main()
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "out" / "report.md"), str(tmp_path / "out" / "report.html"),
    ]  # fmt: skip


def test_grids_are_cut_between_samples(fabricated, plan_files):
    made = fabricated()
    run = made.add("+experiment=figure1_cifar10 method=spectral_norm setting=A")
    grid = Image.new("RGB", (102, 102), "white")  # Samples of 8 pixels, 2 apart.
    for row in range(10):
        for column in range(10):
            grid.paste(
                (row, column, 0), (2 + 10 * column, 2 + 10 * row, 10 * column + 10, 10 * row + 10)
            )
    grid.save(run / "samples" / "step_0000100.png")
    (png,) = compose_report(made.results(), list(plan_files.values())).pictures.values()
    with Image.open(BytesIO(png)) as cut:
        assert cut.size == (42, 42)
        assert cut.getpixel((39, 39)) == (3, 3, 0)
        assert cut.getpixel((41, 41)) == (255, 255, 255)


def test_a_cut_grid_costs_its_own_place_alone(fabricated, plan_files, caplog):
    """The one before it is shown, and the log says which is damaged."""
    made = fabricated()
    run = made.add("+experiment=figure1_cifar10 method=spectral_norm setting=A")
    whole = run / "samples" / "step_0000050.png"
    Image.new("RGB", (102, 102), "white").save(whole)
    (run / "samples" / "step_0000100.png").write_bytes(whole.read_bytes()[:60])
    report = compose_report(made.results(), list(plan_files.values()))
    assert len(report.pictures) == 1
    assert "step_0000100.png is left out: it is damaged" in caplog.text


def test_no_torch_is_imported(fabricated, tmp_path):
    """It takes seconds, and nothing in a report is computed with it."""
    made = fabricated()
    made.add("+experiment=figure1_cifar10 method=spectral_norm setting=C", IS=7.4, FID=29.0)
    made.results()
    code = (
        "import sys; from sngan.commands.report import main; main();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(made.folder.path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    *pages, imported = process.stdout.splitlines()
    assert len(pages) == 2
    assert {"sngan", "matplotlib"} <= set(imported.split())
    assert {"torch", "torchvision", "scipy"}.isdisjoint(imported.split())


def test_no_reproduction_is_said(command, tmp_path):
    process = command("sngan-report", "nowhere", check=False)
    assert process.returncode == 2
    assert process.stderr.splitlines()[1].startswith("error: nowhere holds no reproduction")


@pytest.mark.parametrize("damage", ["", "[1", "3", "{}"])
@pytest.mark.parametrize(
    "file", ["environment.json", "last.json", "spectra.json", "cell.json", "metrics.jsonl"]
)
def test_a_damaged_file_does_not_stop_the_report(fabricated, plan_files, file, damage):
    made = fabricated()
    use = "+experiment=figure1_cifar10 method=spectral_norm setting={}"
    made.add(use.format("C"), IS=7.4, FID=29.0)
    run = made.add(use.format("D"), IS=7.4, FID=29.0)
    (run / file).write_text(damage)
    page = render(compose_report(made.results(), list(plan_files.values())), ".html")
    assert "7.40" in page
