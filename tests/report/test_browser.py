"""The page in a real browser: no errors, no requests, links that lead somewhere, both colours."""

import pytest

from sngan.report.compose import compose_report
from sngan.report.render import write

LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def page_path(fabricated, plan_files, tmp_path):
    made = fabricated(scale="cpu", extractor="efficientnet_lite0")
    for setting in "CD":
        for method in ("weight_clipping", "weight_norm", "spectral_norm", "wgan_gp"):
            use = f"+experiment=figure1_cifar10 method={method} setting={setting}"
            made.add(use, dataset="image_folder", IS=7.0, FID=300.0, best={"IS": 7.1, "FID": 290.0})
    made.add("+experiment=figure9")
    report = compose_report(made.results(), list(plan_files.values()))
    return write(report, tmp_path / "out")[1]


@pytest.fixture
def opened(chromium, page_path):
    """Open the page; returns it with what it asked for and complained of."""

    def go(viewport, scheme):
        page = chromium.new_page(viewport=viewport, color_scheme=scheme)
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(page_path.as_uri())
        page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        return page, requests, complaints

    return go


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_page(opened, page_path, viewport, scheme):
    page, requests, complaints = opened(viewport, scheme)
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [page_path.as_uri()]
    # Wide tables scroll within themselves, never the page.
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert widths
    assert all(widths)
    ink, paper = (
        page.evaluate(f"getComputedStyle(document.body).{name}")
        for name in ("color", "backgroundColor")
    )
    assert _contrast(_rgb(ink), _rgb(paper)) > 7
    assert (sum(_rgb(paper)) < 128 * 3) == (scheme == "dark")
    drawn = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
    assert drawn == ink


def test_links_lead_to_what_they_name(opened):
    page, _, _ = opened(LAPTOP, "light")
    for link in page.locator("main a").all():
        link.click()
        name = page.evaluate("location.hash.slice(1)")
        heading = page.locator(f"#{name} h2")
        assert heading.inner_text() == link.inner_text()
        assert 0 <= heading.bounding_box()["y"] < LAPTOP["height"]


def test_cells_are_folded_until_asked_for(opened):
    page, _, _ = opened(PHONE, "light")
    command = page.get_by_text("sngan-train +experiment=figure9").first
    assert not command.is_visible()
    page.locator("#cells summary").click()
    assert command.is_visible()


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_first_screen_shows_what_came_out(opened, viewport):
    page, _, _ = opened(viewport, "light")
    for what in (".lead", "main > figure svg:visible", ".strip img >> nth=0"):
        box = page.locator(what).bounding_box()
        assert box["y"] + box["height"] <= viewport["height"], what
    assert page.locator("main > figure svg:visible").count() == 1


def test_a_table_that_goes_on_says_so_until_its_end(opened):
    page, _, _ = opened(PHONE, "light")
    table = page.locator("#robustness .table").first
    classes = table.get_attribute
    assert "goes-on" in classes("class")
    table.locator(".wide").evaluate("wide => { wide.scrollLeft = wide.scrollWidth }")
    page.wait_for_function("document.querySelector('#robustness .table').className == 'table'")
    assert "goes-on" not in page.locator("#claims .table").get_attribute("class")


def _rgb(text):
    return [int(part) for part in text[text.index("(") + 1 : -1].split(",")[:3]]


def _contrast(one, other):
    """The ratio of the accessibility guidelines (WCAG 2)."""

    def luminance(color):
        parts = [c / 255 for c in color]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
