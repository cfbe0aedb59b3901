"""Classes that a user asks for."""

from collections.abc import Sequence

from sngan.system.printable import shown
from sngan.system.require import SettingError


def class_numbers(name: str, wanted: Sequence[str], n_classes: int | None) -> tuple[int, ...]:
    """Return classes as the network numbers them.

    Args:
        name: Of the setting.
        wanted: As they were typed.
        n_classes: Of the network; None if it has none.

    Raises:
        SettingError: If it has not all of them.
    """
    if wanted and n_classes is None:
        raise SettingError(name, f"is for networks with classes, got {shown(','.join(wanted))}")
    accepted = {str(number): number for number in range(n_classes or 0)}
    for text in wanted:
        if text not in accepted:
            said = f"must be numbers between 0 and {len(accepted) - 1}, separated by commas"
            raise SettingError(name, f"{said}, got {shown(text)}")
    return tuple(accepted[text] for text in wanted)
