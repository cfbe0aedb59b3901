"""Every command of README and pages, as bash and zsh read it, in its smallest form.

How a command is made small, and which are not run and why, is said in ``commands.yaml``.
"""

import argparse
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from scripts.documentation.commands import ROOT, Snippet, calls, pages, snippets


def joined(blocks):
    """Return the blocks of a page as one."""
    first, *others = blocks
    return replace(first, text="".join([first.text, *(other.text for other in others)]))


PROJECT = (ROOT / "pyproject.toml").read_text()
TABLE = yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text())
OURS = re.findall(r'^(sngan-\w+) = "', PROJECT, re.MULTILINE)
EXTRAS = set(re.findall(r"^(\w+) = \[$", PROJECT, re.MULTILINE))
PROGRAMS = [*OURS, *TABLE["programs"], "make", "python", "pip", "sbatch", "torchrun"]
SHOWN = [snippet for page in pages() for snippet in snippets(page, PROGRAMS)]
ALONE = [x for x in SHOWN if not (x.is_block and x.page in TABLE["followed"])]
FOLLOWED = [joined(x for x in SHOWN if x.is_block and x.page == p) for p in TABLE["followed"]]
FOREIGN = "docs/extending.md"
"""Its commands need the package that it describes: tests/strangers builds it and runs them."""
COMMANDS = [
    snippet
    for snippet in ALONE + FOLLOWED
    if " " in snippet.text.strip(". ")
    and snippet.text not in TABLE["fragments"]
    and snippet.page != FOREIGN
]


NOT_RUN = [entry["command"] for entry in TABLE["not_run"]]


def is_about(text, patterns):
    return any(re.search(pattern, text) for pattern in patterns)


def name_of(snippet):
    return f"{snippet.page}:{snippet.line} {snippet.text.strip().splitlines()[0][:40]}"


@pytest.mark.slow
@pytest.mark.parametrize("snippet", COMMANDS, ids=name_of)
def test_a_command_runs_in_its_smallest_form(snippet, place, attempt):
    for words in calls(snippet, "bash", place, patterns=False):
        attempt(words, NOT_RUN + TABLE["slow"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "snippet", [x for x in COMMANDS if is_about(x.text, TABLE["slow"])], ids=name_of
)
def test_a_slow_one_runs_too(snippet, place, attempt):
    for words in calls(snippet, "bash", place, patterns=False):
        attempt(words, NOT_RUN)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_reads_what_bash_reads(globbed):
    """An unquoted ``metric=[kid]`` is a pattern there that finds no file."""
    wrong = []
    for snippet in SHOWN:
        try:
            by_shell = [calls(snippet, shell, globbed) for shell in ("zsh", "bash")]
            assert sorted(by_shell[0]) == sorted(by_shell[1])  # Those of a pipe come in any order.
        except ValueError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def test_no_entry_of_the_table_is_out_of_date(globbed):
    said = [" ".join(words) for snippet in SHOWN for words in calls(snippet, "bash", globbed)]
    patterns = [entry["if"] for entry in TABLE["smallest"]]
    patterns += NOT_RUN + TABLE["slow"]
    patterns += [rf"^{program}\b" for program in TABLE["programs"]]
    patterns += [f"^{re.escape(fragment)}" for fragment in TABLE["fragments"]]
    assert [x for x in patterns if not is_about("\n".join(said), [f"(?m){x}"])] == []


@pytest.fixture
def attempt(run_in_process, parse_only, place):
    """Run a program of ours, or look at what is said to one of others."""

    def act(command, not_run):
        text, (program, *words) = " ".join(command), command
        if program in OURS and is_about(text, not_run):
            parse_only(lambda: run_in_process(place, program, *words))
        elif program in OURS:
            run_in_process(place, program, *smallest(text, found(words)))
        elif program == "torchrun":
            act(words[words.index("--no-python") + 1 :], not_run)
        elif program == "srun":
            act(words, not_run)
        elif program == "sbatch":
            for call in calls(script_of(words), "bash", place, patterns=False):
                act(call, not_run)
        elif program == "make":  # It says what it would do.
            subprocess.run(["make", "-n", *words], cwd=ROOT, check=True, capture_output=True)
        elif program == "python":
            look_at_script(*words)
            if "venv" not in words and words[2 if words[0] == "-m" else 1 :]:
                parse_only(lambda: run_script(*words))
        elif program == "pip":
            look_at_requirements(words)
        else:
            assert program in TABLE["programs"], f"{program}: in no list of commands.yaml"

    return act


def found(words):
    """Return the words with every pattern replaced by the files that it finds, if there are any.

    Steps are other ones here.
    """
    for word in words:
        pattern = re.sub(r"step_\d+", "step_*", word)
        yield from (sorted(map(str, Path().glob(pattern))) if "*" in pattern else []) or [word]


def smallest(text, words):
    words = list(words)
    for entry in TABLE["smallest"]:
        if re.search(entry["if"], text) and not re.search(entry.get("unless", "$^"), text):
            words = [word for word in words if not word.startswith(tuple(entry.get("drop", "\0")))]
            if "first" in entry:
                words = [re.sub(r",.*", "", word) for word in words]
            words += [word.format(root=ROOT) for word in entry["add"]]
    return words


@pytest.fixture
def parse_only(monkeypatch):
    """Let programs end where they have read their arguments."""

    class Parsed(Exception):
        pass

    def ending(method):
        def parse(*arguments, **options):
            method(*arguments, **options)
            raise Parsed

        return parse

    def act(program):
        with monkeypatch.context() as patch:
            for name in ("parse_args", "parse_intermixed_args"):
                method = getattr(argparse.ArgumentParser, name)
                patch.setattr(argparse.ArgumentParser, name, ending(method))
            # Nor is it asked whether there is what they name.
            patch.setattr("sngan.commands.train.require_composable", lambda *_, **__: None)
            with pytest.raises(Parsed):
                program()

    return act


def script_of(words):
    """Return a script for Slurm with its arguments, to be read by a shell as a page is."""
    place = next(n for n, word in enumerate(words) if not word.startswith("-"))
    arguments = shlex.join(words[place + 1 :])
    text = f"set -- {arguments}\n" + (ROOT / words[place]).read_text()
    return Snippet(words[place], 1, text, is_block=True)


def look_at_script(*words):
    if words[:2] == ("-m", "venv"):
        pass
    elif words[0] == "-m":
        module = ROOT / words[1].replace(".", "/")
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()
    else:
        assert (ROOT / words[0]).exists()


def run_script(*words):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", [*words[words[0] == "-m" :]])
        run = runpy.run_module if words[0] == "-m" else runpy.run_path
        run(sys.argv[0], run_name="__main__")


def look_at_requirements(words):
    """Look whether files that pip is told of are there, and extras of ours declared."""
    assert words[0] == "install"
    words = list(words[1:])
    while words:
        word = words.pop(0)
        if word == "-c":
            assert (ROOT / words.pop(0)).exists()
        elif word in ("--target", "--index-url"):
            words.pop(0)
        elif not word.startswith("-"):
            requirement = Requirement(re.sub(r"^\.", "sngan", word))
            if requirement.name == "sngan":
                assert requirement.extras <= EXTRAS
