"""Where an engine's configuration says that run logs are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from magnus_tracking.filesystem.regular_files import read_text


def log_folder(path: Path, keys: Iterable[str]) -> str:
    """The folder of run logs that a configuration names, or empty: the caller knows where else to look.

    Args:
        path: the file.
        keys: what the engines call the section of the store.
    """
    # Only a child of a shell task reads a configuration, and only once.
    import yaml

    try:
        configuration: Any = yaml.safe_load(read_text(path))
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    for key in keys:
        section = configuration.get(key) if isinstance(configuration, dict) else None
        config = section.get("config") if isinstance(section, dict) else None
        folder = config.get("log_folder") if isinstance(config, dict) else None
        if isinstance(folder, str):
            return folder
    return ""
