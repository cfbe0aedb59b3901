"""Small cells that are really trained and scored."""

import json

import pytest

from sngan.commands.reproduce import evaluation_of
from sngan.reproduce.cell import Cells
from sngan.reproduce.cells import compose_cells
from sngan.reproduce.overrides import assign
from sngan.reproduce.plan import Plan
from sngan.reproduce.reproduction import Reproduction
from sngan.reproduce.targets import read_targets

SMALL = ("dataset.num_images=64", "extractor.input_size=32", "monitor.scores.every=2")


@pytest.fixture(scope="session")
def targets():
    return {target.key: target for target in read_targets()}


@pytest.fixture(scope="session")
def composed(targets):
    """Return the cells of some targets at scale smoke, by the words of their variants."""

    def compose(*keys, words=(), seeds=1):
        shared = assign("smoke", [*SMALL, *words])
        cells = compose_cells([targets[key] for key in keys], shared, seeds)
        return shared, cells

    return compose


@pytest.fixture
def reproduction(composed, tmp_path):
    """Make a folder with a plan of those variants whose words hold all that is given."""

    def make(*texts, key="figure9", words=(), seeds=1, place="reproduction"):
        shared, cells = composed(key, words=words, seeds=seeds)
        chosen = Cells()
        for use, names in cells.by_variant.items():
            if all(text in use.split() for text in texts):
                for name in names:
                    chosen.add(use, cells.by_name[name])
        folder = Reproduction(tmp_path / place)
        folder.write_plan(Plan("smoke", list(words), evaluation_of(shared), chosen))
        return folder, folder.read_plan()

    return make


@pytest.fixture
def steps_of():
    """Return the steps that a run logged a loss at, in order."""

    def read(run):
        lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        return [line["step"] for line in lines if line["name"] == "loss/generator"]

    return read
