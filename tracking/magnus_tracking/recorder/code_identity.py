"""Which code runs: the git commit, what was changed since, and the remote without credentials."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from magnus_tracking.printable import without_credentials

_TIMEOUT = 10.0


def code_identity() -> dict[str, Any]:
    """A code identity as run logs hold it, of the git work tree around the current folder.

    Outside a work tree, and without git, the identifier and the remote are None, as the engine writes them.
    """
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return _identity(None, False, None, "")
    changed = _git("diff", "--name-only", "HEAD")
    files = changed.split("\n") if changed else []
    message = "changes found in " + ", ".join(files) if files else ""
    remote = _git("config", "--get", "remote.origin.url")
    return _identity(commit, changed == "", without_credentials(remote) if remote else remote, message)


def _identity(commit: str | None, clean: bool, url: str | None, message: str) -> dict[str, Any]:
    return {
        "code_identifier": commit,
        "code_identifier_type": "git",
        "code_identifier_dependable": clean,
        "code_identifier_url": url,
        "code_identifier_message": message,
    }


def _git(*arguments: str) -> str | None:
    """What git prints; None where it is missing, fails, or takes too long."""
    # Without optional locks git does not rewrite its index, so that recording leaves the work tree alone.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None
