"""Classes that a user asks for, by number or by name."""

from collections.abc import Sequence

from sngan.system.printable import shown
from sngan.system.require import SettingError

NUMBER, NAME = "number:", "name:"
"""What tells one from the other where a number is also the name of another class."""
SHOWN = 5  # Names in a message.


def class_numbers(
    setting: str, wanted: Sequence[str], n_classes: int | None, names: Sequence[str] = ()
) -> tuple[int, ...]:
    """Return classes as the network numbers them.

    Args:
        setting: What messages call this setting.
        wanted: Numbers or names, as they were typed.
        n_classes: Of the network; None if it has none.
        names: Of its classes; none or others are not looked at.

    Raises:
        SettingError: If it has not all of them, or one may mean two.
    """
    if wanted and n_classes is None:
        raise SettingError(setting, f"is for networks with classes, got {shown(','.join(wanted))}")
    known = names if len(names) == n_classes else ()
    return tuple(_number(setting, text, n_classes or 0, known) for text in wanted)


def _number(setting: str, text: str, n_classes: int, names: Sequence[str]) -> int:
    numbers = {f"{NUMBER}{number}": number for number in range(n_classes)}
    numbers |= {f"{NAME}{name}": number for number, name in enumerate(names)}
    found = {numbers[key] for key in (text, NUMBER + text, NAME + text) if key in numbers}
    if len(found) > 1:
        raise SettingError(
            setting,
            f"must say what {text} is, a number and the name of another class: {NUMBER}{text} or "
            f"{NAME}{text}",
        )
    if not found:
        more = ", ..." if len(names) > SHOWN else ""
        named = f" or names ({', '.join(names[:SHOWN])}{more})" if names else ""
        said = f"must be numbers between 0 and {n_classes - 1}{named}, separated by commas"
        raise SettingError(setting, f"{said}, got {shown(text)}")
    return found.pop()
