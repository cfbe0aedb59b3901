"""How a command meets its user: messages, exit codes, commands to paste."""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sngan.system.interruption import Terminated, signals_raised

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_SIGNAL = 128  # To which the number of the signal is added.
EXIT_INTERRUPTED = EXIT_SIGNAL + signal.SIGINT


@contextmanager
def errors_as_messages(*mendable: type[Exception]) -> Iterator[None]:
    """Turn errors that a user can mend into a message and exit code 2, without a traceback.

    A diverged run ends with code 1, one that a signal stops before it can save with 128 and the
    signal's number, as shells have it. ``HYDRA_FULL_ERROR=1`` shows tracebacks instead, as it does
    for Hydra's own errors.

    Args:
        mendable: Kinds of error besides ValueError, OSError and ModuleNotFoundError.
    """
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        yield
        return
    expected: tuple[type[Exception], ...] = (ValueError, OSError, ModuleNotFoundError, *mendable)
    try:
        with signals_raised():
            yield
    except expected as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None
    except FloatingPointError as error:
        print(f"diverged: {error}", file=sys.stderr)
        raise SystemExit(EXIT_FAILED) from None
    except KeyboardInterrupt:
        print("interrupted; what was written before is whole", file=sys.stderr)
        raise SystemExit(EXIT_INTERRUPTED) from None
    except Terminated as end:
        print(f"ended by {end}; what was written before is whole", file=sys.stderr)
        raise SystemExit(EXIT_SIGNAL + end.number) from None


def paths_and_words(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Tell checkpoints and folders from settings, ``KEY=VALUE``; a file may have such a name."""
    words = [text for text in arguments if "=" in text and not Path(text).exists()]
    return [Path(text) for text in arguments if text not in words], words


def command_line(program: str, *arguments: str) -> str:
    """Return a command to paste into the shell this program was started from."""
    if shutil.which(program) is None:  # Started by its path, from an environment not activated.
        program = str(Path(sys.argv[0]).with_name(program))
    return shlex.join([program, *arguments])
