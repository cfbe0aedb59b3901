import pytest

from sngan.sampling.classes import class_numbers
from sngan.system.require import SettingError

ANIMALS = ("cat", "dog", "owl")
DIGITS = ("0", "1", "10", "2")  # As a folder sorts them.


def test_by_number_and_by_name():
    assert class_numbers("c", ["2", "cat", "number:1", "name:owl"], 3, ANIMALS) == (2, 0, 1, 2)
    assert class_numbers("c", [], None) == ()


def test_a_number_that_is_also_the_name_of_another_class():
    assert class_numbers("c", ["0", "3", "10"], 4, DIGITS) == (0, 3, 2)
    with pytest.raises(SettingError, match=r"c must say what 2 is.*number:2 or name:2"):
        class_numbers("c", ["2"], 4, DIGITS)
    assert class_numbers("c", ["number:2", "name:2"], 4, DIGITS) == (2, 3)


@pytest.mark.parametrize("names", [(), ANIMALS])
def test_names_that_are_not_the_network_s_do_not_count(names):
    with pytest.raises(SettingError, match="must be numbers between 0 and 4, separated by"):
        class_numbers("c", ["cat"], 5, names)


def test_what_is_accepted_is_said():
    said = r"must be numbers between 0 and 2 or names \(cat, dog, owl\), separated by commas, got x"
    with pytest.raises(SettingError, match=said):
        class_numbers("c", ["x"], 3, ANIMALS)
    with pytest.raises(SettingError, match="is for networks with classes, got cat"):
        class_numbers("c", ["cat"], None, ANIMALS)
