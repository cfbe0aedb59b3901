"""TensorBoard, read back by its own reader."""

import io

import numpy as np
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from sngan.logger.tensorboard import TensorBoardLogger
from tests.logger.conftest import BEST


def read(told):
    events = EventAccumulator(str(told.folder.path / "tensorboard"))
    events.Reload()
    return events


def scalars(events, name):
    return [(event.step, event.value) for event in events.Scalars(name)]


def test_scalars_grids_scores(told):
    run = told(TensorBoardLogger)
    run(1, 2, 3, best=BEST)
    events = read(run)
    assert scalars(events, "loss/discriminator") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert scalars(events, "loss/discriminator/train") == [(1, 1.0), (2, 1.0), (3, 1.0)]
    assert scalars(events, "best/distance/x") == [(3, 5.0)]
    assert scalars(events, "last/distance/x") == [(3, 4.0)]
    (first, _, _) = events.Images("samples")
    pixels = np.asarray(Image.open(io.BytesIO(first.encoded_image_string)))
    assert (first.step, pixels.shape) == (1, (12, 12, 3))
    assert (pixels[2:10, 2:10] == 1).all()


def test_settings_are_hyper_parameters(told):
    run = told(TensorBoardLogger)
    run(1)
    content = read(run).summary_metadata["_hparams_/session_start_info"].plugin_data.content
    found = HParamsPluginData.FromString(content).session_start_info.hparams
    assert found["setting.lr"].number_value == 0.5
    assert found["setting.betas"].string_value == "[0.0, 0.9]"


def test_a_run_that_goes_on_has_each_step_once(told):
    run = told(TensorBoardLogger)
    run(1, 2, 3, outcome=None)  # Killed.
    run(3, 4, begun_at=2)
    events = read(run)
    assert [step for step, _ in scalars(events, "loss/discriminator")] == [1, 2, 3, 4]
    assert [image.step for image in events.Images("samples")] == [1, 2, 3, 4]
