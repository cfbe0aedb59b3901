"""A reproduction with components of others: what the user names is built, not what files name."""

import json

import pytest

from sngan.reproduce.jobs import Jobs

FIGURE = ("--scale", "smoke", "--only", "figure9", "--folder", "r")
SPECTRA = (
    *("--scale", "smoke", "--only", "figure3/cifar10", "--folder", "r"),
    *("--method", "spectral_norm", "--setting", "C"),
)
NAMED = ("regularizer=drift", "extractor=colours", "metric=[mean_gap]")
pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture
def reproduce(in_process, pictures):
    """Run the command on pictures of theirs."""
    data = ("dataset=arrays", f"dataset.root={pictures}")
    return lambda *words, **options: in_process("sngan-reproduce", *data, *words, **options)


@pytest.fixture
def change_plan(monkeypatch):
    """Change the plan between the command that writes it and the jobs that read it."""

    def change(how):
        read = Jobs.plan

        def plan(jobs):
            path = jobs.path / "plan.json"
            content = json.loads(path.read_text())
            how(content, *content["cells"].values())
            content.pop("checksum", None)  # Who wants to deceive does not leave a wrong one.
            path.write_text(json.dumps(content))
            return read(jobs)

        monkeypatch.setattr(Jobs, "plan", plan)

    return change


def watch_too(plan, cell):
    node = {"_target_": "mine.weight_length.WeightLength", "every": 1}
    cell["config"]["monitor"]["weight_length"] = node


def other_arguments(plan, cell):
    cell["config"]["regularizer"]["drift"]["weight"] = 2


def other_pictures(plan, cell):
    cell["config"]["dataset"] = {"_target_": "os.system", "command": "touch hacked"}


def other_features(plan, cell):
    plan["evaluation"]["extractor"] = {"_target_": "mine.least_squares.LeastSquares"}


def test_cells_are_trained_scored_and_analyzed(reproduce, tmp_path, monkeypatch):
    """Also where their folders cannot remember what they are built of: jobs are told."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert "1 finished" in reproduce(*SPECTRA, *NAMED, "architecture=dense").stdout
    sheets = [json.loads(path.read_text()) for path in tmp_path.rglob("*mean_gap*.json")]
    assert sheets
    assert {sheet["extractor"]["name"] for sheet in sheets} == {"colours"}
    assert all("mean_gap" in sheet["protocols"]["smoke"]["more"] for sheet in sheets)
    (spectra,) = tmp_path.rglob("*.spectra.json")
    assert len(json.loads(spectra.read_text())["layers"]) == 2


@pytest.mark.parametrize(
    "change", [watch_too, other_arguments, other_pictures, other_features], ids=lambda x: x.__name__
)
def test_what_was_put_into_the_plan_is_refused(reproduce, change_plan, tmp_path, change):
    """Also of the very package that the user has named."""
    change_plan(change)
    part = SPECTRA if change is other_features else FIGURE
    process = reproduce(*part, *NAMED, check=False)
    assert process.returncode == 1, process.stderr
    assert "1 failed" in process.stdout
    assert "which is not of sngan" in process.stderr
    assert not (tmp_path / "hacked").exists()


def test_a_package_may_be_trusted_as_a_whole(reproduce, change_plan):
    change_plan(watch_too)
    assert "1 finished" in reproduce(*FIGURE, *NAMED, "trust=[mine]").stdout


def test_the_plan_of_a_folder_that_was_there_is_not_believed(reproduce, tmp_path):
    """What its cells watch besides is taken over from it."""
    reproduce(*FIGURE, *NAMED)
    (record,) = tmp_path.glob("r/cells/*/cell.json")
    record.unlink()
    path = tmp_path / "r" / "plan.json"
    plan = json.loads(path.read_text())
    watch_too(plan, *plan["cells"].values())
    del plan["checksum"]
    path.write_text(json.dumps(plan))
    process = reproduce(*FIGURE, *NAMED, check=False)
    assert process.returncode == 1, process.stderr
    assert "names 'mine.weight_length.WeightLength', which is not of sngan" in process.stderr


@pytest.mark.slow
def test_groups_in_a_folder(in_process, page, pictures, tmp_path):
    """Nothing needs to be installed to try something out."""
    for name, content in page.items():
        if name.startswith("mine/configs/extractor/"):
            place = tmp_path / "own" / "extractor" / "own.yaml"
            place.parent.mkdir(parents=True)
            place.write_text(content)
    words = ("--config-dir", "own", "extractor=own")
    process = in_process("sngan-reproduce", *FIGURE, *words, "--dry-run")
    assert process.stdout.splitlines()[0].endswith("--config-dir own")
    assert "1 finished" in in_process("sngan-reproduce", *FIGURE, *words).stdout
    plan = json.loads((tmp_path / "r" / "plan.json").read_text())
    assert plan["evaluation"]["extractor"]["_target_"] == "mine.colours.Colours"
    assert "trust" not in plan["evaluation"]
    process = in_process("sngan-reproduce", *FIGURE, "extractor=own", check=False)
    assert process.returncode == 2
    assert "there is no extractor=own" in process.stderr


@pytest.mark.slow
def test_launchers(command, installed, pictures, tmp_path):
    words = (f"dataset.root={pictures}", "dataset=arrays", *NAMED, "--seeds", "2")
    processes = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    command("sngan-reproduce", *FIGURE, *words, *processes, PYTHONPATH=str(installed))
