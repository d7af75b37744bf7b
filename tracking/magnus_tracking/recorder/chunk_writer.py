"""Writing runs in chunks: a file for the run, each parameter, step and branch, so that steps may run at once.

magnus 0.5.1 reads such a run only once there is a step in it, and only if every step's branch is there. So the file
of the run is written after the first step, and branches before their steps.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from magnus_tracking.errors import RecordingError
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.journal.journal_paths import find_journals, journal_folder, times_file
from magnus_tracking.journal.reader import JournalReader
from magnus_tracking.recorder.atomic_files import locked, replace_file
from magnus_tracking.recorder.documents import Document, dump
from magnus_tracking.recorder.run_writer import Change, RunWriter
from magnus_tracking.runlog.file_names import (
    BRANCH_CHUNK,
    CHUNK_SUFFIX,
    ONE_FILE_SUFFIX,
    PARAMETER_CHUNK,
    RUN_CHUNK,
    STEP_CHUNK,
)

RUN_LOG = RUN_CHUNK + CHUNK_SUFFIX
_PLAIN_CHARACTERS = " !#$&'()+,;=@[]{}~"
_LONGEST_NAME = 255

T = TypeVar("T")


class ChunkedWriter(RunWriter):
    """A run in the folder ``<root>/<run_id>/``."""

    def __init__(self, root: Path, run_id: str) -> None:
        side, times = (find(root, run_id, chunked=True) for find in (journal_folder, times_file))
        super().__init__(run_id, side, times)
        self.folder = root / run_id
        self._root = root
        self._chunks = _Chunks(self.folder, self.side)

    def create(self, document: Document) -> bool:
        """See `RunWriter.create`."""
        self._root.mkdir(parents=True, exist_ok=True)
        if (self._root / f"{self.run_id}{ONE_FILE_SUFFIX}").exists():
            return False
        try:
            self.folder.mkdir()
        except FileExistsError:
            return False
        self.side.mkdir()
        self._chunks.unpublished = document
        return True

    def exists(self) -> bool:
        """See `RunWriter.exists`."""
        return self.folder.exists() or (self._root / f"{self.run_id}{ONE_FILE_SUFFIX}").exists()

    def _commit(self, earlier: list[Change[object]], change: Change[T]) -> T:
        with locked(self.side):
            self._chunks.restore()
            log = self._log()
            for before in earlier:
                before(log)
            return change(log)

    def _log(self) -> ChunkedLog:
        if self._chunks.unpublished is None and not (self.folder / RUN_LOG).exists():
            self._chunks.unpublished = self._first_log()
        return ChunkedLog(self._chunks)

    def _first_log(self) -> Document:
        """The log of a run that another process started and that has no step yet, from that process's journal."""
        for path in find_journals(self._root, self.run_id):
            reader = JournalReader(path, without_msgspec=True)
            reader.read_new()
            if reader.header is not None and reader.header.run is not None:
                return reader.header.run
        raise FileNotFoundError(f"no {RUN_LOG} in {self.folder}")


class _Chunks:
    """The files of a chunked run, and what this process wrote into them."""

    def __init__(self, folder: Path, side: Path) -> None:
        self.folder = folder
        self.unpublished: Document | None = None
        self._side = side
        self._written: dict[str, Document] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._last_ns = 0

    def restore(self) -> None:
        """Write again what this process wrote, where somebody removed the folder of the run."""
        there = set(os.listdir(self.folder))  # noqa: PTH208 - of perhaps thousands of steps, the names alone
        for name in [name for name in self._written if name not in there]:
            self._put(name, self._written[name])

    def put(self, kind: str, key: str, document: Document) -> None:
        name = self._names.get((kind, key)) or self._find(kind, key) or self._new_name(kind, key)
        self._put(name, document)
        self._names[kind, key] = name

    def put_run(self, run: Document) -> None:
        if self.unpublished is None:
            self._put(RUN_LOG, run)
        else:
            self.unpublished = run

    def put_parameter(self, key: str, value: object) -> None:
        name = f"{PARAMETER_CHUNK}-{quote(key, safe=_PLAIN_CHARACTERS)}{CHUNK_SUFFIX}"
        _check_length(name)
        self._put(name, {key: value})

    def publish(self) -> None:
        """Write the file of the run, after its first step."""
        if self.unpublished is None:
            return
        run = dict(self.unpublished)
        for key, value in run["parameters"].items():
            self.put_parameter(key, value)
        run["parameters"] = {}
        self._put(RUN_LOG, run)
        self.unpublished = None

    def get(self, kind: str, key: str) -> Document | None:
        name = self._names.get((kind, key)) or self._find(kind, key)
        if name is None:
            return None
        self._names[kind, key] = name
        return self.read(name)

    def read(self, name: str) -> Document:
        document: Document = json.loads(read_bytes(self.folder / name))
        return document

    def named(self, prefix: str) -> Iterator[str]:
        """The chunks whose names start with `prefix`, in the order in which they were made."""
        names = [name for name in os.listdir(self.folder) if name.startswith(prefix)]  # noqa: PTH208 - see `restore`
        return iter(sorted(names, key=lambda name: name.rpartition("-")[2]))

    def _find(self, kind: str, key: str) -> str | None:
        prefix = f"{kind}-{key}-"
        wanted = (name for name in self.named(prefix) if name.removeprefix(prefix).removesuffix(CHUNK_SUFFIX).isdigit())
        return next(wanted, None)

    def _new_name(self, kind: str, key: str) -> str:
        self._last_ns = max(time.time_ns(), self._last_ns + 1)
        name = f"{kind}-{key}-{self._last_ns}{CHUNK_SUFFIX}"
        _check_length(name)
        return name

    def _put(self, name: str, document: Document) -> None:
        replace_file(self.folder / name, dump(document), self._side)
        self._written[name] = document


def _check_length(name: str) -> None:
    if len(name.encode()) > _LONGEST_NAME:
        raise RecordingError(f"{name[:60]!r}… is too long for the name of a file: use shorter names")


class ChunkedLog:
    """A run log in chunks; see `Log` for the methods."""

    def __init__(self, chunks: _Chunks) -> None:
        self._chunks = chunks

    def run(self) -> Document:
        """See `Log.run`."""
        return self._chunks.unpublished or self._chunks.read(RUN_LOG)

    def put_run(self, run: Document) -> None:
        """See `Log.put_run`."""
        self._chunks.put_run(run)

    def parameters(self) -> Document:
        """See `Log.parameters`."""
        if self._chunks.unpublished is not None:
            return dict(self._chunks.unpublished["parameters"])
        parameters: Document = {}
        for name in self._chunks.named(f"{PARAMETER_CHUNK}-"):
            parameters.update(self._chunks.read(name))
        return parameters

    def set_parameters(self, parameters: Document) -> None:
        """See `Log.set_parameters`."""
        if self._chunks.unpublished is not None:
            self._chunks.unpublished["parameters"].update(parameters)
            return
        for key, value in parameters.items():
            self._chunks.put_parameter(key, value)

    def step(self, internal_name: str) -> Document | None:
        """See `Log.step`."""
        return self._chunks.get(STEP_CHUNK, internal_name)

    def put_step(self, step: Document) -> None:
        """See `Log.put_step`."""
        self._chunks.put(STEP_CHUNK, step["internal_name"], step)
        self._chunks.publish()

    def branch(self, internal_name: str) -> Document | None:
        """See `Log.branch`."""
        return self._chunks.get(BRANCH_CHUNK, internal_name)

    def put_branch(self, branch: Document) -> None:
        """See `Log.put_branch`."""
        self._chunks.put(BRANCH_CHUNK, branch["internal_name"], branch)

    def steps_in(self, branch: str) -> list[Document]:
        """See `Log.steps_in`."""
        prefix = f"{STEP_CHUNK}-{branch}." if branch else f"{STEP_CHUNK}-"
        steps = map(self._chunks.read, self._chunks.named(prefix))
        return [step for step in steps if step["internal_name"].rpartition(".")[0] == branch]

    def branches_in(self, step: str) -> list[Document]:
        """See `Log.branches_in`."""
        branches = map(self._chunks.read, self._chunks.named(f"{BRANCH_CHUNK}-{step}."))
        return [branch for branch in branches if branch["internal_name"].rpartition(".")[0] == step]
