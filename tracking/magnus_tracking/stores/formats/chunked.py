"""A run in a folder of chunks, in the layouts of magnus 0.5, runnable 0.12 to 0.43 and runnable 0.50.

The older layout keeps each step and branch in a file of its own, named with the nanosecond in which it was made; the
newer keeps the top steps in ``RunLog.json`` and each branch with its steps in ``BranchLog-<internal_name>.json``. Which
one a file is follows from what is in it, so both are assembled by the same rule: steps in the order of the number at
the end of the file's name, each below its branch, that branch below its step.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from magnus_tracking.errors import UnreadableRunError, os_reason
from magnus_tracking.runlog.file_names import BRANCH_CHUNK, CHUNK_SUFFIX, PARAMETER_CHUNK, RUN_CHUNK, STEP_CHUNK
from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.runlog.outline import RunOutline, decode_branch, decode_run, decode_step
from magnus_tracking.stores.files import read_as
from magnus_tracking.stores.formats.base import Format, RunHandle, changed_ns

_STEP, _BRANCH, _PARAMETER = f"{STEP_CHUNK}-", f"{BRANCH_CHUNK}-", f"{PARAMETER_CHUNK}-"
_PIECES = (_STEP, _BRANCH, _PARAMETER)
_LARGEST_INODE = 0x7FFFFFFFFFFFFFFF
"""A sum of inodes must fit the signed 64 bits in which fingerprints are kept."""

T = TypeVar("T")


class Chunked(Format):
    """See the module.

    Attributes:
        chunk_suffix: what the names of chunks end in.
    """

    chunk_suffix: ClassVar[str] = CHUNK_SUFFIX

    def handle(self, name: str, path: str, info: os.stat_result) -> RunHandle | None:
        """See `Format.handle`; a folder that can't be listed is a run, so that reading it tells why."""
        if not stat.S_ISDIR(info.st_mode):
            return None
        size = newest = inodes = 0
        found = False
        try:
            for chunk in self._list(path):
                found = True
                about = chunk.stat()
                size += about.st_size
                newest = max(newest, changed_ns(about))
                inodes += about.st_ino
        except OSError:
            return RunHandle(name, path, self, 0, 0, 0)
        return RunHandle(name, path, self, size, newest, inodes & _LARGEST_INODE) if found else None

    def owns(self, parts: Sequence[str]) -> bool:
        """See `Format.owns`."""
        return len(parts) == 2 and self._is_chunk(parts[1])

    def document(self, handle: RunHandle) -> dict[str, Any]:
        """See `Format.document`."""
        folder = Path(handle.path)
        chunks = self._paths(folder)
        run: dict[str, Any] = read_as(chunks[self._run_chunk], parse_object)
        if not isinstance(run.get("parameters") or {}, dict):
            raise UnreadableRunError(chunks[self._run_chunk], "parameters is not an object")
        parameters = _parameters(chunks)
        if parameters:
            run["parameters"] = parameters
        _assemble(run, folder, self._pieces(chunks, _STEP, parse_object), self._pieces(chunks, _BRANCH, parse_object))
        return run

    def outline(self, handle: RunHandle, content: bytes | None = None) -> RunOutline:
        """See `Format.outline`."""
        folder = Path(handle.path)
        chunks = self._paths(folder)
        try:
            run = self._outline_of_chunks(folder, chunks)
        except UnreadableRunError:
            # What is wrong may be in a chunk that another one of the same name takes the place of.
            run = _outline_of(self.document(handle), folder)
        run.chunk_times_ns = tuple(sorted(filter(None, map(self._created_ns, chunks))))
        return run

    def _outline_of_chunks(self, folder: Path, chunks: Mapping[str, Path]) -> RunOutline:
        run = read_as(chunks[self._run_chunk], decode_run)
        parameters = _parameters(chunks)
        if parameters:
            run.parameters = parameters
        _assemble(run, folder, self._pieces(chunks, _STEP, decode_step), self._pieces(chunks, _BRANCH, decode_branch))
        return run

    def main_file(self, path: Path) -> Path:
        """See `Format.main_file`."""
        return path / self._run_chunk

    def largest(self, handle: RunHandle) -> int:
        """See `Format.largest`."""
        try:
            return max((chunk.stat().st_size for chunk in self._list(handle.path)), default=0)
        except OSError as error:
            raise UnreadableRunError(Path(handle.path), os_reason(error)) from None

    @property
    def _run_chunk(self) -> str:
        return RUN_CHUNK + self.chunk_suffix

    def _is_chunk(self, name: str) -> bool:
        return name == self._run_chunk or (name.startswith(_PIECES) and name.endswith(self.chunk_suffix))

    def _list(self, folder: str | Path) -> list[os.DirEntry[str]]:
        """List the chunks in the folder of a run, by name.

        Raises:
            OSError: the folder can't be listed.
        """
        with os.scandir(folder) as entries:
            chunks = [entry for entry in entries if self._is_chunk(entry.name)]
        return sorted(chunks, key=lambda chunk: chunk.name)

    def _paths(self, folder: Path) -> dict[str, Path]:
        """Map the names of the chunks to their paths.

        Raises:
            UnreadableRunError: the folder can't be listed, or lacks the chunk of the run.
        """
        try:
            chunks = {chunk.name: Path(chunk.path) for chunk in self._list(folder)}
        except OSError as error:
            raise UnreadableRunError(folder, os_reason(error)) from None
        if self._run_chunk not in chunks:
            raise UnreadableRunError(folder, f"no {self._run_chunk} among its chunks")
        return chunks

    def _created_ns(self, name: str) -> int:
        """Return the nanosecond in the name of a chunk's file, or 0 where there is none."""
        match = _NUMBER_AT_END.search(name.removesuffix(self.chunk_suffix))
        return int(match.group(1)) if match else 0

    def _pieces(self, chunks: Mapping[str, Path], prefix: str, parse: Callable[[bytes], T]) -> dict[str, T]:
        """Read the steps or branches among the chunks, by internal name, in the order in which they were made."""
        pieces: dict[str, T] = {}
        for path in sorted(_starting(chunks, prefix), key=lambda path: self._created_ns(path.name)):
            piece = read_as(path, parse)
            name = _field(piece, "internal_name")
            if not isinstance(name, str) or not name:
                raise UnreadableRunError(path, "not a step or branch log: it has no internal_name")
            pieces[name] = piece
        return pieces


_NUMBER_AT_END = re.compile(r"-([0-9]{1,20})$")


def _outline_of(document: dict[str, Any], folder: Path) -> RunOutline:
    try:
        return decode_run(json.dumps(document).encode())
    except ValueError as error:
        raise UnreadableRunError(folder, str(error)) from None


def _starting(chunks: Mapping[str, Path], prefix: str) -> Iterable[Path]:
    """Return the paths of the chunks whose names start with `prefix`, by name."""
    return (path for name, path in chunks.items() if name.startswith(prefix))


def _parameters(chunks: Mapping[str, Path]) -> dict[str, Any]:
    """Read the parameters that have chunks of their own, in natural order."""
    parameters: dict[str, Any] = {}
    for path in _starting(chunks, _PARAMETER):
        parameters.update(read_as(path, parse_object))
    return {key: parameters[key] for key in sorted(parameters, key=natural_key)}


def _assemble(run: Any, folder: Path, steps: Mapping[str, Any], branches: Mapping[str, Any]) -> None:
    """Hang branches below their steps and steps below their branches, in place.

    The pieces are JSON objects or structs of the same field names. A step whose branch is not there, which the
    engines refuse, is kept at the top, so that nothing is lost.

    Raises:
        UnreadableRunError: `steps` or `branches` of a piece is not an object.
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


CHUNKED = Chunked()
