"""Folders that look as if cells had been trained: numbers as wanted, no training."""

import json
import shutil

import pytest
from PIL import Image

from sngan.report.results import Results
from sngan.reproduce.cell import Cell, Cells
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.reproduce.targets import read_targets

INCEPTION = "sngan.extractor.inception.Inception"
ENVIRONMENT = {
    "step": 0,
    "versions": {"sngan": "0.1.0", "torch": "2.15.0"},
    "platform": "Linux",
    "device_name": "H9000",
    "commit": "0123456789abcdef",
    "dirty": False,
}
LAYERS = ("block.0", "block.1", "linear")


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def plan_files():
    return {target.key: target for target in read_targets()}


class Fabricated:
    """A reproduction whose results are made up.

    Its plan names the FID Inception; what scores are of, their sheets say.
    """

    def __init__(self, path, scale="paper", extractor="inception", words=(), protocols=("paper",)):
        self.folder = Reproduction(path)
        self.extractor = extractor
        self.cells = Cells()
        nodes = {name: {"name": name} for name in protocols}
        evaluation = {"extractor": {"_target_": INCEPTION}, "protocol": nodes, "seed": 0}
        self.plan = Plan(scale, list(words), evaluation, self.cells)

    def add(self, use, seed=0, dataset="cifar10", ended="finished", best=None, **scores):
        """Add a cell with ``IS`` and ``FID`` of its last checkpoint; without, it was not scored."""
        name = f"cell_{len(self.cells.by_name)}"
        is_real = use.startswith("real")
        cell = Cell(
            name=name,
            config={
                "dataset": {"_target_": f"sngan.dataset.{dataset}.Class"},
                "architecture": {"width": 1.0},
                "total_steps": 100,
            },
            words=(f"dataset={dataset}",) if is_real else (*use.split(), f"seed={seed}"),
            needs=frozenset(),
            seed=seed,
            method="real" if is_real else "spectral_norm",
            is_real=is_real,
        )
        self.cells.add(use, cell)
        run = self.folder.of_cell(name).path
        (run / "checkpoints").mkdir(parents=True)
        self._write_run(run)
        sheets = {}
        for which, values in (("last", scores), ("best", best)):
            if values:
                sheets[which] = f"{which}.json"
                (run / f"{which}.json").write_text(json.dumps(self._sheet(values)))
        self.folder.note(
            name,
            ended=ended,
            said="step 40: nan" if ended == "diverged" else "",
            sheets={self.plan.evaluation_key: sheets},
            spectra="spectra.json",
        )
        return run

    def results(self):
        self.folder.write_plan(self.plan)
        return Results(self.folder)

    def _sheet(self, scores):
        entry = {
            "score_mean": scores.get("IS"),
            "score_std": scores.get("split_std", 0.1),
            "distance": scores.get("FID"),
        }
        name = scores.get("extractor", self.extractor)
        names = {"score": f"{name} score", "distance": f"{name} distance"}
        if name == "inception":
            names = {"score": "Inception score", "distance": "FID"}
        return {
            "extractor": {
                "name": name,
                "weights": "file",
                "sha256": scores.get("sha256", "0" * 64),
            },
            "names": names,
            "weights": scores.get("weights", "raw"),
            "protocols": {
                protocol: {**entry, "comparable": protocol not in scores.get("incomparable", ())}
                for protocol in self.plan.evaluation["protocol"]
            },
        }

    def _write_run(self, run):
        lines = []
        for step in range(10, 101, 10):
            values = {
                "speed/steps_per_second": 4.0,
                "sigma/in_use/block.0": 1.01,
                "sigma/in_use/block.1": 1.02,
                "loss/discriminator/train": -1.0 - step / 100,
                "loss/discriminator/test": -1.0,
                "score/inception/quick": step / 20,
            }
            lines += [
                {"step": step, "name": name, "value": value, "seconds": 36.0 * step}
                for name, value in values.items()
            ]
        (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (run / "environment.json").write_text(json.dumps([ENVIRONMENT]))
        layers = [{"name": name, "in_use": [2.0, 1.0, 0.5]} for name in LAYERS]
        layers[-1]["in_use"] = [2.0]
        (run / "spectra.json").write_text(json.dumps({"layers": layers}))
        (run / "samples").mkdir()
        Image.new("RGB", (342, 342), "teal").save(run / "samples" / "step_0000100.png")


@pytest.fixture(scope="session")
def made_up():
    return Fabricated


@pytest.fixture
def fabricated(tmp_path):
    return lambda **about: Fabricated(tmp_path / "reproduction", **about)
