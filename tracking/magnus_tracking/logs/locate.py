"""Which files hold what a step printed.

magnus (0.5.1) lists ``<step name, spaces as _>.execution.log`` in the step's catalog, with ``_<value>`` behind it in a
map; branches that hold a step of the same name overwrite each other's file, and the hash tells whose it is. runnable
(0.12 to 0.50) lists nothing: the file is found by its name, so that which attempt it belongs to can only be inferred;
see `magnus_tracking.logs.runnable_names`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.filesystem.shown_paths import shown_path
from magnus_tracking.logs.catalog import (
    CatalogFile,
    CatalogHome,
    FileHashes,
    FileState,
    catalog_folders,
    check_file,
    refusal,
    run_folder,
    run_home,
)
from magnus_tracking.logs.runnable_names import files_by_stem, stems_by_step
from magnus_tracking.logs.unfinished import open_log
from magnus_tracking.runlog.default_names import LOG_SUFFIX
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import is_ours, walk

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import DataCatalog, RunLog, StepAttempt, StepLog

_CATALOGED = re.compile(rf"{re.escape(LOG_SUFFIX)}(?:_.*)?$", re.DOTALL)
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


@dataclass(frozen=True)
class StepLogs:
    """The execution logs of a step, in the order of time.

    Attributes:
        logs: the files.
        reason: why there are none, or fewer than the catalog lists, in words for the user; None where nothing is amiss.
        looked: the folders that were looked through, where something was not found.
        refused: what is said of a folder that was not read; see `magnus_tracking.logs.catalog.refusal`.
    """

    logs: tuple[ExecutionLog, ...]
    reason: str | None = None
    looked: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def statement(self) -> str | None:
        """The reason with where it was looked, and how to allow what was not."""
        if self.reason is None:
            return None
        where = f"; looked in {', '.join(self.looked)}" if self.looked else ""
        if self.refused is None:
            return self.reason + where
        return f"{self.reason}{where}; {self.refused}"

    @property
    def why_none(self) -> str:
        """What to say of an attempt without a log."""
        return self.statement or "the engine kept no execution log of this attempt"

    def of_attempt(self, attempt: int | None) -> tuple[ExecutionLog, ...]:
        """The logs that belong, or can belong, to an attempt; with None all of them."""
        if attempt is None:
            return self.logs
        return self._by_attempt.get(attempt) or self._by_attempt.get(None, ())

    @cached_property
    def _by_attempt(self) -> dict[int | None, tuple[ExecutionLog, ...]]:
        by_attempt: dict[int | None, list[ExecutionLog]] = {}
        for log in self.logs:
            by_attempt.setdefault(log.attempt, []).append(log)
        return {attempt: tuple(logs) for attempt, logs in by_attempt.items()}


PRINTS_NOTHING = "the steps inside have execution logs; this one prints nothing itself"
"""What is said of a composite step."""
NOTHING_KEPT = "the engine kept no execution log for this step"
FILE_MISSING = "the execution log is in the catalog's list, but the file is not there any more"
OVERWRITTEN = "another branch with a step of this name has overwritten the execution log"
OVERWRITTEN_LATER = "a later attempt has overwritten the execution log"
ALTERED = "the execution log was changed after the engine wrote it, so it may not be this step's"
OUTSIDE = "the catalog entry points outside the catalog, so it is not followed"
NOT_ALLOWED = "the execution log was not found"
UNREADABLE = "the execution log can't be read"
_REASONS = {
    FileState.MISSING: FILE_MISSING,
    FileState.NOT_ALLOWED: NOT_ALLOWED,
    FileState.OUTSIDE: OUTSIDE,
    FileState.UNREADABLE: UNREADABLE,
}


class RunLogs:
    """The execution logs of a run's steps: what takes long is done once for all of them."""

    def __init__(self, run: RunLog, home: CatalogHome, run_id: str | None = None) -> None:
        """Look for the logs of a run.

        Args:
            run: the run.
            home: where the catalog is.
            run_id: the name of the run's file or folder, if it differs from the id in the log.
        """
        self._run = run
        self._home = run_home(home, run.run_config)
        self._folder = run_id or run.run_id
        self._home.bring(self._folder)
        self._hashes = FileHashes()
        self._is_ours = is_ours(run)
        self._found: dict[str, StepLogs] = {}
        self._named_alike: dict[frozenset[str], dict[str | None, list[ExecutionLog]]] = {}

    def of(self, step: StepLog) -> StepLogs:
        """The execution logs of one of the run's steps; last the one that is being written."""
        found = self._found.get(step.internal_name)
        if found is None:
            found = self._found[step.internal_name] = self._of(step)
        return found

    def _of(self, step: StepLog) -> StepLogs:
        path = open_log(step, self._home, self._folder, ours=self._is_ours)
        if path is None:
            return self._ended(step, step.attempts)
        ended = self._ended(step, step.attempts[:-1])
        if any(log.path == path for log in ended.logs) or (not step.attempts and path.name in self._steps_by_entry):
            return ended
        # A running step has no entry in the catalog: that the file is this attempt's is told by its name.
        written = ExecutionLog(path, step.attempts[-1].attempt_number if step.attempts else None, inferred=True)
        return StepLogs((*ended.logs, written), ended.reason if ended.logs else None)

    def _ended(self, step: StepLog, attempts: Sequence[StepAttempt]) -> StepLogs:
        own = f"{step.name.replace(' ', '_')}."
        entries = [entry for entry in step.data_catalog if entry.stage != "get" and _CATALOGED.search(entry.name)]
        entries = [entry for entry in entries if entry.name.startswith(own)] or entries
        if entries:
            return self._cataloged(step, entries, attempts)
        found = self._named_after(step)
        if found or step.mock:
            return StepLogs(tuple(found), None if found else NOTHING_KEPT)
        return self._not_found((), NOTHING_KEPT, "")

    def _not_found(self, logs: tuple[ExecutionLog, ...], reason: str, location: str) -> StepLogs:
        looked = tuple(
            shown_path(folder / self._folder)
            for folder in catalog_folders(location, self._home)
            if run_folder(folder, self._folder, self._home) is not None
        )
        return StepLogs(logs, reason, looked, refusal(location, self._home, self._folder))

    def _cataloged(self, step: StepLog, entries: Sequence[DataCatalog], attempts: Sequence[StepAttempt]) -> StepLogs:
        """The logs that the catalog lists, paired with attempts where there are as many."""
        logs: dict[Path, ExecutionLog] = {}
        reason = None
        paired = len(entries) == len(attempts)
        for place, entry in enumerate(entries):
            file = check_file(entry, self._home, self._folder, self._hashes)
            number = attempts[place].attempt_number if paired else None
            if file.state is not FileState.PRESENT:
                reason = self._why_not(entry, file, last=place == len(entries) - 1)
            if file.path is not None and (file.state is FileState.PRESENT or reason == ALTERED):
                logs[file.path] = ExecutionLog(file.path, number, inferred=reason == ALTERED)
        if len(logs) == 1 and len(attempts) == 1:
            logs = {path: replace(log, attempt=attempts[0].attempt_number) for path, log in logs.items()}
        if reason in (FILE_MISSING, NOT_ALLOWED):
            return self._not_found(tuple(logs.values()), reason, entries[-1].catalog_handler_location)
        return StepLogs(tuple(logs.values()), reason)

    def _why_not(self, entry: DataCatalog, file: CatalogFile, *, last: bool) -> str:
        if file.state in _REASONS:
            return _REASONS[file.state]
        if not last:
            return OVERWRITTEN_LATER
        return OVERWRITTEN if self._steps_by_entry[entry.name] > 1 else ALTERED

    @cached_property
    def _steps_by_entry(self) -> Counter[str]:
        """How many steps have a catalog entry of each name."""
        return Counter(name for node in walk(self._run) for name in {entry.name for entry in node.step.data_catalog})

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        for folder in catalog_folders("", self._home):
            root = run_folder(folder, self._folder, self._home)
            try:
                if root is not None and (found := files_by_stem(root)):
                    return found
            except OSError:
                continue
        return {}

    @cached_property
    def _stems(self) -> dict[str, frozenset[str]]:
        return stems_by_step(self._run, self._files.keys()) if self._files else {}

    @cached_property
    def _owners(self) -> dict[str, list[StepLog]]:
        owners: dict[str, list[StepLog]] = {}
        for node in walk(self._run) if self._files else ():
            for stem in self._stems.get(node.step.internal_name, ()):
                owners.setdefault(stem, []).append(node.step)
        return owners

    def _named_after(self, step: StepLog) -> list[ExecutionLog]:
        """The files that are named after a step, paired with attempts where the counts match."""
        stems = self._stems.get(step.internal_name, frozenset())
        alike = self._named_alike.get(stems)
        if alike is None:
            alike = self._named_alike[stems] = self._by_owner(stems)
        return alike.get(None) or alike.get(step.internal_name, [])

    def _by_owner(self, stems: frozenset[str]) -> dict[str | None, list[ExecutionLog]]:
        """The files with one of the stems by the step that they belong to; by None where that can't be told."""
        files = [path for stem in stems for path in self._files[stem]]
        sharing = {owner.internal_name: owner for stem in stems for owner in self._owners[stem]}
        attempts = sorted(
            ((attempt, owner.internal_name) for owner in sharing.values() for attempt in owner.attempts),
            key=lambda a: _start(a[0]),
        )
        if len(attempts) != len(files):
            return {None: [ExecutionLog(path, None, inferred=True) for path in _by_time(files)]}
        by_owner: dict[str | None, list[ExecutionLog]] = {}
        for path, (attempt, owner) in _pairs(_by_time(files), attempts):
            by_owner.setdefault(owner, []).append(ExecutionLog(path, attempt.attempt_number, inferred=len(files) > 1))
        return by_owner


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
    loud = set(raised)
    quiet = [path for path in files if path not in loud]
    return [*zip(raised, failed, strict=True), *zip(quiet, passed, strict=True)]


def _holds_traceback(path: Path) -> bool:
    try:
        with open_binary(path) as file:
            return _TRACEBACK in file.read(_MOST_SEARCHED)
    except OSError:
        return False


def _start(attempt: StepAttempt) -> str:
    start = parse_time(attempt.start_time)
    return start.isoformat(timespec="microseconds") if start else ""


def _by_time(paths: Sequence[Path]) -> list[Path]:
    """Logs in the order of time: by the first clock in each, or by the files' own times where one shows none."""
    clocks = {path: _first_clock(path) for path in paths}
    if not all(clocks.values()):
        clocks = {}
    return sorted(paths, key=lambda path: (clocks.get(path, ""), _modified(path), path.name))


def _first_clock(path: Path) -> str:
    try:
        with open_binary(path) as file:
            shown = _CLOCK.search(file.read(_HEAD))
    except OSError:
        return ""
    return shown.group(1).decode() if shown else ""


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
