"""Deep JSON values as leaves with dotted paths, so that they can be compared one by one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]


def leaves(values: dict[str, Any]) -> dict[str, Any]:
    """Every leaf of `values` by its dotted path, in the order of the values; list items by their position.

    An empty object or list is a leaf. Where two leaves would have one name (``{"a.b": 1, "a": {"b": 2}}``), the deeper
    one has it and the other's parts with dots are quoted.
    """
    found = list(_walk(values))
    names: dict[str, list[Path]] = defaultdict(list)
    for path, _ in found:
        names[".".join(path)].append(path)
    plain = {name: max(paths, key=len) for name, paths in names.items()}
    named = {}
    for path, value in found:
        name = ".".join(path)
        named[name if plain[name] == path else _quoted(path)] = value
    return named


def _walk(values: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    stack: list[tuple[Path, Any]] = [((str(key),), value) for key, value in reversed(values.items())]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict) and value:
            stack.extend(((*path, str(key)), item) for key, item in reversed(value.items()))
        elif isinstance(value, list | tuple) and value:
            stack.extend(((*path, str(i)), value[i]) for i in range(len(value) - 1, -1, -1))
        else:
            yield path, value


def _quoted(path: Path) -> str:
    return ".".join(json.dumps(part, ensure_ascii=False) if "." in part else part for part in path)
