"""How a command meets its user: messages, exit codes, commands to paste."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sngan.commands.entry import EXIT_PIPE

EXIT_FAILED = 1
EXIT_USAGE = 2
SILENCE = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "WANDB_ERROR_REPORTING": "false",
}
"""What libraries ask before they tell their makers of us."""


def send_nothing_home() -> None:
    """Let no library report to its makers, unless the user's environment says that it may."""
    for name, value in SILENCE.items():
        os.environ.setdefault(name, value)


@contextmanager
def errors_as_messages(*mendable: type[Exception]) -> Iterator[None]:
    """Turn errors that a user can mend into a message and exit code 2, without a traceback.

    A diverged run ends with code 1, and so does one for which memory does not suffice.
    ``HYDRA_FULL_ERROR=1`` shows tracebacks instead, as it does for Hydra's own errors.

    Args:
        mendable: Kinds of error besides ValueError, OSError and ModuleNotFoundError.
    """
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        yield
        return
    expected: tuple[type[Exception], ...] = (ValueError, OSError, ModuleNotFoundError, *mendable)
    try:
        yield
    except BrokenPipeError:
        raise SystemExit(EXIT_PIPE) from None
    except expected as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None
    except FloatingPointError as error:
        print(f"diverged: {error}", file=sys.stderr)
        raise SystemExit(EXIT_FAILED) from None
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
        said = str(error).partition("\n")[0]
        print(f"error: there is not enough memory for this: {said}", file=sys.stderr)
        raise SystemExit(EXIT_FAILED) from None


def _is_of_memory(error: Exception) -> bool:
    """Tell whether memory has run out: PyTorch has a class of its own for it on a GPU only."""
    is_named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return is_named or "DefaultCPUAllocator" in str(error)


def paths_and_words(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Tell checkpoints and folders from settings, ``KEY=VALUE``; a file may have such a name."""
    words = [text for text in arguments if "=" in text and not Path(text).exists()]
    return [Path(text) for text in arguments if text not in words], words


def command_line(program: str, *arguments: str) -> str:
    """Return a command to paste into the shell this program was started from, in any folder."""
    if shutil.which(program) is None:  # Started by its path, from an environment not activated.
        program = str(Path(sys.argv[0]).absolute().with_name(program))
    return shlex.join([program, *arguments])
