"""Where the values of an engine's step are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from magnus_tracking.journal.format import ATTEMPT, Header, Writer
from magnus_tracking.journal.journal_paths import journal_folder
from magnus_tracking.runlog.default_names import STORE_FOLDER
from magnus_tracking.runlog.file_names import CHUNK_SUFFIX, ONE_FILE_SUFFIX, RUN_CHUNK

MAGNUS = "magnus"
RUNNABLE = "runnable"

ATTEMPT_VARIABLE = "RUNNABLE_STEP_ATTEMPT"
"""The environment variable in which runnable tells the number of an attempt."""

UNKNOWN_STEP = ""
"""Stands for the step where nobody can tell which one tracked; the values are kept under the run."""

_FOLDER_IN_CONTAINERS = "/tmp/run_logs"
"""Where runnable mounts the store, whatever is configured."""


class Unreachable(Exception):
    """The process belongs to an engine's run, but nothing can be kept beside it; the message says why."""


@dataclass(frozen=True, slots=True)
class RunPlace:
    """A run of an engine on this disk.

    Attributes:
        root: the folder that holds the run logs.
        run_id: the run.
        chunked: whether it is a folder of chunks.
    """

    root: Path
    run_id: str
    chunked: bool

    @property
    def journals(self) -> Path:
        """The folder of the journals, whether or not it is there."""
        return journal_folder(self.root, self.run_id, chunked=self.chunked)


@dataclass(frozen=True, slots=True)
class EngineStep:
    """The attempt of a step that this process belongs to.

    Attributes:
        engine: ``magnus`` or ``runnable``.
        place: the run.
        step: the internal name, resolved; `UNKNOWN_STEP` where it can't be told.
        attempt: the number that the engine will give the attempt.
        writer: the engine's main process: while it lives, so may the run.
        worker: the process that runs the step, as ``pid:start``.
        shell: of a shell task, the engine's shell as ``pid:start``; its children share a journal.
        reason: why the step can't be told, where it can't.
    """

    engine: str
    place: RunPlace
    step: str
    attempt: int
    writer: Writer
    worker: str
    shell: str = ""
    reason: str = ""

    def header(self, time: str, clock: int, below: str = "") -> Header:
        """What the first line of a journal of this attempt says; see `Header`."""
        return Header(
            ATTEMPT,
            self.place.run_id,
            self.step,
            self.attempt,
            time=time,
            writer=self.writer,
            clock=clock,
            engine=self.engine,
            below=below,
            worker=self.worker,
            shell=self.shell,
        )


def locate(run_id: str, folders: Iterable[str], bases: Iterable[str]) -> RunPlace | None:
    """Find a run among folders that may hold its store.

    A folder counts only where the log of the run is there: a step may have changed the current folder, to which the
    engines take a store's folder relative.

    Args:
        run_id: the run.
        folders: as the engine names them.
        bases: what they may be relative to.
    """
    named = list(dict.fromkeys([*folders, STORE_FOLDER, _FOLDER_IN_CONTAINERS]))
    tried = list(dict.fromkeys(bases))
    for folder in named:
        for base in tried[:1] if os.path.isabs(folder) else tried:  # noqa: PTH117 - a text, not yet a path
            root = Path(base, folder)
            for chunked in (False, True):
                log = root / run_id / (RUN_CHUNK + CHUNK_SUFFIX) if chunked else root / (run_id + ONE_FILE_SUFFIX)
                if log.is_file():
                    return RunPlace(root.absolute(), run_id, chunked)
    return None


def bases_here() -> list[str]:
    """The folders that a store's folder may be relative to, as far as this process can tell."""
    here: list[str] = []
    for start in (_current_folder(), os.environ.get("PWD", "")):
        if start:
            here += [start, *map(str, Path(start).parents)]
    return here


def _current_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return ""
