"""What commands take in memory on huge run logs, whose values they need not hold."""

import json
import subprocess
import sys

import pytest

from support.stores import TESTS

MOST = 7
"""Times the size of one of two logs of 25 MB, the program itself included; with all values as JSON it is eleven."""
PEAK = """
import sys
from pathlib import Path
from magnus_tui.__main__ import main
main(sys.argv[1:])
status = Path("/proc/self/status").read_text()
print("peak", int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.fixture(scope="module")
def huge_store(tmp_path_factory):
    """Two failed runs, each huge because of its metrics."""
    root = tmp_path_factory.mktemp("huge") / ".run_log_store"
    root.mkdir()
    for number in (1, 2):
        attempt = {
            "attempt_number": 1,
            "start_time": "2026-01-01 10:00:00",
            "end_time": "2026-01-01 10:00:01",
            "status": "FAIL",
        }
        values = {str(step): (step + number) / 7 for step in range(180_000)}
        step = {
            "name": "train",
            "internal_name": "train",
            "status": "FAIL",
            "attempts": [attempt],
            "user_defined_metrics": {f"metric {name}": values for name in range(3)},
        }
        log = {"run_id": f"r{number}", "status": "FAIL", "steps": {"train": step}}
        (root / f"r{number}.json").write_text(json.dumps(log, indent=4))
    return root


@pytest.mark.parametrize("command", ["compare r1 r2", "failures", "failures --flaky", "report r1 r2 -o {page}"])
def test_huge_runs_take_little_more_memory_than_their_bytes(huge_store, tmp_path, command):
    arguments = [*command.format(page=tmp_path / "page.html").split(), "--store", str(huge_store)]
    run = [sys.executable, "-c", PEAK, *arguments]
    said = subprocess.run(run, check=True, capture_output=True, text=True, cwd=TESTS).stdout
    peak = int(said.split()[-1])
    megabytes = (huge_store / "r1.json").stat().st_size >> 20
    assert peak < MOST * megabytes, f"{peak} MB for two logs of {megabytes} MB"
