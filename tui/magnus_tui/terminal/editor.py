"""Opening a file in the user's editor, which has the terminal meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from magnus_tracking.errors import os_reason


def edit(path: Path) -> str | None:
    """Open a file in ``$VISUAL`` or ``$EDITOR``, which may have arguments, and wait until the editor ends.

    Args:
        path: the file; the editor is given its absolute path, so that no name is taken for an option.

    Returns:
        What went wrong, on one line; None where nothing did.
    """
    chosen = next((value for name in ("VISUAL", "EDITOR") if (value := os.environ.get(name, "").strip())), None)
    if chosen is None:
        return "set $EDITOR to the editor that should open files"
    import shlex  # late: hardly any start needs it

    try:
        command = shlex.split(chosen)
    except ValueError as error:
        return f"can't parse $EDITOR ({chosen}): {str(error).lower()}"
    target = path.absolute()
    if not target.is_file():
        return f"there is no file {target}"
    try:
        status = subprocess.run([*command, str(target)], check=False).returncode
    except (OSError, ValueError) as error:
        return f"can't start the editor {command[0]!r}: {os_reason(error)}"
    if status < 0:
        return f"the editor {command[0]!r} was killed by signal {-status} ({_name_of(-status)})"
    return f"the editor {command[0]!r} ended with status {status}" if status else None


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
