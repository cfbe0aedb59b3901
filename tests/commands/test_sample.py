"""``sngan-sample`` as a user meets it."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from sngan.assembly.trained import read_trained
from sngan.dataset.synthetic import SyntheticShapes
from sngan.run_folder import checkpoint
from sngan.sampling.grid import PADDING
from sngan.sampling.quantize import quantize
from sngan.scoring.source import Samples

SMOKE = ("+scale=smoke", "dataset=synthetic", "dataset.num_images=100")
CONDITIONAL = ("architecture=resnet_cifar", "architecture.n_classes=4",
               "architecture.conditioning=projection")  # fmt: skip
NEWEST = {"run": "checkpoints/step_0000002.pt", "conditional": "checkpoints/step_0000001.pt"}
NEWEST_OF_RUN = f"run/{NEWEST['run']}"
SIDE = 32
SCORES = (
    "--json", "extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=quickstart",
    "protocol.quickstart.num_generated=20", "protocol.quickstart.num_generated_fid=20",
    "protocol.quickstart.num_real=100",
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(run_in_process, tmp_path_factory):
    """An unconditional run and a conditional one; shared, so tests work on copies."""
    folder = tmp_path_factory.mktemp("trained")
    run_in_process(folder, "sngan-train", *SMOKE, "total_steps=2", "run_dir=run")
    words = (*SMOKE, *CONDITIONAL, "total_steps=1", "run_dir=conditional")
    run_in_process(folder, "sngan-train", *words)
    noise = torch.Generator().manual_seed(0)
    for run, newest in NEWEST.items():  # So that samples and classes are not all alike.
        path = folder / run / newest
        state = checkpoint.load(path)
        for tensor in state["iteration"]["generator"].values():
            if tensor.dim() > 1:
                tensor += torch.randn(tensor.shape, generator=noise) / 5
        checkpoint.save(path, state)
    return folder


@pytest.fixture(autouse=True)
def _runs(trained, tmp_path):
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def sample(in_process):
    return lambda *words, **options: in_process("sngan-sample", *words, "--device=cpu", **options)


@pytest.fixture
def scored(tmp_path):
    """Return what is scored of a run, as 8-bit pictures, ``(N, H, W, 3)``."""

    def pictures(run, count, seed=0):
        trained = read_trained(tmp_path / run, None, None, best=False)
        source = Samples(trained.generator, seed, torch.device("cpu"))
        images = torch.cat([source(index) for index in torch.arange(count).split(64)])
        return quantize(images).permute(0, 2, 3, 1).numpy()

    return pictures


def cells(path, columns):
    """Return the pictures of a grid, row by row."""
    grid, pitch = np.asarray(Image.open(path)), SIDE + PADDING
    rows, across = (n // pitch for n in grid.shape[:2])
    assert across == columns
    tiles = grid[PADDING:, PADDING:].reshape(rows, pitch, across, pitch, 3)
    return tiles.swapaxes(1, 2)[:, :, :SIDE, :SIDE].reshape(-1, SIDE, SIDE, 3)


def fails(process, *texts, code=2):
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    for text in texts:
        assert text in process.stderr


def test_a_grid_of_the_samples_that_are_scored(sample, scored, tmp_path):
    process = sample("run")
    name = "run_step_0000002_seed_0.png"
    newest = f"run/{NEWEST['run']}"
    assert process.stdout == f"64 samples of {newest}, step 2, seed 0: {name}\n"
    shown = cells(tmp_path / name, 8)
    assert shown.std(0).mean() > 5
    np.testing.assert_array_equal(shown, scored("run", 64))
    sample("run", "--seed=3", "--count=5", "--columns=3", "--out=new/a.PNG")
    shown = cells(tmp_path / "new/a.PNG", 3)
    np.testing.assert_array_equal(shown[:5], scored("run", 5, seed=3))
    assert (shown[5] == 255).all()
    lone = shutil.copy(tmp_path / newest, tmp_path / "lone.pt")
    sample(lone)
    assert (tmp_path / "lone_seed_0.png").read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("run", ["run", "conditional"])
def test_a_folder_and_an_array_hold_the_same(sample, scored, tmp_path, run):
    sample(run, "--count=70", "--out=folder")
    sample(run, "--count=70", "--out=array.npz")
    files = sorted((tmp_path / "folder").iterdir())
    assert [path.name for path in files] == [f"{number:05}.png" for number in range(70)]
    with np.load(tmp_path / "array.npz") as arrays:
        assert arrays.files == ["arr_0", "arr_1"][: 1 + (run == "conditional")]
        pictures = arrays["arr_0"]
        if run == "conditional":
            labels = arrays["arr_1"]
            assert (labels.shape, labels.dtype, {*labels}) == ((70,), np.int64, {0, 1, 2, 3})
    assert pictures.dtype == np.uint8
    np.testing.assert_array_equal(pictures, np.stack([np.asarray(Image.open(x)) for x in files]))
    np.testing.assert_array_equal(pictures, scored(run, 70))


def test_classes_take_turns_and_have_a_row_each(sample, tmp_path):
    sample("conditional", "--classes=3,1", "--out=two.png")
    sample("conditional", "--classes=3,1", "--count=16", "--out=two.npz")
    sample("conditional", "--classes=1", "--count=16", "--out=one.npz")
    with np.load(tmp_path / "two.npz") as two, np.load(tmp_path / "one.npz") as one:
        assert two["arr_1"].tolist() == [3, 1] * 8
        assert one["arr_1"].tolist() == [1] * 16
        np.testing.assert_array_equal(two["arr_0"][1::2], one["arr_0"][1::2])  # The same noise.
        assert (two["arr_0"][::2] != one["arr_0"][::2]).any()
        rows = cells(tmp_path / "two.png", 8)
        np.testing.assert_array_equal(rows[:8], two["arr_0"][::2])
        np.testing.assert_array_equal(rows[8:], two["arr_0"][1::2])


def test_truncated_noise_is_that_of_the_sample_where_it_is_within(sample, scored, tmp_path):
    for limit in ("0.5", "9"):
        sample("run", f"--truncation={limit}", "--count=3", f"--out={limit}/a.npz")
    assert (np.load(tmp_path / "9/a.npz")["arr_0"] == scored("run", 3)).all()
    assert (np.load(tmp_path / "0.5/a.npz")["arr_0"] != scored("run", 3)).any()


@pytest.mark.parametrize("kind", ["linear", "spherical"])
def test_rows_lead_from_sample_to_sample(sample, scored, tmp_path, kind):
    words = ("run", f"--interpolate={kind}", "--columns=5", "--count=10", "--out=a.png")
    sample(*words)
    shown = cells(tmp_path / "a.png", 5)
    ends = scored("run", 4).astype(int)
    assert abs(shown[[0, 4, 5, 9]].astype(int) - ends).max() <= 1
    assert (shown[2] != shown[0]).any()


def test_a_row_is_of_one_class(sample, tmp_path):
    words = ("conditional", "--count=16", "--classes=2,1")
    sample(*words, "--interpolate=linear", "--out=a.png")
    sample(*words, "--out=a.npz")
    sample("conditional", "--classes=1", "--count=4", "--out=b.npz")
    shown = cells(tmp_path / "a.png", 8).astype(int)
    with np.load(tmp_path / "a.npz") as both, np.load(tmp_path / "b.npz") as ones:
        assert abs(shown[0] - both["arr_0"][0]).max() <= 1
        assert abs(shown[[8, 15]] - ones["arr_0"][2:4]).max() <= 1


def test_classes_by_name(sample, tmp_path):
    names = checkpoint.load(tmp_path / "conditional" / NEWEST["conditional"])["class_names"]
    assert len(names) == 4
    sample("conditional", f"--classes={names[3]},1", "--count=16", "--out=names.npz")
    sample("conditional", "--classes=3,1", "--count=16", "--out=numbers.npz")
    assert (tmp_path / "names.npz").read_bytes() == (tmp_path / "numbers.npz").read_bytes()


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_a_film_of_the_way_there_and_back(sample, scored, tmp_path, form):
    words = ("--interpolate=linear", "--count=4", "--frames=3", "--fps=5", f"--out=a.{form}")
    sample("run", *words)
    with Image.open(tmp_path / f"a.{form}") as film:
        film.seek(3)
        film.load()
        assert (film.n_frames, film.info["duration"]) == (4, 200)  # The middle comes twice.
        if form == "webp":
            film.seek(0)
            film.convert("RGB").save(tmp_path / "first.png")
            ends = scored("run", 8)[::2].astype(int)
            assert abs(cells(tmp_path / "first.png", 2).astype(int) - ends).max() <= 1


def test_a_film_of_a_training_shows_its_grids(sample, tmp_path):
    grids = sorted((tmp_path / "run/samples").iterdir())
    assert len(grids) == 1
    assert sample("run", "--training").stdout == "1 grid of run: run_training.gif\n"
    other = Image.open(grids[-1]).rotate(180)
    other.save(grids[-1].with_name("step_0000003.png"))
    process = sample("run", "--training", "--format=webp")
    assert process.stdout == f"{len(grids) + 1} grids of run: run_training.webp\n"
    with Image.open(tmp_path / "run_training.webp") as film:
        film.seek(film.n_frames - 1)
        np.testing.assert_array_equal(np.asarray(film.convert("RGB")), np.asarray(other))
        assert film.info["duration"] == 2000
    shutil.rmtree(tmp_path / "run/samples")
    fails(sample("run", "--training", check=False), "run has no grids yet")


@pytest.mark.parametrize("words", [(), ("extractor=efficientnet_lite0", "extractor.input_size=32")])
def test_training_pictures_nearest_to_samples(sample, scored, tmp_path, words):
    process = sample("run", "--nearest=3", "--count=2", "--out=a.png", *words)
    assert "nearest training pictures" in process.stderr
    shown = cells(tmp_path / "a.png", 5).astype(int)
    np.testing.assert_array_equal(shown[[0, 5]], scored("run", 2))
    assert (shown[[1, 6]] == 255).all()
    real = SyntheticShapes(num_images=100).load("train").images.permute(0, 2, 3, 1).numpy()
    if words:
        assert all((picture == real).all((1, 2, 3)).any() for picture in shown[[2, 3, 4, 7, 8, 9]])
        return
    for sample_of, row in ((0, shown[2:5]), (5, shown[7:])):
        order = np.square(real.astype(int) - shown[sample_of]).mean((1, 2, 3)).argsort()
        np.testing.assert_array_equal(row, real[order[:3]])


def test_scores_of_the_files_are_those_of_the_checkpoint(sample, in_process):
    def numbers(*words):
        (sheet,) = json.loads(in_process("sngan-eval", *words, *SCORES).stdout)["scores"]
        entry = sheet["protocols"]["quickstart"]
        return entry["distance"], entry["score_mean"]

    sample("run", "--count=20", "--out=folder")
    sample("run", "--count=20", "--out=array.npz")
    real = ("dataset=synthetic", "dataset.num_images=100")
    expected = numbers("run")
    for images in ("folder", "array.npz"):
        found = numbers("--images", images, *real)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_what_is_there_is_replaced_if_it_is_samples_and_that_is_wanted(sample, tmp_path):
    for out, form in (("a.png", "grid"), ("a.npz", "npz"), ("a", "png")):
        words = ("run", "--count=4", f"--out={out}")
        sample(*words)
        fails(sample(*words, "--seed=1", check=False), f"{out} is there already: --force replaces")
        sample(*words[::2], "--count=3", "--force", f"--format={form}")
    assert len(list((tmp_path / "a").iterdir())) == 3
    (tmp_path / "a" / "my.txt").touch()
    said = "a holds other things than samples, my.txt"
    fails(sample("run", "--out=a", "--force", check=False), said)
    assert len(list((tmp_path / "a").iterdir())) == 4
    (tmp_path / "empty").mkdir()
    sample("run", "--count=2", "--out=empty")
    assert len(list((tmp_path / "empty").iterdir())) == 2
    (tmp_path / "link.png").symlink_to("run/config.yaml")
    for out in ("run.npz", "link.png"):
        (tmp_path / "run.npz").mkdir(exist_ok=True)
        fails(sample("run", f"--out={out}", "--force", check=False), "--out must be a file")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere"], "nowhere is neither a checkpoint nor a run folder"),
        (["run", "conditional"], "name one checkpoint or run folder, got 2"),
        (["trust=[mine]"], "name one checkpoint or run folder, got 0"),
        (["run", "--count=0"], "--count must be an integer between 1 and 100000000, got 0"),
        (["run", "--count=x"], "invalid int value: 'x'"),
        (["run", "--seed=-1"], "--seed must be an integer between 0 and 4294967295, got -1"),
        (["run", "--columns=0"], "--columns must be an integer between 1"),
        (["run", "--columns=3", "--out=a.npz"], "--columns is for grids"),
        (["conditional", "--classes=1,2", "--columns=3"], "got 3 for one whose rows are classes"),
        (["conditional", "--classes=1,2", "--count=9"], "--count must be a multiple of 2"),
        (["run", "--classes=1"], "--classes is for networks with classes, got 1"),
        (["conditional", "--classes=4"], "must be numbers between 0 and 3 or names"),
        (["conditional", "--classes=1,,2"], "separated by commas, got ''"),
        (["conditional", "--classes=-1"], "got -1"),
        (["run", "--out=a.bmp"], "--out must end with .png (a grid), .npz, .gif, .webp, .mp4"),
        (["run", "--out=a.gif"], "a film is for --interpolate and --training, got gif"),
        (["run", "--frames=3"], "--frames is for films of --interpolate, got 3"),
        (["run", "--interpolate=linear", "--out=a.gif", "--frames=1"], "--frames must be"),
        (["run", "--training", "--fps=0"], "--fps must be a number between 0.1 and 100, got 0.0"),
        (["run", "--training", "--out=a.png"], "--training is for films (gif, webp, mp4), got g"),
        (["run", "--training", "--count=3"], "--count is not for --training"),
        (["run", "--training", "--nearest=3"], "--training and --nearest exclude each other"),
        ([NEWEST_OF_RUN, "--training"], "--training is for run folders"),
        (["run", "--nearest=0"], "--nearest must be an integer between 1 and 100, got 0"),
        (["run", "--nearest=3", "--out=a.npz"], "--nearest is for grids, got npz"),
        (["run", "--nearest=3", "--columns=3"], "--columns is not for --nearest"),
        (["run", "--nearest=3", "dataset.num_images=2"], "--nearest must be at most 2"),
        (["run", "--nearest=3", "extractor=x"], "extractor"),
        (["conditional", "--classes=dog"], "or names ("),
        (["run", "--out=a.png", "--format=npz"], "must end with .npz for --format npz, got a.png"),
        (["run", "--out=a.png", "--format=png"], "must end with no suffix for --format png"),
        (["run", "--best"], "run has no best checkpoint"),
        (["run", "--out=run/config.yaml/a.png"], "run/config.yaml"),
        (["run", "--truncation=0"], "--truncation must be a number > 0 and"),
        (["run", "--truncation=nan"], "--truncation must be"),
        (
            ["run", "--interpolate=linear", "--out=a.npz"],
            "--interpolate is for grids and films, got",
        ),
        (["run", "--interpolate=linear", "--columns=1"], "--columns must be an integer between 2"),
        (["run", "--interpolate=linear", "--count=9"], "--count must be a multiple of 8"),
        (["run", "seed=1"], "seed=1 is not for this command; its settings are 'trust=[PACKAGE]', "),
        (["run", "if_damaged=x"], "if_damaged must be one of refuse, previous, got x"),
        (["run", "--device=tpu"], "device must be auto, cpu, cuda or cuda:N"),
    ],
)
def test_what_is_not_accepted(in_process, tmp_path, words, text):
    before = sorted(tmp_path.rglob("*"))
    fails(in_process("sngan-sample", *words, check=False), text)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_best_and_what_is_damaged(sample, tmp_path):
    run = tmp_path / "run"
    newest = run / NEWEST["run"]
    shutil.copy(newest, run / "checkpoints/step_0000001.pt")
    (run / "best.json").write_text('{"step": 1, "name": "x", "value": 1.0}')
    assert "step_0000001.pt" in sample("run", "--best").stdout
    newest.write_bytes(newest.read_bytes()[:-100])
    fails(sample("run", check=False), "is truncated", "if_damaged=previous takes it")
    assert "step_0000001.pt" in sample("run", "if_damaged=previous", "--force").stdout


def test_a_diverged_network(sample, tmp_path):
    path = tmp_path / "run" / NEWEST["run"]
    state = checkpoint.load(path)
    for tensor in state["iteration"]["generator"].values():
        if tensor.is_floating_point():
            tensor.fill_(float("nan"))
    checkpoint.save(path, state)
    for out in ("a.png", "a.npz", "a"):
        process = sample("run", f"--out={out}", check=False)
        fails(process, "diverged: the network's samples are not finite", code=1)
    assert not list(tmp_path.glob("*a*.p*")) + list(tmp_path.glob(".*"))


def test_the_end_of_a_training_names_it(in_process, tmp_path):
    process = in_process("sngan-train", *SMOKE, "total_steps=1", "run_dir=named")
    (line,) = [x for x in process.stdout.splitlines() if x.startswith("sample it with: ")]
    program, run = line.removeprefix("sample it with: ").split()
    assert program.endswith("sngan-sample")
    in_process("sngan-sample", run)
    assert (tmp_path / "named_step_0000001_seed_0.png").exists()
