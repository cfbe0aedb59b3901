"""The whole plan, for real: ``make reproduce-smoke`` in a minute's networks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_whole_plan(tmp_path):
    (lines,) = re.findall(
        r"^reproduce-smoke:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    script = lines.replace("$$", "$").replace("$(BIN)", str(Path(sys.executable).parent))
    process = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True, timeout=1800
    )
    assert process.returncode == 0, process.stderr[-3000:]
    cells = [*tmp_path.glob("runs/reproduce/smoke/cells/*")]
    assert f"{len(cells)} cells in" in process.stdout
    assert f": {len(cells)} finished" in process.stdout
    report = (tmp_path / "runs" / "reproduce" / "smoke" / "report.md").read_text()
    assert "Not run." not in report
    assert "not run |" not in report
    assert "Nothing of what was asked for." in report
