import subprocess
import sys
from pathlib import Path

HARNESS = Path(__file__).parents[3] / "benchmarks" / "kill_harness.py"


def test_processes_killed_at_random_moments_lose_no_call_that_had_returned():
    done = subprocess.run([sys.executable, HARNESS, "--kills", "12"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "none was lost" in done.stdout
