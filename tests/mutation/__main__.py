"""``python -m mutation run``, ``results``, ``show NAME``, …: mutmut, in a folder where it finds both packages.

mutmut derives a module's name from its path and expects packages at the top of a folder or below `src`. So it runs in
`build/mutation`, which links to the packages and the tests; it changes copies, and the working tree stays as it is.
"""

import os
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]
_FOLDER = _PROJECT / "build" / "mutation"
_LINKS = ("tracking/magnus_tracking", "tui/magnus_tui", "tests", "sample_runs", "pyproject.toml")


def main():
    """Replace this process with mutmut, given the same arguments."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for target in map(Path, _LINKS):
        link = _FOLDER / target.name
        if not link.is_symlink():
            link.symlink_to(_PROJECT / target)
    os.chdir(_FOLDER)
    os.execv(sys.executable, [sys.executable, "-c", "from mutmut.__main__ import cli; cli()", *sys.argv[1:]])


if __name__ == "__main__":
    main()
