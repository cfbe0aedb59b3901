"""ONNX files of anybody as generators, from Python and for ``sngan-eval``."""

import json

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

import sngan
from sngan.sharing.onnx_generator import OnnxGenerator

SIZE, SIDE = 4, 16
SCORES = ("extractor=efficientnet_lite0", "extractor.input_size=32", "protocol=smoke", "device=cpu")


def file_of(
    path, shape=("n", SIZE), scale=0.1, labels=None, properties=None, external=False, channels=3
):
    """Write a file by hand: pictures are tanh of a matrix product, labels are added."""
    weight = np.random.default_rng(0).normal(size=(SIZE, channels * SIDE**2), scale=scale)
    inputs = [helper.make_tensor_value_info("noise", TensorProto.FLOAT, list(shape))]
    weights = numpy_helper.from_array(weight.astype(np.float32), "w")
    if external:
        onnx.external_data_helper.set_external_data(weights, "../secret.bin")
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
    nodes = [
        helper.make_node("Flatten", ["noise"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["product"]),
    ]
    last = "product"
    if labels is not None:
        inputs.append(helper.make_tensor_value_info("class", labels, ["n"]))
        nodes += [
            helper.make_node("Cast", ["class"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["float", "one"], ["column"]),
            helper.make_node("Add", ["product", "column"], ["sum"]),
        ]
        last = "sum"
    nodes += [
        helper.make_node("Tanh", [last], ["bounded"]),
        helper.make_node("Reshape", ["bounded", "shape"], ["pictures"]),
    ]
    constants = [
        weights,
        numpy_helper.from_array(np.array([-1, channels, SIDE, SIDE]), "shape"),
        numpy_helper.from_array(np.array([1]), "one"),
    ]
    output = helper.make_tensor_value_info(
        "pictures", TensorProto.FLOAT, ["n", channels, SIDE, SIDE]
    )
    graph = helper.make_graph(nodes, "g", inputs, [output], constants)
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    helper.set_model_props(model, properties or {})
    path.write_bytes(model.SerializeToString())
    return weight


@pytest.mark.parametrize("shape", [("n", SIZE), ("n", SIZE, 1, 1)])
def test_a_file_of_anybody(shape, tmp_path):
    weight = file_of(tmp_path / "g.onnx", shape)
    generator = OnnxGenerator(tmp_path / "g.onnx", noise="uniform")
    assert (generator.latent_size, generator.image_size) == (SIZE, SIDE)
    z = torch.randn(3, SIZE)
    expected = torch.tanh(z.double() @ torch.from_numpy(weight)).view(3, 3, SIDE, SIDE).float()
    torch.testing.assert_close(generator(z), expected)


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32])
def test_a_file_with_classes(kind, tmp_path):
    path = tmp_path / "g.onnx"
    weight = file_of(path, labels=kind, properties={"sngan.noise": "normal"})
    with pytest.raises(ValueError, match="n_classes must be given"):
        OnnxGenerator(path)
    generator = OnnxGenerator(path, n_classes=3)
    z, labels = torch.randn(2, SIZE), torch.tensor([2, 0])
    expected = torch.tanh(z.double() @ torch.from_numpy(weight) + labels[:, None])
    torch.testing.assert_close(generator(z, labels), expected.view(2, 3, SIDE, SIDE).float())
    file_of(path, properties={"sngan.noise": "normal"})
    with pytest.raises(ValueError, match="has no input for classes"):
        OnnxGenerator(path, n_classes=3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "noise must be normal or uniform: .* does not say which"),
        ({"properties": {"sngan.noise": "salt"}}, "noise must be one of normal, uniform, got salt"),
        ({"shape": ("n", "m")}, "must take float32 noise of shape"),
        ({"shape": ("n", 2, 2, 1)}, "must take float32 noise of shape"),
        ({"external": True}, "its weights are in other files"),
    ],
)
def test_a_file_that_does_not_do_is_refused(options, said, tmp_path):
    file_of(tmp_path / "g.onnx", **options)
    with pytest.raises(ValueError, match=said) as error:
        OnnxGenerator(tmp_path / "g.onnx")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("keep", [0, 0.3, 0.9])
def test_a_file_that_is_cut_short_is_refused(keep, tmp_path):
    path = tmp_path / "g.onnx"
    file_of(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ValueError, match="is not an ONNX file that can be run") as error:
        OnnxGenerator(path, noise="normal")
    assert "\n" not in str(error.value)


def test_a_file_is_scored_and_its_sheet_says_of_what(in_process, tmp_path):
    words = ("--onnx", "g.onnx")
    file_of(tmp_path / "g.onnx")
    process = in_process("sngan-eval", *words, *SCORES, check=False)
    assert process.returncode == 2
    said = process.stderr.splitlines()
    assert said[1:] == ["error: noise must be normal or uniform: g.onnx does not say which"]
    process = in_process(
        "sngan-eval", *words, "--noise=normal", "dataset=synthetic", *SCORES, "seed=3"
    )
    assert "g.onnx, normal noise of length 4" in process.stdout
    assert "distance" in process.stdout
    assert "seed 3" in process.stdout


def test_from_python_it_gets_the_same_number(in_process, tmp_path):
    file_of(tmp_path / "g.onnx", properties={"sngan.noise": "normal"})
    words = ("dataset=synthetic", "dataset.num_images=60", *SCORES, "--json")
    process = in_process("sngan-eval", "g.onnx", *words, "protocol.smoke.num_real=60", "seed=5")
    (sheet,) = json.loads(process.stdout)["scores"]
    found = sngan.score(
        sngan.as_generator(tmp_path / "g.onnx"),
        protocol="smoke",
        seed=5,
        extractor="efficientnet_lite0",
        device="cpu",
        settings=["extractor.input_size=32"],
    )
    assert found.scores[0].score_mean == sheet["protocols"]["smoke"]["score_mean"]


def test_pictures_that_are_grey(in_process, tmp_path):
    file_of(tmp_path / "g.onnx", properties={"sngan.noise": "normal"}, channels=1)
    assert OnnxGenerator(tmp_path / "g.onnx").image_channels == 1
    process = in_process("sngan-eval", "g.onnx", *SCORES)
    assert "grey as three equal channels" in " ".join(process.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--onnx", "nowhere.onnx"), "there is no file nowhere.onnx"),
        (("g.onnx", "--real"), "name checkpoints or run folders, or one of"),
        (("g.onnx", "h.onnx", "--noise=normal"), "--noise and --n-classes are for ONNX files"),
        (("g.onnx", "--n-classes=0"), "n_classes must be null: g.onnx has no input for classes"),
        (("--images", "x", "--noise=normal"), "--noise and --n-classes are for ONNX files"),
        (("--onnx", "empty"), "empty is not an ONNX file that can be run"),
    ],
)
def test_mistakes(words, said, in_process, tmp_path):
    file_of(tmp_path / "g.onnx", properties={"sngan.noise": "normal"})
    (tmp_path / "empty").touch()
    process = in_process("sngan-eval", *words, *SCORES, check=False)
    assert process.returncode == 2
    assert said in process.stderr
    assert "Traceback" not in process.stderr
