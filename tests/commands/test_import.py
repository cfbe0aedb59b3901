"""``sngan-import`` as a user meets it: generators of other programs do here what they did there."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

import sngan

GOLDEN = Path(__file__).parents[1] / "golden"
CHANNELS, CLASSES = 6, 3


@pytest.fixture
def convert(in_process):
    return lambda *words, **options: in_process("sngan-import", *words, **options)


def generated(folder, z, labels=None):
    with torch.no_grad():
        return sngan.load_generator(folder)(z, labels).numpy()


def refused(process, *texts):
    assert process.returncode == 2, process.stderr
    said = process.stderr.splitlines()
    assert said[1].startswith("error: ")
    assert len(said) == 2
    for text in texts:
        assert text in said[1]


def last_generator(trace):
    """Return the generator that a recording ends with, under the names of its snapshot."""
    last = f"after{json.loads(str(trace['meta/json']))['iterations']}/generator/"
    return {key.removeprefix(last): trace[key] for key in trace if key.startswith(last)}


@pytest.mark.parametrize("prefix", ["", "updater/model:gen/"], ids=["snapshot_object", "snapshot"])
@pytest.mark.parametrize("name", ["resnet32_hinge", "resnet32_projection_hinge"])
def test_the_authors_residual_generators(convert, tmp_path, name, prefix):
    trace = dict(np.load(GOLDEN / f"{name}.npz"))
    entries = {f"{prefix}{key}": value for key, value in last_generator(trace).items()}
    path = tmp_path / "ResNetGenerator_50000.npz"
    np.savez(path, **entries, **({"updater/iteration": np.array(7)} if prefix else {}))
    process = convert(path, "--out=out")
    step = 7 if prefix else 50000
    assert process.stdout.startswith(f"ResNetGenerator_50000.npz, step {step}: out (README.md, ")
    labels = torch.from_numpy(trace["eval/labels"]).long() if "projection" in name else None
    images = generated(tmp_path / "out", torch.from_numpy(trace["eval/z"]).float(), labels)
    np.testing.assert_allclose(images, trace["eval/images"], rtol=0, atol=1e-5)


def numpy_norm(entries, name, x):
    shape = [1, -1, *[1] * (x.ndim - 2)]
    mean, variance, scale, shift = (
        entries[f"{name}/{part}"].reshape(shape)
        for part in ("avg_mean", "avg_var", "gamma", "beta")
    )
    return np.maximum((x - mean) / np.sqrt(variance + 2e-5) * scale + shift, 0)


def numpy_deconvolution(x, kernel, bias, stride):
    """Add up what every input spreads over the output, then cut the padding of one off."""
    count, _, height, width = x.shape
    size = kernel.shape[-1]
    shape = (count, kernel.shape[1], (height - 1) * stride + size, (width - 1) * stride + size)
    out = np.zeros(shape)
    for i in range(height):
        for j in range(width):
            rows, columns = (slice(k * stride, k * stride + size) for k in (i, j))
            out[:, :, rows, columns] += np.einsum("nc,cdkl->ndkl", x[:, :, i, j], kernel)
    return out[:, :, 1:-1, 1:-1] + bias[None, :, None, None]


def test_the_standard_cnn_of_chainer_gan_lib(convert, tmp_path):
    rng, widths = np.random.default_rng(0), [8, 6, 4, 2]
    entries = {"l0/W": rng.normal(size=(8 * 16, 5)) / 2, "l0/b": rng.normal(size=8 * 16) / 5}
    for index, (inputs, outputs) in enumerate(zip(widths, [*widths[1:], 3], strict=True), 1):
        side = 3 if index == 4 else 4
        entries[f"dc{index}/W"] = rng.normal(size=(inputs, outputs, side, side)) / 4
        entries[f"dc{index}/b"] = rng.normal(size=outputs) / 5
    for index, size in enumerate([8 * 16, *widths[1:]]):
        for part in ("avg_mean", "beta"):
            entries[f"bn{index}/{part}"] = rng.normal(size=size) / 5
        for part in ("avg_var", "gamma"):
            entries[f"bn{index}/{part}"] = rng.uniform(0.5, 2, size)
        entries[f"bn{index}/N"] = np.array(3)
    path = tmp_path / "DCGANGenerator_100.npz"
    np.savez(path, **{name: entry.astype(np.float32) for name, entry in entries.items()})
    convert(path, "--out=out")
    z = rng.uniform(-1, 1, (3, 5))
    x = numpy_norm(entries, "bn0", z @ entries["l0/W"].T + entries["l0/b"])
    x = x.reshape(3, 8, 4, 4)
    for index in (1, 2, 3):
        x = numpy_deconvolution(x, entries[f"dc{index}/W"], entries[f"dc{index}/b"], 2)
        x = numpy_norm(entries, f"bn{index}", x)
    expected = np.tanh(numpy_deconvolution(x, entries["dc4/W"], entries["dc4/b"], 1))
    images = generated(tmp_path / "out", torch.from_numpy(z).float())
    np.testing.assert_allclose(images, expected, rtol=0, atol=1e-5)
    assert sngan.load_generator(tmp_path / "out").network.noise == "uniform"
    convert(path, "--noise=normal", "--out=other")
    assert sngan.load_generator(tmp_path / "other").network.noise == "normal"


def mimicry_state(n_classes):
    """Return the state of its 32-pixel generator, drawn at random, narrow."""
    n, draw = CHANNELS, torch.randn
    norm = {"weight": draw(n), "bias": draw(n)} if n_classes is None else {
        "embed.weight": draw(n_classes, 2 * n)
    }  # fmt: skip
    inner = "" if n_classes is None else "bn."
    norm |= {
        f"{inner}running_mean": draw(n) / 5,
        f"{inner}running_var": torch.rand(n) * 1e-4,  # So small that what is added to it matters.
        f"{inner}num_batches_tracked": torch.tensor(4),
    }
    block = {"c1": 3, "c2": 3, "c_sc": 1}
    state = {"l1.weight": draw(n * 16, 8) / 50, "l1.bias": draw(n * 16) / 50}
    for number in (2, 3, 4):
        for name, side in block.items():
            state[f"block{number}.{name}.weight"] = draw(n, n, side, side) / 500
            state[f"block{number}.{name}.bias"] = draw(n) / 500
        for name in ("b1", "b2"):
            state |= {f"block{number}.{name}.{part}": x.clone() for part, x in norm.items()}
    last = {"weight": draw(n), "bias": draw(n), "running_mean": draw(n) / 5}
    last |= {"running_var": torch.rand(n), "num_batches_tracked": torch.tensor(4)}
    state |= {f"b5.{part}": x for part, x in last.items()}
    return state | {"c5.weight": draw(3, n, 3, 3) / 20, "c5.bias": draw(3) / 20}


def mimicry_forward(state, z, labels):
    """Compute what torch-mimicry 0.1.16 does, in double precision."""
    state = {name: entry.double() for name, entry in state.items()}

    def norm(x, name):
        inner = f"{name}.bn" if f"{name}.embed.weight" in state else name
        mean, variance = (state[f"{inner}.running_{part}"] for part in ("mean", "var"))
        if inner == name:
            out = functional.batch_norm(
                x, mean, variance, state[f"{name}.weight"], state[f"{name}.bias"], eps=1e-5
            )
        else:
            gamma, beta = state[f"{name}.embed.weight"][labels].chunk(2, 1)
            out = functional.batch_norm(x, mean, variance, eps=1e-5)
            out = gamma[:, :, None, None] * out + beta[:, :, None, None]
        return out.relu()

    def convolved(x, name, doubled=False):
        if doubled:
            x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        weight = state[f"{name}.weight"]
        return functional.conv2d(x, weight, state[f"{name}.bias"], padding=weight.shape[-1] // 2)

    x = functional.linear(z.double(), state["l1.weight"], state["l1.bias"])
    x = x.view(len(z), -1, 4, 4)
    for block in ("block2", "block3", "block4"):
        hidden = convolved(norm(x, f"{block}.b1"), f"{block}.c1", doubled=True)
        hidden = convolved(norm(hidden, f"{block}.b2"), f"{block}.c2")
        x = hidden + convolved(x, f"{block}.c_sc", doubled=True)
    return torch.tanh(convolved(norm(x, "b5"), "c5")).numpy()


@pytest.mark.parametrize("n_classes", [None, CLASSES])
def test_generators_of_torch_mimicry(convert, tmp_path, n_classes):
    state = mimicry_state(n_classes)
    path = tmp_path / "netG_100_steps.pth"
    torch.save({"model_state_dict": state, "optimizer_state_dict": {}, "global_step": 100}, path)
    process = convert(path, "--out=out")
    assert process.stdout.startswith("netG_100_steps.pth, step 100: out (")
    z = torch.randn(5, 8)
    labels = None if n_classes is None else torch.arange(5) % CLASSES
    expected = mimicry_forward(state, z, labels)
    np.testing.assert_allclose(generated(tmp_path / "out", z, labels), expected, rtol=0, atol=1e-4)
    assert expected.std() > 0.05


def test_what_reads_exports_reads_it(convert, in_process, tmp_path):
    torch.save({"model_state_dict": mimicry_state(None), "global_step": 3}, tmp_path / "g.pth")
    convert("g.pth", "--format=safetensors,onnx")
    assert (tmp_path / "g_export/model.onnx").is_file()
    assert "Not scored." in (tmp_path / "g_export/README.md").read_text()
    in_process("sngan-sample", "g_export", "--count=4", "--out=a.png", "--device=cpu")
    in_process(
        "sngan-eval", "g_export", "dataset=synthetic", "extractor=efficientnet_lite0",
        "extractor.input_size=32", "protocol=quickstart", "protocol.quickstart.num_generated=20",
        "protocol.quickstart.num_generated_fid=20", "protocol.quickstart.num_real=100",
        "device=cpu",
    )  # fmt: skip
    refused(convert("g.pth", check=False), "--force replaces it")


class Touch:
    """Would leave a file where it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("touched"),)


def _npz(path, **entries):
    with path.open("wb") as file:
        np.savez(file, **entries)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: path.write_bytes(b"nothing"), "torch-mimicry"),
        (lambda path: path.write_bytes(pickle.dumps(Touch())), "torch-mimicry"),
        (lambda path: torch.save({"model_state_dict": Touch()}, path), "torch-mimicry"),
        (lambda path: torch.save([1], path), "has no model_state_dict"),
        (lambda path: torch.save({"model_state_dict": {"x.weight": torch.ones(1)}}, path), "x"),
        (lambda path: _npz(path, a=np.array([Touch()], object)), "file"),
        (lambda path: _npz(path, **{"a/W": np.ones(1)}), "holds 0"),
        (
            lambda path: _npz(path, **{"l1/W": np.ones((7, 2)), "block2/c1/W": np.ones((3,) * 4)}),
            "7 units of the dense layer",
        ),
    ],
)
def test_what_is_no_generator_leaves_nothing(convert, tmp_path, write, said):
    write(tmp_path / "file")
    refused(convert("file", "--out=out", check=False), said)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_is_not_there(convert):
    refused(convert("nowhere", check=False), "there is no file nowhere")
