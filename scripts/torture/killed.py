"""Run a command of sngan's that is killed right before one of its operations on files.

python -m scripts.torture.killed FOLDER COUNT COMMAND [WORD ...]

The operation is the COUNT-th that makes, renames or deletes a file in FOLDER. What it would have
been is the last line on standard error. Of a command that comes to its end that line says how many
there were before the first checkpoint, and in all.
"""

import os
import signal
import sys
from importlib.metadata import entry_points
from pathlib import Path

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
WRITES = os.O_WRONLY | os.O_RDWR
MARK = "killed before "


class Counter:
    """Counts operations on files, as Python reports them to auditors, and kills at one.

    Args:
        folder: Where they are counted.
        end: At which; 0 for none.
    """

    def __init__(self, folder: Path, end: int) -> None:
        self.folder = folder
        self.end = end
        self.count = 0
        self.before_checkpoints = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """See `sys.addaudithook`."""
        if event not in CHANGES and not (event == "open" and _writes(arguments)):
            return
        path = arguments[0]
        if not isinstance(path, str | os.PathLike):
            return
        path = Path(path).absolute()
        if not path.is_relative_to(self.folder):
            return
        self.count += 1
        if not self.before_checkpoints and path.name == "checkpoints":
            self.before_checkpoints = self.count
        if self.count == self.end:
            os.write(2, f"\n{MARK}{event} {path.relative_to(self.folder)}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the program."""
    folder, end, name, *words = sys.argv[1:]
    sys.argv = [str(Path(sys.executable).with_name(name)), *words]
    (entry,) = entry_points(group="console_scripts", name=name)
    counter = Counter(Path(folder), int(end))
    sys.addaudithook(counter)
    entry.load()()
    os.write(2, f"\n{counter.before_checkpoints} {counter.count}\n".encode())


def _writes(arguments: tuple[object, ...]) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & WRITES)


if __name__ == "__main__":
    main()
