"""How an optional part of this package is installed: there is no release on PyPI."""


def how_to_install(extra: str) -> str:
    """Return the command that installs what an extra needs, from a checkout.

    Args:
        extra: Its name in ``pyproject.toml``.
    """
    return f"pip install '.[{extra}]' in the folder of the checkout"
