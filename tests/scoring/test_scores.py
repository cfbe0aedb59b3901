from hydra import compose, initialize_config_dir
from hydra.utils import get_class
from omegaconf import OmegaConf

from sngan.assembly.compose import CONFIG_DIR
from sngan.assembly.hydra_versions import BASE
from sngan.metric.parts.always import ALWAYS
from sngan.scoring.scores import SCORE_AND_DISTANCE


def test_what_is_always_measured_is_what_the_configuration_says():
    """In the primary file, so that choosing others adds to it; as its own files say."""
    with initialize_config_dir(str(CONFIG_DIR), **BASE):
        nodes = compose("evaluate").metric
        with_more = compose("evaluate", overrides=["metric=[kid,fid]"]).metric
    assert tuple(nodes) == ALWAYS == tuple(SCORE_AND_DISTANCE)
    for name, node in nodes.items():
        assert node == OmegaConf.load(CONFIG_DIR / "metric" / f"{name}.yaml")
        assert get_class(node._target_) is type(SCORE_AND_DISTANCE[name])
    assert list(with_more) == [*ALWAYS, "kid"]
