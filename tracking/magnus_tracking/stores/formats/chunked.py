"""Putting the chunks of a run together, in the layouts of magnus 0.5, runnable 0.12 to 0.43 and runnable 0.50.

The older layout keeps each step and branch in a file of its own, named with the nanosecond in which it was made; the
newer keeps the top steps in ``RunLog.json`` and each branch with its steps in ``BranchLog-<internal_name>.json``. Which
one a file is follows from what is in it, so both are assembled by the same rule: steps in the order of the number at
the end of the file's name, each below its branch, that branch below its step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.stores.files import read_as
from magnus_tracking.stores.handles import RUN_LOG_CHUNK, list_chunks

_NUMBER_AT_END = re.compile(r"-([0-9]{1,20})\.json$")

T = TypeVar("T")


def creation_ns(name: str) -> int:
    """The nanosecond in the name of a chunk's file, or 0 where there is none."""
    match = _NUMBER_AT_END.search(name)
    return int(match.group(1)) if match else 0


def read_document(folder: Path) -> dict[str, Any]:
    """The full run log of a chunked run, as the engine's own reader assembles it.

    Raises:
        UnreadableRunError: a chunk can't be read; the run has no ``RunLog.json``.
    """
    chunks = chunk_paths(folder)
    run: dict[str, Any] = read_as(chunks[RUN_LOG_CHUNK], parse_object)
    parameters: dict[str, Any] = {}
    if not isinstance(run.get("parameters") or {}, dict):
        raise UnreadableRunError(chunks[RUN_LOG_CHUNK], "parameters is not an object")
    for path in starting(chunks, "Parameter-"):
        parameters.update(read_as(path, parse_object))
    if parameters:
        run["parameters"] = {key: parameters[key] for key in sorted(parameters, key=natural_key)}
    assemble(
        run,
        folder,
        read_pieces(chunks, "StepLog-", parse_object),
        read_pieces(chunks, "BranchLog-", parse_object),
    )
    return run


def chunk_paths(folder: Path) -> dict[str, Path]:
    """The chunks of a run by file name.

    Raises:
        UnreadableRunError: the folder can't be listed, or holds no ``RunLog.json``.
    """
    try:
        chunks = {chunk.name: Path(chunk.path) for chunk in list_chunks(folder)}
    except OSError as error:
        raise UnreadableRunError(folder, (error.strerror or str(error)).lower()) from None
    if RUN_LOG_CHUNK not in chunks:
        raise UnreadableRunError(folder, "no RunLog.json among its chunks")
    return chunks


def starting(chunks: Mapping[str, Path], prefix: str) -> Iterable[Path]:
    """The paths of the chunks whose names start with `prefix`, by name."""
    return (path for name, path in chunks.items() if name.startswith(prefix))


def read_pieces(chunks: Mapping[str, Path], prefix: str, parse: Callable[[bytes], T]) -> dict[str, T]:
    """The steps or branches among the chunks by internal name, in the order in which they were made."""
    pieces: dict[str, T] = {}
    for path in sorted(starting(chunks, prefix), key=lambda path: creation_ns(path.name)):
        piece = read_as(path, parse)
        name = _field(piece, "internal_name")
        if not isinstance(name, str) or not name:
            raise UnreadableRunError(path, "not a step or branch log: it has no internal_name")
        pieces[name] = piece
    return pieces


def assemble(run: Any, folder: Path, steps: Mapping[str, Any], branches: Mapping[str, Any]) -> None:
    """Hang branches below their steps and steps below their branches, in place.

    The pieces are JSON objects or structs of the same field names. A step whose branch is not there, which the
    engines refuse, is kept at the top, so that nothing is lost.

    Raises:
        UnreadableRunError: `steps` or `branches` of a piece is no object.
    """
    known = {**_children(run, "steps", folder), **steps}
    for branch in branches.values():
        known.update(_children(branch, "steps", folder))
    for name in sorted(branches, key=natural_key):
        parent = known.get(name.rpartition(".")[0])
        if parent is not None:
            _children(parent, "branches", folder)[name] = branches[name]
    for name, step in steps.items():
        home = branches.get(name.rpartition(".")[0], run)
        _children(home, "steps", folder)[name] = step


def _children(piece: Any, field: str, folder: Path) -> dict[str, Any]:
    children = piece.setdefault(field, {}) if isinstance(piece, dict) else getattr(piece, field, None)
    if not isinstance(children, dict):
        raise UnreadableRunError(folder, f"{field} is not an object")
    return children


def _field(piece: Any, name: str) -> Any:
    return piece.get(name) if isinstance(piece, dict) else getattr(piece, name, None)
