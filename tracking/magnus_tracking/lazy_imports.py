"""Packages whose names are imported when they are asked for, so that a start pays for what it uses."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def importer(package: str, names: dict[str, Any], homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package.

    Args:
        package: its name.
        names: its `globals()`, which hold each name once it was asked for.
        homes: the module of each name; a module is its own.
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(homes[name])
        value = names[name] = module if homes[name] == f"{package}.{name}" else getattr(module, name)
        return value

    return find
