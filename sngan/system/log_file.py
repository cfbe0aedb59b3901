"""The log of a run, which matters less than the run."""

import logging
import sys


class LogFile(logging.FileHandler):
    """A file for messages; a disk that takes no more of them is said once, in a line."""

    has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say what went wrong; anything but the disk's errors is shown as usual."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self.has_failed:
            self.has_failed = True
            print(f"{self.baseFilename} could not be written: {error.strerror}", file=sys.stderr)
