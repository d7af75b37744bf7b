"""Which files hold what a step printed.

magnus (0.5.1) lists ``<step name, spaces as _>.execution.log`` in the step's catalog, with ``_<value>`` behind it in a
map; branches that hold a step of the same name overwrite each other's file, and the hash tells whose it is. runnable
(0.12 to 0.50) lists nothing: the file is named after the letters and digits of the node's name, followed by the map
values and three random characters, so that which attempt it belongs to can only be inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.catalog import CatalogHome, FileState, catalog_folders, check_file
from magnus_tracking.times import parse_time
from magnus_tracking.tree import walk

if TYPE_CHECKING:
    from magnus_tracking.models import DataCatalog, RunLog, StepAttempt, StepLog

_CATALOGED = re.compile(r"\.execution\.log(?:_.*)?$", re.DOTALL)
_RUNNABLE_END = ".execution.log"
_RANDOM_CHARACTERS = 3
_CLOCK = re.compile(rb"\[(\d\d:\d\d:\d\d)\]")
_HEAD = 4096
_TRACEBACK = b"Traceback (most recent call last)"
_MOST_SEARCHED = 8 << 20


@dataclass(frozen=True, slots=True)
class ExecutionLog:
    """A file that holds what a step printed.

    Attributes:
        path: the file.
        attempt: the number of the attempt that it belongs to, or None where that can't be told.
        inferred: whether the file, or its attempt, was told by its name and time rather than by the run log.
    """

    path: Path
    attempt: int | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class StepLogs:
    """The execution logs of a step, in the order of time.

    Attributes:
        logs: the files.
        reason: why there are none, or fewer than attempts, in words for the user; None where nothing is amiss.
    """

    logs: tuple[ExecutionLog, ...]
    reason: str | None = None

    def of_attempt(self, attempt: int | None) -> tuple[ExecutionLog, ...]:
        """The logs that belong, or can belong, to an attempt; with None all of them."""
        if attempt is None:
            return self.logs
        paired = tuple(log for log in self.logs if log.attempt == attempt)
        return paired or tuple(log for log in self.logs if log.attempt is None)


NOTHING_KEPT = "the engine kept no execution log for this step"
FILE_MISSING = "the execution log is in the catalog's list, but the file is not there any more"
OVERWRITTEN = "another branch with a step of this name has overwritten the execution log"
OUTSIDE = "the catalog entry points outside the catalog, so it is not followed"
UNREADABLE = "the execution log can't be read"
_REASONS = {
    FileState.MISSING: FILE_MISSING,
    FileState.ALTERED: OVERWRITTEN,
    FileState.OUTSIDE: OUTSIDE,
    FileState.UNREADABLE: UNREADABLE,
}


def find_logs(run: RunLog, step: StepLog, home: CatalogHome, run_id: str | None = None) -> StepLogs:
    """The execution logs of a step.

    Args:
        run: the run that holds the step.
        step: the step.
        home: where the catalog is.
        run_id: the name of the run's file or folder, if it differs from the id in the log.
    """
    folder = run_id or run.run_id
    entries = [entry for entry in step.data_catalog if entry.stage != "get" and _CATALOGED.search(entry.name)]
    if entries:
        return _cataloged(step, entries, home, folder)
    found = _named_after(run, step, home, folder)
    if not found:
        return StepLogs((), NOTHING_KEPT)
    return StepLogs(tuple(found))


def _cataloged(step: StepLog, entries: Sequence[DataCatalog], home: CatalogHome, run_id: str) -> StepLogs:
    logs = []
    reason = None
    paired = len(entries) == len(step.attempts)
    for place, entry in enumerate(entries):
        file = check_file(entry, home, run_id)
        if file.state is FileState.PRESENT and file.path is not None:
            number = step.attempts[place].attempt_number if paired else None
            logs.append(ExecutionLog(file.path, number, inferred=False))
        else:
            reason = _REASONS[file.state]
    unique = {log.path: log for log in logs}
    only = len(unique) == 1 and len(step.attempts) == 1
    if only:
        unique = {log.path: ExecutionLog(log.path, step.attempts[0].attempt_number, False) for log in logs}
    return StepLogs(tuple(unique.values()), reason if not unique else None)


def _named_after(run: RunLog, step: StepLog, home: CatalogHome, run_id: str) -> list[ExecutionLog]:
    """Runnable's logs of a step, by the names that it gives them, paired with attempts where the counts match."""
    stems = stems_of(run, step.internal_name)
    files = _files_named(stems, home, run_id)
    if not files:
        return []
    sharing = [node.step for node in walk(run) if stems_of(run, node.step.internal_name) & stems]
    attempts = sorted(
        ((attempt, owner.internal_name) for owner in sharing for attempt in owner.attempts), key=lambda a: _start(a[0])
    )
    if len(attempts) == len(files):
        pairs = _pairs(_by_time(files), attempts)
        return [
            ExecutionLog(path, attempt.attempt_number, inferred=len(files) > 1)
            for path, (attempt, owner) in pairs
            if owner == step.internal_name
        ]
    return [ExecutionLog(path, None, inferred=True) for path in _by_time(files)]


def _pairs(
    files: Sequence[Path], attempts: Sequence[tuple[StepAttempt, str]]
) -> Iterable[tuple[Path, tuple[StepAttempt, str]]]:
    """Files with attempts, both in the order of time, and a traceback with an attempt that failed.

    The files' times are lost when a store is copied; what they say is not.
    """
    failed = [attempt for attempt in attempts if attempt[0].status == "FAIL"]
    raised = [path for path in files if _holds_traceback(path)]
    if len(failed) != len(raised) or len(files) == 1:
        return zip(files, attempts, strict=True)
    passed = [attempt for attempt in attempts if attempt[0].status != "FAIL"]
    quiet = [path for path in files if path not in raised]
    return [*zip(raised, failed, strict=True), *zip(quiet, passed, strict=True)]


def _holds_traceback(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _TRACEBACK in file.read(_MOST_SEARCHED)
    except OSError:
        return False


def stems_of(run: RunLog, internal_name: str) -> set[str]:
    """What the names of a step's log files can begin with, in the dialects of runnable."""
    parts = internal_name.split(".")
    kinds = _composite_kinds(run, parts)
    words, values = [], []
    for place, part in enumerate(parts):
        kind = kinds[place // 2] if place % 2 else ""
        if kind == "map":
            words.append("map_variable_placeholder")
            values.append(part)
        elif kind == "loop":
            words.append("loop_variable_placeholder")
        else:
            words.append(part)
    name = "".join(words)
    return {_letters_and_digits(name + "".join(prefix + value for value in values)) for prefix in ("value", "")}


def _composite_kinds(run: RunLog, parts: Sequence[str]) -> list[str]:
    """The step types of the steps on the way to an internal name."""
    kinds = []
    steps = run.steps
    for end in range(1, len(parts), 2):
        step = steps.get(".".join(parts[:end]))
        kinds.append(step.step_type if step else "")
        branch = step.branches.get(".".join(parts[: end + 1])) if step else None
        steps = branch.steps if branch else {}
    return kinds


def _letters_and_digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _files_named(stems: Iterable[str], home: CatalogHome, run_id: str) -> list[Path]:
    wanted = set(stems)
    for folder in catalog_folders("", home):
        root = folder / run_id
        if root.resolve().parent != folder.resolve():
            continue
        try:
            names = [entry.name for entry in root.iterdir() if entry.is_file() and not entry.is_symlink()]
        except OSError:
            continue
        return [
            root / name
            for name in sorted(names)
            if name.endswith(_RUNNABLE_END) and name[: -len(_RUNNABLE_END) - _RANDOM_CHARACTERS] in wanted
        ]
    return []


def _start(attempt: StepAttempt) -> str:
    start = parse_time(attempt.start_time)
    return start.isoformat(timespec="microseconds") if start else ""


def _by_time(paths: Sequence[Path]) -> list[Path]:
    """Logs in the order of time: by the first clock in each, or by the files' own times where one shows none."""
    clocks = {path: _first_clock(path) for path in paths}
    if all(clocks.values()):
        return sorted(paths, key=lambda path: (clocks[path], path.name))
    return sorted(paths, key=lambda path: (_modified(path), path.name))


def _first_clock(path: Path) -> str:
    try:
        with path.open("rb") as file:
            shown = _CLOCK.search(file.read(_HEAD))
    except OSError:
        return ""
    return shown.group(1).decode() if shown else ""


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
