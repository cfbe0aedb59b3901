"""The program, as `python -m scripts.torture` runs it, and that it sees what is wrong."""

import json
import re
import shutil
import signal

import pytest

from scripts.torture import __main__ as program
from scripts.torture import signals
from scripts.torture.commands import Ended
from scripts.torture.compare import differences, wrong_files
from scripts.torture.damage import WAYS, outcome_of
from scripts.torture.page import page
from scripts.torture.tally import Tally
from sngan.run_folder import checkpoint
from sngan.run_folder.folder import RunFolder
from sngan.system.files import load_json, write_json


@pytest.fixture
def run(tmp_path):
    def run(*words, code=0):
        out = tmp_path / "new" / "out"
        with pytest.raises(SystemExit) as end:
            program.main([*words, "--out", str(out), "--seed", "1"])
        assert end.value.code == code
        results = json.loads((out / "torture.json").read_text())
        assert (out / "torture.md").read_text() == page(results)
        return results

    return run


@pytest.mark.slow
def test_a_little_of_what_needs_one_process(run):
    results = run("contents", "--contents", "3")
    assert results["machine"]["versions"]["torch"]
    assert (results["seed"], results["rounds"]) == (1, 1)
    figures = results["parts"]["contents"]["figures"]
    assert (figures["checkpoints read"], figures["checkpoints continued from"]) == (3, 2)


@pytest.mark.slow
def test_a_little_of_everything(run):
    counts = ("--kills", "3", "--damage", "9", "--contents", "2", "--signals", "2")
    results = run(*counts, "--together", "2", "--full-disk", "1")
    assert [*results["parts"]] == [*program.PARTS]
    figures = results["parts"]["damage"]["figures"]
    assert figures["checkpoints, a bit flipped"] == figures["checkpoints, a bit flipped: refused"]
    assert figures["checkpoints given to commands: refused"] == 1
    kills = results["parts"]["kills"]
    assert kills["figures"]["kills"] == len(kills["details"]) == 3
    assert all(detail["stage"] for detail in kills["details"])


def test_rounds_add_up_and_parts_do_not_stop_each_other(run, monkeypatch, tmp_path):
    drawn = []

    def count(place, times):
        drawn.append(place.random.random())
        (place.scratch / "evidence").write_text("x")
        tally = Tally(details=[{"stage": "a"}])
        tally.count("things", times)
        if len(drawn) == 2:
            tally.broken.append(place.keep(place.scratch / "evidence", "it broke"))
        return tally

    def fail(place, times):
        raise OSError(f"no {place.scratch}")

    parts = {"kills": program.Part(count, 3, "x"), "signals": program.Part(fail, 1, "x")}
    monkeypatch.setattr(program, "PARTS", parts)
    results = run("--rounds", "2", "--kills", "5", code="3 promises were broken")
    assert len({*drawn}) == 2
    kills = results["parts"]["kills"]
    assert kills["figures"] == {"things": 10}
    assert len(kills["details"]) == 2
    (said,) = kills["broken"]
    assert said.startswith("it broke (see ")
    assert (tmp_path / "new/out/broken/000-evidence").read_text() == "x"
    assert results["parts"]["signals"]["broken"] == ["it ended with OSError: no ..."] * 2
    text = page(results)
    assert "| things | 10 |" in text
    assert "| **broken promises** | **1** |" in text
    again = [*drawn]
    drawn.clear()
    run("--rounds", "2", code="3 promises were broken")
    assert drawn == again


@pytest.mark.parametrize("words", [["nothing"], ["--rounds", "0"], ["--kills", "-1"]])
def test_errors(words, capsys):
    with pytest.raises(SystemExit) as end:
        program.main(words)
    assert end.value.code == 2
    assert re.search("must be|invalid choice", capsys.readouterr().err)


@pytest.fixture(scope="module")
def whole(run_in_process, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    words = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=64", "log_every=1")
    run_in_process(folder, "sngan-train", *words, "run_dir=run")
    return folder / "run"


def edit(path, old, new):
    text = path.read_text()
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text, count=1))


def other_weights(path):
    state = checkpoint.load(path)
    next(iter(state["iteration"]["generator"].values())).view(-1)[0] += 1e-6
    checkpoint.save(path, state)


def later(path):
    state = checkpoint.load(path)
    checkpoint.save(path, {**state, "seconds": 1e9})


CHANGES = {
    "best.json is left over": lambda run: write_json(run / "best.json", {}),
    "samples/.step_0000004.png.7 is left over": lambda run: (
        run / "samples" / ".step_0000004.png.7"
    ).write_text(""),
    "checkpoints/step_0000002.pt is missing": lambda run: RunFolder(run).checkpoint(2).unlink(),
    "checkpoints/step_0000004.pt differs": lambda run: other_weights(RunFolder(run).checkpoint(4)),
    "samples/step_0000004.png differs": lambda run: RunFolder(run).grid(4).write_bytes(b""),
    "metrics.jsonl differs": lambda run: edit(
        run / "metrics.jsonl", '"value": [0-9]', '"value": 9'
    ),
    "": lambda run: (
        later(RunFolder(run).checkpoint(4)),
        edit(run / "metrics.jsonl", '"seconds": ', '"seconds": 9'),
        edit(run / "metrics.jsonl", 'second", "value": ', 'second", "value": 9'),
        (run / "train.log").unlink(),
    ),
}


@pytest.mark.parametrize("said", CHANGES)
def test_differences_are_seen(said, whole, tmp_path):
    other = shutil.copytree(whole, tmp_path / "other")
    CHANGES[said](other)
    assert differences(other, whole) == ([said] if said else [])


def test_files_that_are_not_whole_are_seen(whole, tmp_path):
    other = shutil.copytree(whole, tmp_path / "other")
    assert not wrong_files(other)
    newest = RunFolder(other).checkpoint(4)
    newest.write_bytes(newest.read_bytes()[:-1])
    (other / "due.json").write_text('{"step": ')
    said = wrong_files(other)
    assert [text.split()[0] for text in said] == ["step_0000004.pt", "due.json"]


def test_damage_that_nobody_finds_is_seen(tmp_path):
    path = write_json(tmp_path / "a.json", {"a": 1})
    content = path.read_bytes()
    read = lambda file: load_json(file, dict)  # noqa: E731
    assert outcome_of(path, read, {"a": 1}, content) == "harmless"
    assert outcome_of(path, read, {"a": 1}, content.replace(b"1", b"2", 1)) == "refused"
    assert outcome_of(path, read, {"a": 1}, b'{"a": 2}') == "read as something else"
    with pytest.raises(KeyError):
        outcome_of(path, lambda file: {}["b"], {}, content)
    content *= 1000
    for way in WAYS.values():
        changed = [*way(content, 5, 0)]
        assert len({*changed}) == 5
        assert content not in changed
        assert changed == [*way(content, 5, 0)]
        assert changed != [*way(content, 5, 1)]
    assert len([*WAYS["a page zeroed"](content[:5000], 100, 0)]) == 2
    assert len([*WAYS["cut short"](content[:50], 100, 0)]) == 50


def test_what_a_signal_should_not_leave(tmp_path):
    term = signal.SIGTERM
    quiet = Ended(143, "", "step 1/9 ...\nended by SIGTERM; what was written before is whole\n")
    wrong = signals._wrong
    assert wrong(quiet, tmp_path / "none", term) == ""
    assert wrong(Ended(-15, "", ""), tmp_path / "none", term) == ""
    assert wrong(Ended(0, "", ""), tmp_path / "none", term) == "exit code 0"
    noisy = Ended(143, "", "Traceback (most recent call last):\n")
    assert "on standard error: Traceback" in wrong(noisy, tmp_path / "none", term)
    early = Ended(-2, "", 'File "<frozen site>", line 1\nKeyboardInterrupt\n')
    assert signals._is_before_us(early, tmp_path / "none")
    assert not signals._is_before_us(early, tmp_path)
    ours = f'File "{signals.ROOT}/sngan/commands/entry.py", line 1\nKeyboardInterrupt\n'
    assert not signals._is_before_us(Ended(-2, "", ours), tmp_path / "none")
    (tmp_path / ".lock").touch()
    assert wrong(quiet, tmp_path, term) == "a folder without checkpoint: ['.lock']"
