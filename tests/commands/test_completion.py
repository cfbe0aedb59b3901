"""Shells complete the words of all commands; a real bash says what it would put in."""

import shutil
import subprocess

import pytest

from sngan.commands.completion import SHELLS, script, words_of_commands

ASK = """
COMP_LINE=$1
COMP_POINT=${#COMP_LINE}
COMP_WORDBREAKS=$'"\\'><=;|&(: '
_sngan "${COMP_LINE%% *}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts():
    return {shell: script(shell) for shell in SHELLS}


@pytest.fixture
def completed(scripts, tmp_path):
    """Ask a bash what it puts behind a line; returns the words."""
    path = tmp_path / "complete.bash"
    path.write_text(scripts["bash"] + ASK)

    def ask(line):
        process = subprocess.run(
            ["bash", path, line], capture_output=True, text=True, timeout=60, check=True
        )
        assert process.stderr == ""
        return process.stdout.split()

    return ask


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sngan-train dat", ["dataset=", *[f"dataset.{key}=" for key in (
            "image_size", "mirrors", "n_classes", "root")]]),
        ("sngan-train dataset=ci", ["cifar10", "cifar100"]),
        ("sngan-train seed=1 +experiment=stl10_resnet", ["stl10_resnet_orthonormal"]),
        ("sngan-train setting.be", ["setting.beta1=", "setting.beta2="]),
        ("sngan-train hydra/launcher=jo", ["joblib"]),
        ("sngan-train regularizer=[spectral_norm,gradient_p", ["[spectral_norm,gradient_penalty"]),
        ("/some/bin/sngan-train --multi", ["--multirun"]),
        ("sngan-eval runs/a metric=ki", ["kid"]),
        ("sngan-eval --fetch", ["--fetch-inception"]),
        ("sngan-eval loss=", []),
        ("sngan-sample --interp", ["--interpolate"]),
        ("sngan-analyze --fig", ["--figure"]),
        ("sngan-reproduce --dry", ["--dry-run"]),
        ("sngan-reproduce --sca", ["--scale"]),
        ("sngan-report --out", ["--output"]),
        ("sngan-export --fo", ["--force", "--format"]),
        ("sngan-import --noi", ["--noise"]),
    ],
)  # fmt: skip
def test_bash(completed, line, expected):
    assert sorted(completed(line)) == sorted(expected)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_can_read_its_script(scripts, shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    path = tmp_path / "script"
    path.write_text(scripts[shell])
    process = subprocess.run([shell, "-n", path], capture_output=True, text=True, timeout=60)
    assert (process.returncode, process.stderr) == (0, "")


def test_every_word_is_one_that_a_shell_may_keep_in_quotes(scripts):
    for words in words_of_commands().values():
        assert not [word for word in words if set(word) & set("'\"$`\\ ")]


def test_commands_print_it(in_process):
    process = in_process("sngan-eval", "--completion", "bash")
    assert "complete -o default" in process.stdout
    assert process.stderr == ""
    wrong = in_process("sngan-train", "--completion", "tcsh", check=False)
    assert wrong.returncode == 2
    assert wrong.stderr.endswith("--completion must be one of bash, zsh, fish, got tcsh\n")
