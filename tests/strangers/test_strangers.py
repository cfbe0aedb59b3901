"""Components of a package outside the repository, with every command; and who must consent."""

import json
import re
import shlex
import shutil

import pytest
import torch
import yaml
from PIL import Image

from sngan.assembly.trust import COMPONENTS
from sngan.run_folder import checkpoint
from sngan.run_folder.choice import latest

GROUPS = {*COMPONENTS, "metric"} - {"preprocessing"}
MOST_LINES = 30
NETWORKS = (
    "architecture=dense", "loss=least_squares", "regularizer=[spectral_norm,drift]",
    "augmentation=flip",
)  # fmt: skip
WATCHED = (
    "monitor=[weight_length,scores]",
    "monitor.weight_length.every=2",
    "extractor@monitor.scores.extractor=colours",
    "protocol@monitor.scores.protocol=all",
    "monitor.scores.protocol.num_generated=20",
    "monitor.scores.every=2",
)
SMOKE = ("+scale=smoke", "log_every=1")
FEW = (
    "protocol=quickstart",
    "protocol.quickstart.num_generated=20",
    "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=30",
)
SCORES = ("extractor=colours", "metric=[mean_gap]", *FEW)
SHAPES = ("dataset=synthetic", "dataset.num_images=100")
REFUSED = "which is not of sngan; 'trust=[mine]' if you know what is in it"
pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture(scope="module")
def trained(known, pictures, run_in_process, tmp_path_factory):
    """Return a training of all of them, and what its command printed; tests copy the run."""
    folder = tmp_path_factory.mktemp("trained")
    data = ("dataset=arrays", f"dataset.root={pictures}")
    command = (*SMOKE, *data, *NETWORKS, *WATCHED, "run_dir=run")
    return folder / "run", run_in_process(folder, "sngan-train", *command)


@pytest.fixture
def run(trained, tmp_path):
    """Return a copy of the run: moving its folder takes nothing from it."""
    shutil.copytree(trained[0], tmp_path / "run")
    return "run"


@pytest.fixture
def alone(trained, tmp_path):
    """Return its checkpoint as somebody else gets it."""
    shutil.copy(latest(trained[0]), tmp_path / "alone.pt")
    return "alone.pt"


@pytest.fixture
def _somebody_else(tmp_path, monkeypatch):
    """Have another key."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))


def fails(process, *texts):
    assert process.returncode == 2, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def lines_of(text):
    return [line for line in text.splitlines() if line.strip()]


def command_after(text, process):
    """Return the words of a command that a process printed."""
    (line,) = [line for line in process.stdout.splitlines() if line.startswith(text)]
    return shlex.split(line.removeprefix(text))[1:]


def test_every_group_has_an_example_in_few_lines(page):
    configs = {name: text for name, text in page.items() if name.startswith("mine/configs/")}
    configs.pop("mine/configs/__init__.py")
    assert {name.split("/")[2] for name in configs} == GROUPS
    for name, text in configs.items():
        targets = re.findall(r"_target_: (mine\.\w+)\.\w+", text)
        (module,) = {f"{target.replace('.', '/')}.py" for target in targets}
        assert len(lines_of(text)) + len(lines_of(page[module])) <= MOST_LINES, name


def test_the_page_shows_every_file_of_the_package(page, installed):
    """So that what is tested is what is read there."""
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*.*")}
    packed = {name for name in names if name.endswith((".py", ".yaml"))}
    assert packed == {name for name in page if name != "pyproject.toml"}


def test_all_of_them_train(trained):
    folder, process = trained
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").open()]
    assert {"penalty", "weights/length", "distance/colours/all"} <= {x["name"] for x in lines}
    assert (folder / "best.json").exists()
    settings = yaml.safe_load((folder / "config.yaml").read_text())
    assert settings["loss"] == {"_target_": "mine.least_squares.LeastSquares"}
    assert "trust" not in settings
    assert "built with mine; on its checkpoints, commands of others must say" in process.stderr


def test_the_last_line_is_a_command_that_works(trained, in_process):
    """Two hundred pictures are fewer than protocol paper wants."""
    _, process = trained
    assert process.stdout.splitlines()[-1].startswith("score it with: ")
    words = command_after("score it with: ", process)
    assert "protocol.paper.num_real=null" in words
    quicker = [f"protocol.{name}.num_generated{fid}=20" for name in ("paper", "modern")
               for fid in ("", "_fid")]  # fmt: skip
    scored = in_process("sngan-eval", *words, *quicker, "extractor=colours")
    text = " ".join(scored.stdout.split())
    assert "protocol paper | colours distance: 20 samples (truncate), 200 real of arrays" in text


def test_a_run_is_scored_analyzed_and_continued_by_its_owner(run, in_process, tmp_path):
    process = in_process("sngan-eval", run, *SCORES)
    assert "colours distance" in process.stdout
    assert "colours distance mean_gap" in " ".join(process.stdout.split())
    assert "30 real of arrays train" in " ".join(process.stdout.split())
    process = in_process("sngan-analyze", run)
    assert "layers.3      1 x 256" in process.stdout
    assert "no bound on the Lipschitz constant is known for this network" in process.stdout
    in_process("sngan-train", f"resume={run}", "total_steps=6")
    assert latest(tmp_path / run).name == "step_0000006.pt"


def test_its_checkpoint_alone_needs_consent(alone, in_process, tmp_path):
    continued = ("sngan-train", f"resume={alone}", "total_steps=5", "run_dir=new")
    for words in (("sngan-eval", alone, *SCORES), ("sngan-analyze", alone), continued):
        fails(in_process(*words, check=False), REFUSED)
        fails(in_process(*words, "trust=[torch]", check=False), REFUSED)
    assert not (tmp_path / "new").exists()
    for words in (("sngan-eval", alone, *SCORES), ("sngan-analyze", alone), continued):
        in_process(*words, "trust=[mine]")
    in_process("sngan-analyze", "new")  # Whoever continues it has consented.


@pytest.mark.usefixtures("_somebody_else")
def test_a_run_s_folder_is_not_believed_by_others(run, in_process, tmp_path):
    assert (tmp_path / run / "trust.json").exists()
    for words in (
        ("sngan-eval", run, *SCORES),
        ("sngan-analyze", run),
        ("sngan-train", f"resume={run}", "total_steps=5"),
    ):
        fails(in_process(*words, check=False), REFUSED)
    in_process("sngan-analyze", run, "trust=[mine]")


def test_a_folder_that_was_lent_can_build_nothing_else(run, in_process, tmp_path):
    """Its mark is the owner's, but a checkpoint in it was changed."""
    path = latest(tmp_path / run)
    state = checkpoint.load(path)
    state["config"]["architecture"]["generator"]["latent_size"] = 65
    state["config"]["architecture"]["discriminator"] = {"_target_": "mine.arrays.Arrays"}
    checkpoint.save(path, state)
    for words in (("sngan-eval", run, *SCORES), ("sngan-analyze", run)):
        fails(in_process(*words, check=False), REFUSED)


def test_a_tuple_in_a_checkpoint_is_refused_by_every_command(trained, in_process, tmp_path):
    """The configuration library would make a list of it, with a component in it."""
    state = checkpoint.load(latest(trained[0]))
    state["config"]["dataset"]["root"] = ({"_target_": "os.system", "command": "touch hacked"},)
    torch.save(state, tmp_path / "evil.pt")
    for words in (
        ("sngan-eval", "evil.pt", *SCORES),
        ("sngan-analyze", "evil.pt"),
        ("sngan-train", "resume=evil.pt"),
    ):
        fails(in_process(*words, "trust=[mine]", check=False), "evil.pt")
    assert not (tmp_path / "hacked").exists()


@pytest.fixture
def of_our_networks(pictures, in_process, tmp_path):
    """Train our networks on a data set of theirs; return the checkpoint as others get it."""
    data = ("dataset=arrays", f"dataset.root={pictures}")
    in_process("sngan-train", *SMOKE, *data, "run_dir=ours")
    latest(tmp_path / "ours").rename(tmp_path / "ours.pt")
    return "ours.pt"


def test_a_data_set_that_is_not_needed_is_in_nobody_s_way(of_our_networks, in_process, tmp_path):
    fails(in_process("sngan-eval", of_our_networks, *SCORES, check=False), REFUSED)
    process = in_process("sngan-eval", of_our_networks, *SCORES, *SHAPES)
    assert "30 real of synthetic train" in " ".join(process.stdout.split())
    (tmp_path / "real").mkdir()
    for index in range(30):
        Image.new("RGB", (32, 32), (index, 0, 0)).save(tmp_path / "real" / f"{index}.png")
    process = in_process("sngan-eval", of_our_networks, *SCORES, "reference=real")
    assert "30 real of real" in " ".join(process.stdout.split())
    moved = ("reference=real", "dataset.root=elsewhere")
    process = in_process("sngan-eval", of_our_networks, *SCORES, *moved, check=False)
    fails(process, "reference=real stands in for the data set of checkpoints")
    in_process("sngan-analyze", of_our_networks)


def test_where_consent_cannot_be_kept_every_advice_says_how_to_give_it(
    in_process, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    process = in_process("sngan-train", *SMOKE, *SHAPES, *NETWORKS, "run_dir=run")
    assert "its folder cannot remember that" in process.stderr
    assert "every command on its checkpoints must say 'trust=[mine]'" in process.stderr
    words = command_after("score it with: ", process)
    assert "trust=[mine]" in words
    fails(in_process("sngan-eval", "run", *SCORES, *SHAPES, check=False), REFUSED)
    in_process("sngan-eval", words[0], "trust=[mine]", *SCORES, *SHAPES)


def test_what_is_not_installed_is_named(in_process, tmp_path):
    (tmp_path / "conf" / "loss").mkdir(parents=True)
    (tmp_path / "conf" / "loss" / "lost.yaml").write_text("_target_: nowhere.Lost\n")
    words = ("--config-dir", "conf", *SMOKE, *SHAPES, "loss=lost")
    process = in_process("sngan-train", *words, check=False)
    fails(process, "loss: nowhere.Lost cannot be imported: No module named 'nowhere'")


def test_a_sweep(in_process, tmp_path):
    in_process("sngan-train", "-m", *SMOKE, *SHAPES, "loss=least_squares,hinge", "total_steps=1")
    configs = [yaml.safe_load(path.open()) for path in sorted(tmp_path.rglob("config.yaml"))]
    targets = [config["loss"]["_target_"] for config in configs]
    assert targets == ["mine.least_squares.LeastSquares", "sngan.loss.hinge.HingeLoss"]


def test_packed_runs(in_process, tmp_path):
    in_process("sngan-train", *SMOKE, *SHAPES, *NETWORKS, "pack=2", "run_dir=run", "total_steps=1")
    in_process("sngan-train", "resume=run", "total_steps=2")
    in_process("sngan-analyze", "run/seed_0", "run/seed_1")


def test_real_pictures_of_theirs(in_process, pictures):
    data = ("dataset=arrays", f"dataset.root={pictures}")
    process = in_process("sngan-eval", "--real", *data, *SCORES)
    assert "real pictures of arrays" in process.stdout


def test_the_package_is_found_when_a_command_starts(command, installed):
    """Other tests tell Hydra of it; here Hydra finds it by itself."""
    text = command("sngan-train", "--help", PYTHONPATH=str(installed)).stdout
    for member in ("drift", "least_squares", "dense", "arrays", "mean_gap", "weight_length"):
        assert member in text


@pytest.mark.slow
def test_launchers(command, installed, pictures, tmp_path):
    words = (*SMOKE, "dataset=arrays", f"dataset.root={pictures}", "loss=least_squares,hinge")
    processes = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "hydra.sweep.dir=sweep")
    command("sngan-train", "-m", *words, *processes, PYTHONPATH=str(installed))
    for name in ("0_loss-least_squares", "1_loss-hinge"):
        command("sngan-analyze", f"sweep/{name}", PYTHONPATH=str(installed))
    assert (tmp_path / "sweep" / "0_loss-least_squares" / "trust.json").exists()


def test_what_analysis_will_not_find_is_said_before(in_process, tmp_path, monkeypatch):
    (tmp_path / "bare.py").write_text(
        "from sngan.architecture.base import Discriminator, DiscriminatorOutput\n"
        "from torch import nn\n"
        "class Bare(Discriminator):\n"
        "    def __init__(self, image_size, width, wrap_layer):\n"
        "        super().__init__()\n"
        "        self.image_size, self.norm = image_size, nn.LayerNorm(image_size)\n"
        "    def forward(self, images, labels=None):\n"
        "        return DiscriminatorOutput(self.norm(images).flatten(1).square().mean(dim=1))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "conf" / "architecture").mkdir(parents=True)
    (tmp_path / "conf" / "architecture" / "bare.yaml").write_text(
        "defaults: [dense]\n"
        'discriminator: {_target_: bare.Bare, image_size: "${dataset.image_size}", width: null}\n'
    )
    words = ("--config-dir", "conf", "architecture=bare", "regularizer=none", "run_dir=run")
    process = in_process("sngan-train", *SMOKE, *SHAPES, *words)
    assert "run: sngan-analyze will find no layer in this discriminator" in process.stderr
    fails(in_process("sngan-analyze", "run", check=False), "without a layer that can be analyzed")
