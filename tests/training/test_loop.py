"""The loop: cadence, files, interruption and bit-exact continuation, on the CPU."""

import json
import os
import shutil
import signal

import pytest
import torch

from sngan.architecture.cnn import CnnDiscriminator, CnnGenerator
from sngan.dataset.synthetic import SyntheticShapes
from sngan.loss.standard import StandardLoss
from sngan.monitor.base import Monitor
from sngan.preprocessing.dequantized import Dequantized
from sngan.regularizer.spectral_norm import SpectralNorm
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import choose, latest
from sngan.run_folder.folder import Best, RunFolder
from sngan.sampling.latents import Latents
from sngan.schedule.linear import Linear
from sngan.step.batches import Batches
from sngan.step.iteration import Iteration
from sngan.step.splits import Splits
from sngan.system.interruption import Interruption
from sngan.training.loop import DivergenceError, train
from sngan.training.schedule import LearningRates
from sngan.training.train_step import TrainStep

CPU = torch.device("cpu")


@pytest.fixture
def run(shapes, tmp_path):
    """Build everything anew from a seed and train; returns the result."""

    def call(total_steps=4, folder=tmp_path, change=lambda iteration: None, seed=0, **settings):
        torch.manual_seed(seed)
        regularizer = SpectralNorm()
        generator = CnnGenerator(16, width=0.02)
        discriminator = CnnDiscriminator(16, regularizer.wrap_layer, width=0.05)
        optimizers = [
            torch.optim.Adam(network.parameters(), 1e-3) for network in (generator, discriminator)
        ]
        iteration = Iteration(
            generator=generator,
            discriminator=discriminator,
            loss=StandardLoss(),
            regularizer=regularizer,
            generator_optimizer=optimizers[0],
            discriminator_optimizer=optimizers[1],
            # 7 divides neither the 60 pictures nor the steps: epochs end within batches.
            batches=Batches(shapes, Dequantized(), 7, CPU),
            latents=Latents(generator, CPU),
            n_dis=3,
            batch_size=7,
            generator_batch_size=5,
        )
        change(iteration)
        defaults = {"log_every": 3, "sample_every": 4, "checkpoint_every": 2}
        folder.mkdir(exist_ok=True)
        with Interruption() as interruption:
            return train(
                step=TrainStep(iteration, LearningRates(optimizers, Linear(0), 8, CPU), CPU),
                splits=Splits(SyntheticShapes(16, num_images=60), Dequantized(), 7, CPU),
                folder=RunFolder(folder),
                config={"name": "test"},
                device=CPU,
                seed=0,
                total_steps=total_steps,
                should_stop=lambda: interruption.requested,
                **(defaults | settings),
            )

    return call


def metrics_of(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def is_result(name):
    return not name.startswith(("speed/", "memory/"))


def assert_same(first, second, path="state"):
    assert type(first) is type(second), path
    if isinstance(first, dict):
        assert first.keys() == second.keys(), path
        for key in first:
            assert_same(first[key], second[key], f"{path}.{key}")
    elif isinstance(first, list | tuple):
        assert len(first) == len(second), path
        for index, pair in enumerate(zip(first, second, strict=True)):
            assert_same(*pair, f"{path}[{index}]")
    elif isinstance(first, torch.Tensor):
        assert torch.equal(first, second), path
    else:
        assert first == second, path


@pytest.mark.parametrize("stop", [1, 4, 5])
def test_interrupted_and_resumed_equals_uninterrupted(run, tmp_path, stop):
    """Networks, optimizers, u, statistics, data order, schedules, random state and metrics."""
    whole = run(8, tmp_path / "whole")
    run(stop, tmp_path / "half")
    half = RunFolder(tmp_path / "half").checkpoint(stop)
    resumed = run(8, tmp_path / "half", seed=99, resume_from=checkpoint.load(half))
    states = [checkpoint.load(result.checkpoint) for result in (whole, resumed)]
    for state in states:
        del state["seconds"]
        del state["losses"]  # The half run logged at its end, as runs do, and began anew.
    assert_same(*states)


def test_ctrl_c_saves_and_the_rest_is_the_same(run, tmp_path):
    whole = run(8, tmp_path / "whole")

    def interrupt_at_second_step(iteration):
        update, calls = iteration.update_generator, []

        def wrapped(reals):
            calls.append(1)
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGINT)
            return update(reals)

        iteration.update_generator = wrapped

    handler = signal.getsignal(signal.SIGINT)
    half = run(8, tmp_path / "half", change=interrupt_at_second_step, checkpoint_every=100)
    assert (half.step, half.interrupted) == (2, True)
    assert signal.getsignal(signal.SIGINT) is handler
    resumed = run(8, tmp_path / "half", seed=99, resume_from=checkpoint.load(half.checkpoint))
    assert (resumed.step, resumed.interrupted) == (8, False)
    states = [checkpoint.load(result.checkpoint) for result in (whole, resumed)]
    for state in states:
        del state["seconds"]
    assert_same(*states)
    losses = [
        [(m["step"], m["name"], m["value"]) for m in metrics_of(folder) if is_result(m["name"])]
        for folder in (tmp_path / "whole", tmp_path / "half")
    ]
    assert losses[0] == losses[1]


def test_files_come_when_due_and_at_the_end(run, tmp_path):
    run(5)
    assert sorted({line["step"] for line in metrics_of(tmp_path)}) == [3, 5]
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == [
        "step_0000004.png",
        "step_0000005.png",
    ]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step_0000002.pt",
        "step_0000004.pt",
        "step_0000005.pt",
    ]


def test_where_checkpoints_will_not_fit_it_is_said_at_once(run, tmp_path, monkeypatch, caplog):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=300_000))
    run(8, checkpoint_every=1)
    (said,) = [x.getMessage() for x in caplog.records if "checkpoints of" in x.getMessage()]
    assert "its disk has room for 0.3 MB" in said
    caplog.clear()
    run(2, tmp_path / "few", checkpoint_every=1)
    assert not caplog.records


def test_old_checkpoints_go(run, tmp_path):
    run(7, keep_checkpoints=2)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step_0000006.pt",
        "step_0000007.pt",
    ]


def test_logged_losses_are_means_since_the_last_log(run, tmp_path):
    seen = []

    def watch(iteration):
        update = iteration.update_generator

        def wrapped(reals):
            seen.append(update(reals))
            return seen[-1]

        iteration.update_generator = wrapped

    run(6, change=watch)
    logged = [m["value"] for m in metrics_of(tmp_path) if m["name"] == "loss/generator"]
    expected = [torch.stack(seen[:3]).mean().item(), torch.stack(seen[3:]).mean().item()]
    assert logged == pytest.approx(expected, rel=1e-6)


def test_learning_rate_follows_the_schedule(run):
    rates = []

    def watch(iteration):
        update = iteration.update_generator

        def wrapped(reals):
            rates.append(iteration.generator_optimizer.param_groups[0]["lr"].item())
            return update(reals)

        iteration.update_generator = wrapped

    run(8, change=watch)
    assert rates == pytest.approx([1e-3 * (8 - step) / 8 for step in range(8)])


def test_sampling_and_saving_do_not_change_the_numbers(run, tmp_path):
    rare = run(4, tmp_path / "rare", sample_every=100, checkpoint_every=100)
    often = run(4, tmp_path / "often", sample_every=1, checkpoint_every=1, log_every=1)
    states = [checkpoint.load(result.checkpoint)["iteration"] for result in (rare, often)]
    assert_same(*states)


def poisoned_from(first):
    """Let the losses of an iteration and all later ones be NaN."""

    def change(iteration):
        update, calls = iteration.update_generator, []

        def wrapped(reals):
            calls.append(1)
            loss = update(reals)
            return loss if len(calls) < first else loss * float("nan")

        iteration.update_generator = wrapped

    return change


def test_divergence_stops_the_run(run):
    with pytest.raises(DivergenceError, match=r"step 6: .*nan.*, since step 5; .*step_0000004"):
        run(8, change=poisoned_from(5), log_every=6, checkpoint_every=4)


def test_divergence_before_the_first_checkpoint(run):
    with pytest.raises(DivergenceError, match=r"step 1: .*last checkpoint: None"):
        run(8, change=poisoned_from(1), log_every=1)


def test_what_has_diverged_is_not_saved_and_nothing_good_is_pruned(run, tmp_path):
    """Checkpoints may be more frequent than entries of losses."""
    with pytest.raises(DivergenceError, match=r"since step 3; .*step_0000002"):
        run(8, change=poisoned_from(3), log_every=8, checkpoint_every=1, keep_checkpoints=1)
    assert names_of(tmp_path) == ["step_0000002.pt"]
    assert run(3, resume_from=checkpoint.load(latest(tmp_path))).step == 3


def test_a_weight_that_is_not_finite_is_named_and_not_saved(run, tmp_path):
    """Its losses may still be finite: a dead ReLU hides it."""

    def change(iteration):
        update, calls = iteration.update_generator, []

        def wrapped(reals):
            calls.append(1)
            loss = update(reals)
            if len(calls) == 2:
                with torch.no_grad():
                    iteration.generator.dense.bias[0] = float("inf")
            return loss

        iteration.update_generator = wrapped
        iteration.update_discriminator = lambda reals, fakes: (next(reals)[0].mean(),) * 2

    with pytest.raises(DivergenceError, match=r"not finite: generator.dense.bias; .*step_0000001"):
        run(8, change=change, log_every=8, checkpoint_every=1)
    assert names_of(tmp_path) == ["step_0000001.pt"]


def test_checkpoints_after_the_resumed_one_are_made_again(run, tmp_path):
    """Otherwise the next resume would continue the old branch."""
    run(8)
    state = checkpoint.load(RunFolder(tmp_path).checkpoint(2))
    result = run(3, resume_from=state, keep_checkpoints=1)
    assert latest(tmp_path) == result.checkpoint == RunFolder(tmp_path).checkpoint(3)


def test_finished_run_stays_as_it_is(run):
    result = run(4)
    again = run(4, resume_from=checkpoint.load(result.checkpoint))
    assert again == result


def test_metrics_after_the_checkpoint_are_made_again(run, tmp_path):
    run(8, checkpoint_every=4)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 9, "na')  # A kill in the middle of a line.
    state = checkpoint.load(RunFolder(tmp_path).checkpoint(4))
    run(8, resume_from=state)
    steps = [m["step"] for m in metrics_of(tmp_path) if m["name"] == "loss/generator"]
    assert steps == [3, 6, 8]


class Nosy(Monitor):
    """Uses up random numbers, moves every buffer and asks for pictures of its own."""

    def measure(self, iteration, splits):
        torch.rand(3)
        iteration.judge(*splits("test").next(), *iteration.make_fakes()[0])
        return {"nosy": 1.0}


def test_monitors_look_when_due_and_disturb_nothing(run, tmp_path):
    plain = run(folder=tmp_path / "plain")
    watched = run(folder=tmp_path / "watched", monitors=[Nosy(3)])
    assert_same(*(checkpoint.load(r.checkpoint)["iteration"] for r in (plain, watched)))
    assert_same(*(checkpoint.load(r.checkpoint)["random"] for r in (plain, watched)))
    looks = [x["step"] for x in metrics_of(tmp_path / "watched") if x["name"] == "nosy"]
    assert looks == [3, 4]


class Judge(Monitor):
    """Finds the run best at step 4: distances 5, 3, 4 and so on at steps 2, 4, 6."""

    decisive = "distance"

    def __init__(self, distances=(5.0, 3.0, 4.0, 3.0)):
        super().__init__(2)
        self.distances = iter(distances)

    def measure(self, iteration, splits):
        return {"distance": next(self.distances)}


def names_of(folder):
    return [path.name for path in sorted((folder / "checkpoints").iterdir())]


def test_the_best_and_the_last_checkpoint_are_kept(run, tmp_path):
    result = run(8, monitors=[Judge()], checkpoint_every=8, keep_checkpoints=1)
    assert result.best == Best(4, "distance", 3.0)
    assert names_of(tmp_path) == ["step_0000004.pt", "step_0000008.pt"]
    assert choose(tmp_path, best=True).path.name == "step_0000004.pt"
    assert checkpoint.load(result.checkpoint)["step"] == 8


def test_the_best_is_known_after_an_interruption(run, tmp_path):
    state = checkpoint.load(run(6, monitors=[Judge()], checkpoint_every=6).checkpoint)
    worse = run(8, monitors=[Judge([3.5])], resume_from=state, keep_checkpoints=1)
    assert worse.best.step == 4
    assert "step_0000004.pt" in names_of(tmp_path)
    better = run(8, monitors=[Judge([2.5])], resume_from=state)
    assert better.best.step == 8


class Killed(Monitor):
    """Looks at step 4 once only when a kill has come: what a first look leaves is lost."""

    def __init__(self):
        super().__init__(4)
        self.is_killed = False

    def measure(self, iteration, splits):
        if not self.is_killed:
            self.is_killed = True
            raise RuntimeError("killed")
        return {"killed": iteration.generator.dense.weight.sum().item()}


def results_of(folder):
    kept = [(m["step"], m["name"], m["value"]) for m in metrics_of(folder) if is_result(m["name"])]
    grids = {path.name: path.read_bytes() for path in (folder / "samples").iterdir()}
    return kept, grids, json.loads((folder / "best.json").read_text())


@pytest.mark.parametrize("at_the_end", [False, True])
def test_what_a_kill_took_of_a_step_is_made_when_it_is_continued(run, tmp_path, at_the_end):
    """Monitors, the best checkpoint and the grid, each once; in the last step, too."""
    total = 4 if at_the_end else 6
    whole_monitor = Killed()
    whole_monitor.is_killed = True
    often = {"log_every": 2, "checkpoint_every": 2}
    run(total, tmp_path / "whole", monitors=[Judge(), whole_monitor], **often)
    parts, judge, killed = tmp_path / "parts", Judge(), Killed()
    with pytest.raises(RuntimeError, match="killed"):
        run(total, parts, monitors=[judge, killed], **often)
    assert latest(parts).name == "step_0000004.pt"
    assert not RunFolder(parts).grid(4).exists()
    state = checkpoint.load(latest(parts))
    run(total, parts, resume_from=state, monitors=[Judge([3.0, 4.0]), killed], **often)
    assert results_of(parts) == results_of(tmp_path / "whole")
    assert not (parts / "due.json").exists()
    states = [checkpoint.load(latest(folder)) for folder in (parts, tmp_path / "whole")]
    for state in states:
        del state["seconds"]
    assert_same(*states)


@pytest.mark.parametrize("operation", ["note_best", "prune"])
@pytest.mark.parametrize("total", [4, 6])
def test_a_kill_beside_the_best_checkpoint_costs_nothing(
    run, tmp_path, monkeypatch, total, operation
):
    """No other checkpoint is due at its step, so nothing but the note says what is left to do."""
    often = {"log_every": 2, "checkpoint_every": 5, "keep_checkpoints": 1}
    run(total, tmp_path / "whole", monitors=[Judge()], **often)
    calls = []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return real(*arguments)

    real = getattr(RunFolder, operation)
    monkeypatch.setattr(RunFolder, operation, killed)
    with pytest.raises(RuntimeError, match="killed"):
        run(total, tmp_path / "parts", monitors=[Judge()], **often)
    monkeypatch.undo()
    state = checkpoint.load(latest(tmp_path / "parts"))
    left = Judge([3.0, 4.0])
    run(total, tmp_path / "parts", resume_from=state, monitors=[left], **often)
    assert results_of(tmp_path / "parts") == results_of(tmp_path / "whole")
    assert names_of(tmp_path / "parts") == names_of(tmp_path / "whole")
    assert not (tmp_path / "parts" / "due.json").exists()


def test_a_kill_before_the_last_pruning_leaves_no_checkpoint_too_many(run, tmp_path, monkeypatch):
    often = {"checkpoint_every": 2, "keep_checkpoints": 1}
    prune = RunFolder.prune

    def killed(folder, *arguments):
        if folder.checkpoint(4).exists():
            raise RuntimeError("killed")
        prune(folder, *arguments)

    monkeypatch.setattr(RunFolder, "prune", killed)
    with pytest.raises(RuntimeError, match="killed"):
        run(4, **often)
    monkeypatch.undo()
    assert names_of(tmp_path) == ["step_0000002.pt", "step_0000004.pt"]
    run(4, resume_from=checkpoint.load(latest(tmp_path)), **often)
    assert names_of(tmp_path) == ["step_0000004.pt"]


def test_without_a_judge_there_is_no_best(run, tmp_path):
    assert run(monitors=[Nosy(3)]).best is None
    assert not (tmp_path / "best.json").exists()


def test_a_monitor_that_fails_costs_nothing(run, tmp_path):
    class Broken(Nosy):
        def measure(self, iteration, splits):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        run(4, monitors=[Broken(2)], checkpoint_every=2)
    assert checkpoint.load(latest(tmp_path))["step"] == 2
