"""Messages that a full disk does not take are left out; a traceback for each helps nobody."""

import logging
import os
import subprocess
import sys

from sngan.system.log_file import LogFile

PROGRAM = """
import logging, resource, sys
from sngan.system.log_file import LogFile
logging.basicConfig(level="INFO", handlers=[LogFile(sys.argv[1])])
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
for number in range(3):
    logging.info("message %s", number)
print("done")
"""


def test_a_full_disk_is_said_once(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("1234567890")
    command = [sys.executable, "-c", PROGRAM, path]
    process = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert process.stdout == "done\n"
    assert process.stderr == f"{path} could not be written: File too large\n"
    assert path.read_text() == "1234567890"


def test_another_error_is_shown(tmp_path, capsys):
    logger = logging.Logger("x")
    logger.addHandler(LogFile(tmp_path / "a.log"))
    logger.info("%d", "no number")
    assert "TypeError" in capsys.readouterr().err
