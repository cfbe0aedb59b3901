"""A step is complete when all that is due at it is there, not the checkpoint alone.

A checkpoint is written first, for a monitor may fail or take hours. Until monitors, the best
checkpoint and the grid are done, a note says that they are not; a run that is continued from this
checkpoint makes them then.
"""

from sngan.run_folder.folder import RunFolder
from sngan.system.files import read_json, write_json


class Due:
    """The note about one run.

    Args:
        folder: Its folder.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._note = folder.path / "due.json"

    def begin(self, step: int) -> None:
        """Note, before a step's checkpoint is written, that the rest is to be done."""
        write_json(self._note, {"step": step}, indent=None)

    def is_left(self, step: int) -> bool:
        """Tell whether the rest of a step is not known to be done; a damaged note tells nothing."""
        found = read_json(self._note, dict) if self._note.exists() else {"step": None}
        return found is None or found.get("step") == step

    def end(self) -> None:
        """Note that the rest is done."""
        self._note.unlink(missing_ok=True)
