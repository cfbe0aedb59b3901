"""The page about runs in a real browser: no errors, no requests, nothing wider than the screen."""

import json

import pytest
from PIL import Image

from sngan.report.render import write
from sngan.report.run_list import runs_of
from sngan.report.runs import report_of_runs

LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def run_of(path):
    """Make a run with a grid, long settings and a few entries."""
    (path / "samples").mkdir(parents=True)
    target = "sngan.architecture.resnet_of_a_long_name.AGeneratorOfAVeryLongName" * 3
    settings = {"a": {"_target_": target}, "total_steps": 20, "seed": path.name}
    (path / "config.yaml").write_text(json.dumps(settings))
    lines = [
        {"step": step, "name": name, "value": float(step), "seconds": 1.0}
        for step in (10, 20)
        for name in ("loss/generator", "speed/steps_per_second", "sigma/in_use/a")
    ]
    (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    Image.new("RGB", (342, 342), "teal").save(path / "samples" / "step_0000020.png")
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of one run, and that of seven."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [run_of(folder / f"a_run_with_a_name_{index}") for index in range(7)]
    return [write(report_of_runs(runs_of(x)), folder / str(len(x)))[1] for x in (runs[:1], runs)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("index", [0, 1], ids=["one", "several"])
def test_page(chromium, pages, index, viewport, scheme):
    page = chromium.new_page(viewport=viewport, color_scheme=scheme)
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(pages[index].as_uri())
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [pages[index].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    # All pictures are there, and of a single run large enough to be looked at.
    shown = page.evaluate("[...document.images].map(image => [image.naturalWidth, image.width])")
    assert len(shown) == (1, 7)[index]
    assert all(natural for natural, _ in shown)
    assert min(width for _, width in shown) > (250, 90)[index]
    page.close()
