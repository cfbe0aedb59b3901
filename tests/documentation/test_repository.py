"""Files that other programs read: citations, forms, workflows, scripts for Slurm."""

import subprocess
from pathlib import Path

import pytest
import yaml

import sngan

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
pytestmark = pytest.mark.skipif(not GITHUB.exists(), reason="a release is without them")


def test_the_citation_names_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == sngan.__version__
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()


def test_the_workflow_is_what_ci_runs():
    job = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text())["jobs"]["check"]
    assert job["steps"][-1]["run"] == ".ci/run"


def test_no_workflow_wants_a_secret_or_more_rights_than_it_needs():
    for path in (GITHUB / "workflows").glob("*.yml"):
        assert "secrets." not in path.read_text()
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_only_what_was_checked_is_published():
    jobs = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text())["jobs"]
    assert any("twine check --strict" in step.get("run", "") for step in jobs["build"]["steps"])
    assert jobs["publish"]["needs"] == "build"


@pytest.mark.parametrize("path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("*[!g].yml")), ids=str)
def test_a_form_asks_something(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= form.keys()
    assert len({field["id"] for field in form["body"]}) == len(form["body"])


def test_a_job_that_finds_a_run_continues_it(tmp_path):
    script = ROOT / "scripts" / "slurm" / "train.sbatch"
    (tmp_path / "srun").write_text('#!/bin/sh\necho "$@"\nexit 138\n')
    (tmp_path / "scontrol").write_text('#!/bin/sh\necho scontrol "$@"\n')
    for name in ("srun", "scontrol"):
        (tmp_path / name).chmod(0o755)

    def said():
        process = subprocess.run(
            ["bash", script, "run", "+experiment=cifar10"],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SLURM_JOB_ID": "7"},
            capture_output=True,
            text=True,
        )
        assert process.returncode == 138, process.stderr
        return process.stdout.splitlines()

    again = "scontrol requeue 7"
    assert said() == ["sngan-train +experiment=cifar10 run_dir=run", again]
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "checkpoints" / "step_0000001.pt").touch()
    assert said() == ["sngan-train resume=run", again]
