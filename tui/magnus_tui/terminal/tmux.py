"""Copying inside tmux: into its buffer, from which it pastes, and on to the clipboard of the terminal outside."""

from __future__ import annotations

import os
import subprocess

from magnus_tracking.errors import os_reason

_PATIENCE = 5.0
"""Seconds after which a tmux that does not answer is given up."""


def is_inside_tmux() -> bool:
    """Whether this process runs in a pane of tmux."""
    return bool(os.environ.get("TMUX"))


def load_buffer(text: str) -> str | None:
    """Put `text` into tmux's buffer; what went wrong, if anything did. Blocks, so that threads call it."""
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "tmux does not answer"
    except OSError as error:
        return f"tmux: {os_reason(error)}"
    if not done.returncode:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"tmux: {said[0] if said else f'exit status {done.returncode}'}"
