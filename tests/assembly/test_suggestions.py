import pytest

from sngan.assembly.compose import compose, require_composable


def refusal(*words, is_sweep=False):
    with pytest.raises(ValueError, match=r"\S") as told:
        require_composable("train", words, is_sweep=is_sweep)
    said = str(told.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("datset=cifar10", "there is no setting datset; did you mean dataset? (--help lists them)"),
        (
            "dataset=cifr10",
            "there is no dataset=cifr10; did you mean cifar10? accepted: cifar10, cifar100, "
            "huggingface, "
            "image_folder, imagenet, mnist, stl10, synthetic",
        ),
        ("seting.lr=1", "there is no setting seting.lr; did you mean setting.lr?"),
        ("dataset.rot=x", "there is no setting dataset.rot; did you mean dataset.root?"),
        ("+experiment=cifar_10", "there is no experiment=cifar_10; did you mean cifar10?"),
        ("experiment=cifar10", "experiment=cifar10 needs a plus: +experiment=cifar10"),
        ("total_steps=1,2", "total_steps=1,2 is several values: add -m"),
        ("monitor=[scores,singular_value]", "did you mean singular_values?"),
        ("hydra/launcher=jolib", "there is no hydra/launcher=jolib; did you mean joblib?"),
        ("xyzzy=1", "there is no setting xyzzy (--help lists them)"),
        ("~foo", "there is no setting foo"),
    ],
)
def test_what_may_be_meant_is_said_in_one_line(word, said):
    assert said in refusal("seed=1", word, "total_steps=3")


def test_of_a_sweep_all_members_are_looked_at():
    said = refusal("loss=hinge,standrd", "seed=range(3)", is_sweep=True)
    assert "there is no loss=standrd; did you mean standard?" in said


@pytest.mark.parametrize(
    "words",
    [
        ("+experiment=cifar10", "setting.lr=1", "+scale=cpu"),
        ("seed=1,2", "+experiment=glob(cifar10_*)", "setting=A,B"),
        ("--cfg", "job", "regularizer=[spectral_norm,gradient_penalty]"),
    ],
)
def test_what_is_right_is_let_through(words):
    require_composable("train", words, is_sweep="," in words[0])


def test_a_launcher_that_is_not_installed_is_named_with_what_brings_it():
    said = refusal("hydra/launcher=joblibs")
    assert "pip install '.[joblib]' in the folder of the checkout" in said


def test_other_commands_guess_too():
    with pytest.raises(ValueError, match="no extractor=incption; did you mean inception"):
        compose("evaluate", ["extractor=incption"])
    with pytest.raises(ValueError, match=r"did you mean protocol\.paper\.num_real"):
        compose("evaluate", ["protocol.paper.num_rel=3"])
