"""What is said of a crash, and the file that keeps its details."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from magnus_tracking.errors import os_reason

_KEPT = 20
"""Reports of crashes that are kept, the newest."""

_MOST = 200
"""Characters of an error's text that are said on the line."""


def crash_line(name: str, error: BaseException) -> str:
    """What to say of a crash, on one line; its details are in a file then.

    Args:
        name: of the program.
        error: what was raised.
    """
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    said = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    said = said if len(said) <= _MOST else said[: _MOST - 1] + "…"
    try:
        return f"{name}: it crashed ({said}); the details are in {_keep_details(name, error)}"
    except OSError as refused:
        return f"{name}: it crashed ({said}); the details can't be kept: {os_reason(refused)}"


def _keep_details(name: str, error: BaseException) -> Path:
    import platform
    import tempfile
    import time
    import traceback
    from importlib import metadata

    from magnus_tracking.filesystem.cache_folder import cache_folder, private_folder

    lines = [f"{name} {' '.join(sys.argv[1:])}", f"Python {platform.python_version()}, {platform.platform()}"]
    for package in ("magnus-tui", "textual", "rich", "msgspec", "pydantic"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            lines.append(f"{package} {metadata.version(package)}")
    text = "\n".join([*lines, "", *traceback.format_exception(error)])
    try:
        folder = cache_folder() / "crashes"
        private_folder(folder)
    except OSError:
        folder = Path(tempfile.gettempdir())
    when = time.strftime("%Y%m%d-%H%M%S")
    descriptor, path = tempfile.mkstemp(prefix=f"{name}-{when}-", suffix=".txt", dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    if folder.name == "crashes":
        for old in sorted(folder.glob("*.txt"), key=lambda report: report.name.split("-")[-3:])[:-_KEPT]:
            old.unlink(missing_ok=True)
    return Path(path)
