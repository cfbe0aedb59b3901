"""``sngan-reproduce`` as a user meets it."""

import re
import sys

import pytest

from sngan.commands import reproduce
from sngan.reproduce.targets import read_targets

SMALL = (
    "--scale", "smoke", "dataset.num_images=64", "extractor.input_size=32",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _short_plan():
    """Only some targets: composing the whole plan takes half a minute."""
    patch = pytest.MonkeyPatch()
    some = [
        t
        for t in read_targets()
        if t.key in ("figure6", "figure9", "figure10", "figure14", "table7")
    ]
    patch.setattr(reproduce, "read_targets", lambda: some)
    yield
    patch.undo()


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in this process; returns exit code, output and errors."""

    def call(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["sngan-reproduce", *arguments])
        code = 0
        try:
            reproduce.main()
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return call


@pytest.mark.slow
def test_list_says_everything(run, tmp_path):
    code, out, _ = run(*SMALL, "--list")
    assert code == 0
    assert "figure6/stl10: Figure 6: samples under the settings A to F; STL-10" in out
    assert out.count("1 waiting") > 40
    assert out.splitlines()[-1].startswith("50 cells in ")
    assert not (tmp_path / "runs").exists()


def test_dry_run_prints_commands(run, tmp_path):
    code, out, _ = run(*SMALL, "--dry-run", "--only", "figure9", "--seeds", "2")
    commands = [line for line in out.splitlines() if line.startswith("sngan-train")]
    assert code == 0
    assert [command.split()[-1] for command in commands] == ["seed=0", "seed=1"]
    assert not (tmp_path / "runs").exists()


def test_a_cell_is_done_once_and_listed(run, tmp_path):
    code, out, _ = run(*SMALL, "--only", "figure9")
    assert code == 0
    assert "1 cell in" in out
    assert "1 finished" in out
    assert "sngan-report" in out
    (checkpoint,) = tmp_path.glob("runs/reproduce/smoke/cells/*/checkpoints/step_0000004.pt")
    before = checkpoint.stat().st_mtime_ns
    code, out, _ = run(*SMALL, "--only", "figure9", "--seeds", "2", "--dry-run")
    assert out.count("sngan-train") == 1
    assert re.search(r"1 finished, 1 waiting; about \d+ s on one device", out)
    assert run(*SMALL, "--only", "figure9")[0] == 0
    assert checkpoint.stat().st_mtime_ns == before


def test_selection(run):
    arguments = (*SMALL, "--dry-run", "--only", "figure6/cifar10", "--setting", "D,E")
    _, out, _ = run(*arguments, "--method", "wgan_gp,weight_norm")
    commands = [line for line in out.splitlines() if line.startswith("sngan-train")]
    assert len(commands) == 4
    assert all("+experiment=figure1_cifar10" in command for command in commands)


def test_a_failed_cell_is_said_and_gives_code_1(run, monkeypatch):
    def breaks(*_):
        raise RuntimeError("no luck")

    monkeypatch.setattr("sngan.reproduce.cell_training.run", breaks)
    code, out, errors = run(*SMALL, "--only", "figure9")
    assert code == 1
    assert "1 failed" in out
    assert "RuntimeError: no luck" in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "figure99"), "--only must be one of figure10"),
        (("--seeds", "0"), "--seeds must be an integer between 1 and 1000 or null, got 0"),
        (("--workers", "-1"), "--workers must be an integer between 1 and 1000 or null, got -1"),
        (("--method", "magic"), "--method must be one of "),
        (("--method", "spectral_norm,magic"), ", got magic"),
        (("--setting", "D"), "--setting must be one of C, got D"),
        (("--only", "figure14"), "sngan-report draws it"),
        (("device=abacus",), "abacus"),
        (("seed=3",), "seed=3 is not for this command; use --seeds"),
        (("pack=3",), "pack=3 is not for this command; use --pack"),
        (("if_damaged=refuse",), "if_damaged=refuse is not for this command; use nothing"),
        (("setting.lrr=3",), "there is no setting setting.lrr; did you mean setting.lr?"),
        (("precision=float7",), "precision must be one of float32, tf32, bfloat16, got float7"),
        (("protocol=nothing",), "there is no protocol=nothing; accepted: all, "),
        (("hydra/launcher=abacus",), "there is no hydra/launcher=abacus; accepted: basic, "),
        (
            ("extractor=inception",),
            "extractor.weights must be the FID Inception's, which are not at",
        ),
        (("dataset=image_folder", "dataset.root=/nowhere"), "/nowhere"),
        (("dataset=image_folder",), "dataset.root must be given"),
    ],
)
def test_bad_input_is_said_before_anything_is_done(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setenv("SNGAN_INCEPTION", str(tmp_path / "missing.pth"))
    code, _, errors = run("--scale", "smoke", "--only", "figure9", *arguments)
    assert code == 2
    assert said in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists()


def test_other_settings_want_another_folder(run):
    assert run(*SMALL, "--only", "figure9")[0] == 0
    code, _, errors = run(*SMALL, "--only", "figure9", "precision=bfloat16")
    assert code == 2
    assert "--folder names another" in errors
