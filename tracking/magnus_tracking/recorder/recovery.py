"""Folding in what processes tracked that were killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from magnus_tracking.engines.run_log import is_engines
from magnus_tracking.errors import MagnusTrackingError, RecordingError, os_reason
from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.format import Header
from magnus_tracking.journal.journal_paths import JOURNAL_SUFFIX, side_folders
from magnus_tracking.journal.reader import JournalReader
from magnus_tracking.journal.times import encode_times
from magnus_tracking.journal.writer_liveness import WriterState, writer_state
from magnus_tracking.recorder.atomic_files import remove_side
from magnus_tracking.recorder.chunk_writer import RUN_LOG, ChunkedWriter
from magnus_tracking.recorder.code_identity import code_identity
from magnus_tracking.recorder.documents import (
    FAIL,
    Document,
    begin_attempt,
    end_attempt,
    new_attempt,
    new_branch,
    new_step,
    now,
)
from magnus_tracking.recorder.endings import put_terminal_step
from magnus_tracking.recorder.failures import Failures
from magnus_tracking.recorder.one_file_writer import FileSystemWriter
from magnus_tracking.recorder.run_writer import Log, RunWriter
from magnus_tracking.runlog.file_names import ONE_FILE_SUFFIX
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

SEALED_MODE = 0o444
"""The mode of a journal whose attempt has ended: nobody's to write."""

STARTING_GRACE = 10.0
"""Seconds within which a process that starts a run opens its journal, by far."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done about one run.

    Attributes:
        run_id: the run.
        attempts: the attempts that were ended, as ``step (attempt n)``.
        reason: why it was left alone, or empty.
        failed: whether that is because something is wrong.
    """

    run_id: str
    attempts: tuple[str, ...] = ()
    reason: str = ""
    failed: bool = False


def recover_store(root: Path, *, force: bool = False) -> list[Recovery]:
    """Recover all runs of a store whose processes are gone; one that can't be is left, and told.

    Args:
        root: the folder of the run logs.
        force: whether to take processes of other hosts, of which nothing is known, for gone.

    Raises:
        RecordingError: the store can't be listed.
    """
    try:
        with _alone(root):
            return [_one_of_many(root, run_id, chunked=chunked, force=force) for run_id, chunked in side_folders(root)]
    except OSError as error:
        raise RecordingError(f"can't recover the run log store {root}: {os_reason(error)}") from error


def _one_of_many(root: Path, run_id: str, *, chunked: bool, force: bool) -> Recovery:
    try:
        return _recover(root, run_id, chunked=chunked, force=force)
    except (MagnusTrackingError, OSError) as error:
        return Recovery(run_id, reason=f"can't be recovered: {os_reason(error)}", failed=True)


def recover_run(
    root: Path, run_id: str, *, chunked: bool, force: bool = False, grace: float = STARTING_GRACE
) -> Recovery:
    """Fold in what the processes of a run had tracked, and mark it FAIL, if they are gone.

    Args:
        root: the folder of the run logs.
        run_id: the run.
        chunked: whether it is a folder of chunks.
        force: see `recover_store`.
        grace: seconds for which a run without any journal is taken for one that is just being started.

    Raises:
        RecordingError: the log can't be read or written; the journals stay.
    """
    try:
        with _alone(root):
            return _recover(root, run_id, chunked=chunked, force=force, grace=grace)
    except OSError as error:
        raise RecordingError(f"can't recover run {run_id!r} in {root}: {os_reason(error)}") from error


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Recover what is in a store while nobody else on this host does; it is the lock of the folder itself.

    Raises:
        OSError: the folder can't be opened.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _recover(root: Path, run_id: str, *, chunked: bool, force: bool = False, grace: float = STARTING_GRACE) -> Recovery:
    """Recover one run unless an engine or a living process writes it; the store is locked meanwhile."""
    writer: RunWriter = ChunkedWriter(root, run_id) if chunked else FileSystemWriter(root, run_id)
    journals = _journals(writer.side)
    if any(header.engine for header in journals.values()) or _is_engines(writer, root, chunked=chunked):
        return Recovery(run_id, reason="an engine writes its log, which is left alone; its journals are shown with it")
    for header in journals.values():
        state = writer_state(header)
        if state is WriterState.ALIVE:
            return Recovery(run_id, reason=f"process {header.writer.pid} is still recording it")
        if state is WriterState.UNKNOWN and not force:
            where = f"host {header.writer.host!r}" if header.writer.host else "another program"
            return Recovery(run_id, reason=f"nothing is known here of its process on {where}; --force recovers anyway")
    if not journals:
        if not writer.side.exists() and _has_log(root, run_id, chunked=chunked) and writer.look(_has_ended):
            # Another process recovered it a moment ago, or it ended by itself.
            return Recovery(run_id)
        if _age(writer.side) < grace:
            return Recovery(run_id, reason="it may be just starting: try again in a moment")
        if not _has_log(root, run_id, chunked=chunked):
            return _forget(root, run_id, writer.side)
    last_sign = _last_sign(journals)
    ended = [_end_attempt(writer, path, header) for path, header in journals.items() if header.is_of_attempt]
    reason = _reason(next(iter(journals.values()), None))
    identity = code_identity()
    writer.apply(lambda log: _end_run(log, reason, identity, last_sign))
    for path in journals:
        path.unlink(missing_ok=True)
    remove_side(writer.side)
    return Recovery(run_id, tuple(ended))


def _is_engines(writer: RunWriter, root: Path, *, chunked: bool) -> bool:
    """Whether the log of a run is that of an engine, which nothing may be folded into."""
    return _has_log(root, writer.run_id, chunked=chunked) and writer.look(lambda log: is_engines(log.run()))


def end_dead_attempts(writer: RunWriter, failures: Failures) -> None:
    """End the attempts of a run that were begun by processes that are gone."""
    for path, header in _journals(writer.side).items():
        if header.is_of_attempt and writer_state(header) is WriterState.GONE:
            try:
                _end_attempt(writer, path, header)
            except RecordingError as error:
                failures.report(str(error), error)
                continue
            path.unlink(missing_ok=True)


def _has_ended(log: Log) -> bool:
    return log.run()["status"] in FINAL_STATUSES


def _age(side: Path) -> float:
    try:
        return time.time() - side.stat().st_mtime
    except OSError:
        return 0.0


def _has_log(root: Path, run_id: str, *, chunked: bool) -> bool:
    return (root / run_id / RUN_LOG if chunked else root / f"{run_id}{ONE_FILE_SUFFIX}").exists()


def _forget(root: Path, run_id: str, side: Path) -> Recovery:
    """Give back the id of a run whose process was killed before it wrote anything."""
    remove_side(side)
    if not side.exists() and side.parent != root and not any(side.parent.iterdir()):
        side.parent.rmdir()
    return Recovery(run_id, reason="its process ended before anything was recorded")


def _journals(side: Path) -> dict[Path, Header]:
    headers = {}
    for path in sorted(side.glob(f"*{JOURNAL_SUFFIX}")):
        reader = JournalReader(path, without_msgspec=True)
        reader.read_new(limit=1)
        if reader.header is not None:
            headers[path] = reader.header
        else:
            with contextlib.suppress(FileNotFoundError):
                # Killed between opening and writing the first line: nothing was tracked.
                if not path.stat().st_size:
                    path.unlink()
    return headers


def _reason(header: Header | None) -> str:
    if header is None:
        return "the process ended without finishing the run"
    writer = header.writer
    return f"process {writer.pid} on {writer.host} ended without finishing the run"


def _end_attempt(writer: RunWriter, path: Path, header: Header) -> str:
    """Fold a journal into the run log, its attempt as failed; what was ended, in words."""
    # A child of the killed process may still be tracking: from here on it is told that its step has ended.
    path.chmod(SEALED_MODE)
    fold = Fold()
    for records in JournalReader(path, without_msgspec=True).read_all():
        fold.add(records)
    message = _reason(header)
    # The last that is known of the attempt is when it tracked something.
    ended = str(_last_sign([path]) or datetime.now())

    def end(log: Log) -> None:
        step = _begun_step(log, header, ended)
        if not any(_is_open(attempt, header.attempt) for attempt in step["attempts"]):
            return
        end_attempt(step, header.attempt, ended, message, fold.metrics())
        log.put_step(step)

    writer.apply(end)
    try:
        writer.keep_times(encode_times(header, fold))
    except OSError as error:
        raise RecordingError(f"can't keep the times of values in {writer.times}: {os_reason(error)}") from error
    return f"{header.step} (attempt {header.attempt})"


def _begun_step(log: Log, header: Header, ended: str) -> Document:
    """The step of a journal, with its attempt; both are made where a full disk kept them out of the log."""
    step = log.step(header.step)
    if step is None:
        branch, _, name = header.step.rpartition(".")
        _make_branch(log, branch)
        step = new_step(name, header.step, "task", code_identity())
    if all(attempt["attempt_number"] != header.attempt for attempt in step["attempts"]):
        started = header.time if parse_time(header.time) else ended
        begin_attempt(step, new_attempt(header.attempt, started, log.parameters()))
    return step


def _make_branch(log: Log, branch: str) -> None:
    """Put a branch into the log that is not there, in a step that is made where it is missing, too."""
    if not branch or log.branch(branch) is not None:
        return
    holder = branch.rpartition(".")[0]
    if log.step(holder) is None:
        outer, _, name = holder.rpartition(".")
        _make_branch(log, outer)
        log.put_step(new_step(name, holder, "parallel", code_identity()))
    log.put_branch(new_branch(branch))


def _is_open(attempt: Document, number: int) -> bool:
    return attempt["attempt_number"] == number and attempt["status"] not in FINAL_STATUSES


def _last_sign(journals: Iterable[Path]) -> datetime | None:
    """When journals were last written to: nobody knows of anything later."""
    signs = []
    for path in journals:
        reader = JournalReader(path, without_msgspec=True)
        for _ in reader.read_all():
            pass
        with contextlib.suppress(OSError):
            signs.append(reader.last_sign(path.stat().st_mtime))
    return max(filter(None, signs), default=None)


def _end_run(log: Log, reason: str, identity: Document, last_sign: datetime | None) -> None:
    """End a run whose processes are gone, at its last sign of life rather than now."""
    run = log.run()
    if run["status"] in FINAL_STATUSES:
        return
    times = [*_times(log, ""), *([last_sign] if last_sign else [])]
    ended = str(max(times)) if times else now()
    _end_steps(log, "", reason, ended)
    put_terminal_step(log, "", FAIL, identity, moment=ended)
    log.put_run({**log.run(), "status": FAIL})


def _times(log: Log, branch: str) -> Iterator[datetime]:
    """Every time of the attempts of a run, or of a branch."""
    for step in log.steps_in(branch):
        for attempt in step["attempts"]:
            yield from filter(None, (parse_time(attempt["start_time"]), parse_time(attempt["end_time"])))
        for inner in log.branches_in(step["internal_name"]):
            yield from _times(log, inner["internal_name"])


def _end_steps(log: Log, branch: str, reason: str, ended: str) -> None:
    for step in log.steps_in(branch):
        if step["status"] in FINAL_STATUSES:
            continue
        for attempt in step["attempts"]:
            if attempt["status"] not in FINAL_STATUSES:
                end_attempt(step, attempt["attempt_number"], ended, reason, step["user_defined_metrics"])
        step["status"] = FAIL
        step["message"] = reason
        log.put_step(step)
        for inner in log.branches_in(step["internal_name"]):
            if inner["status"] not in FINAL_STATUSES:
                _end_steps(log, inner["internal_name"], reason, ended)
                log.put_branch({**(log.branch(inner["internal_name"]) or inner), "status": FAIL})
