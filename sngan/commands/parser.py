"""How commands read their options: they guess what was meant, and help is as wide as a terminal."""

import argparse
import re
import shutil
from difflib import get_close_matches
from typing import NoReturn

from sngan.system.layout import fitted

UNKNOWN = re.compile(r"unrecognized arguments: (.*)")


class Parser(argparse.ArgumentParser):
    """A parser of options and words.

    Args:
        prog: The command.
        description: What it does; lines are kept where they fit.
        epilog: Examples, ``COMMAND   what it does``.
    """

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=Help)
        self.add_argument("--version", action="store_true", help="print versions")
        self.add_argument(
            "--completion", metavar="SHELL", help="print what lets bash, zsh or fish complete words"
        )

    @property
    def option_names(self) -> list[str]:
        """All options, with their dashes."""
        return [name for action in self._actions for name in action.option_strings]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with a command line, in one line, and end."""
        if (found := UNKNOWN.match(message)) is not None:
            first = found[1].split()[0].partition("=")[0]
            meant = get_close_matches(first, self.option_names, n=1)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            said = f"there is no option {first}{hint} (--help lists them)"
            self.exit(2, f"{self.prog}: error: {said}\n")
        super().error(message)


class Help(argparse.RawDescriptionHelpFormatter):
    """Lines of examples that are too long become two."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return fitted(text, min(width, shutil.get_terminal_size().columns), indent)
