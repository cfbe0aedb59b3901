"""How a command meets its user: words of the command line, folders, messages and exit codes."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


@contextmanager
def errors_as_messages(*mendable: type[Exception]) -> Iterator[None]:
    """Turn errors that a user can mend into a message and exit code 2, without a traceback.

    A diverged run ends with code 1, an interrupted start with 130. ``HYDRA_FULL_ERROR=1`` shows
    tracebacks instead, as it does for Hydra's own errors.

    Args:
        mendable: Kinds of error besides ValueError, OSError and ModuleNotFoundError.
    """
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        yield
        return
    expected: tuple[type[Exception], ...] = (ValueError, OSError, ModuleNotFoundError, *mendable)
    try:
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


@contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Take back a run's empty folder, if the run fails before it has written its configuration."""
    was_empty = not any(folder.iterdir())
    try:
        yield
    except BaseException:
        if was_empty and not is_run(folder):
            (folder / "train.log").unlink(missing_ok=True)
            with suppress(OSError):  # Something else has been put there.
                folder.rmdir()
                if folder.parent.resolve() != Path.cwd():
                    folder.parent.rmdir()
        raise


def scale_after_experiment(words: list[str]) -> list[str]:
    """Put ``+scale=`` behind ``+experiment=``: Hydra applies groups in the order given."""
    scales = [word for word in words if word.startswith("+scale=")]
    others = [word for word in words if word not in scales]
    for index, word in enumerate(others):
        if word.startswith("+experiment="):
            return [*others[: index + 1], *scales, *others[index + 1 :]]
    return words


def run_folder(resume: str | None, *names: str | Mapping[str, object] | None) -> str:
    """Return the folder of a run: the resumed one's, else a new one named after its parts.

    Of a group of which several members are chosen, the keys are its name. A checkpoint that lies
    by itself continues in a new folder.

    Raises:
        SystemExit: If there is nothing to resume. Hydra asks for the folder in order to make it;
            it would make the mistyped one, and show any other exception with its traceback.
    """
    if resume is not None:
        path = Path(resume)
        if not path.exists():
            print(f"error: resume={resume} does not exist", file=sys.stderr)
            raise SystemExit(EXIT_USAGE)
        folder = path if path.is_dir() else path.parent.parent
        if path.is_dir() or (path.parent.name == "checkpoints" and is_run(folder)):
            return str(folder)
    parts = ["+".join(part) if isinstance(part, Mapping) else part for part in names]
    base = Path("runs", "_".join(filter(None, parts)), datetime.now().strftime("%Y-%m-%d_%H-%M-%S"))
    folder, count = base, 1
    while folder.exists():
        count += 1
        folder = base.with_name(f"{base.name}_{count}")
    return str(folder)


def is_run(folder: Path) -> bool:
    """Tell whether a folder holds a run."""
    return (folder / "config.yaml").exists()


def runs_within(folder: Path) -> list[Path]:
    """Return the runs that were packed together in a folder."""
    return sorted(path for path in folder.glob("seed_*") if is_run(path))


def resume_command(folder: Path) -> str:
    """Return the command that continues a run, quoted for the shell and for Hydra."""
    value = str(folder)
    if not re.fullmatch(r"[\w./+-]+", value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        value = f'"{escaped}"'
    return command_line("sngan-train", f"resume={value}")


def command_line(program: str, *arguments: str) -> str:
    """Return a command to paste into the shell this program was started from."""
    if shutil.which(program) is None:  # Started by its path, from an environment not activated.
        program = str(Path(sys.argv[0]).with_name(program))
    return shlex.join([program, *arguments])
