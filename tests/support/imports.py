"""What importing a part brings with it, read from the modules of a fresh process."""

import subprocess
import sys


def loaded_by(statement):
    """The top-level packages that a process holds after the statement."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
