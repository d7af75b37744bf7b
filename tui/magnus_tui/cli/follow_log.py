"""``magnus-tui log --follow``: what steps print, as they print it."""

from __future__ import annotations

import os
from pathlib import Path

from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.logs.escapes import strip_escapes
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.models import StepLog
from magnus_tracking.runlog.tree import find_step, leaf_steps
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui.cli.output import write_text
from magnus_tui.cli.store_access import Opened
from magnus_tui.cli.watched_run import watch
from magnus_tui.format.text import clean

_BLOCK = 1 << 20


class Tail:
    """A file that grows, read on line by line.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._held = b""

    def read_on(self, *, to_the_end: bool = False) -> str:
        """The whole lines that have come, a block at a time, without terminal escapes; a cut file begins anew.

        Args:
            to_the_end: whether a last line without an end counts, too.
        """
        with open_binary(self._path) as file:
            if os.fstat(file.fileno()).st_size < self._offset:
                self._offset, self._held = 0, b""
            file.seek(self._offset)
            read = file.read(_BLOCK)
            self._offset = file.tell()
        data = self._held + read
        ends = to_the_end and len(read) < _BLOCK
        end = data.rfind(b"\n") + 1
        if ends or (not end and len(data) >= _BLOCK):
            end = len(data)
        self._held = data[end:]
        lines = strip_escapes(data[:end].decode("utf-8", "replace"))
        return lines + ("\n" if lines and not lines.endswith("\n") and ends else "")


def follow_logs(opened: Opened, run_id: str, name: str | None) -> bool:
    """Print what the running steps of a run print, each below a line that names it, until the run has ended.

    Args:
        opened: the store.
        run_id: the run.
        name: only this step, from its beginning.

    Returns:
        whether there was a log.

    Raises:
        StepNotFoundError: no step is meant.
        AmbiguousNameError: several are.
    """
    tails: dict[Path, Tail] = {}
    steps: list[StepLog] = []
    ended: set[str] | None = None
    last: Path | None = None
    for watched in watch(opened, run_id):
        if watched.changed:
            log, _ = opened.load_with_series(run_id)
            leaves = [find_step(log, name)] if name is not None else leaf_steps(log)
            if ended is None:
                ended = {step.internal_name for step in leaves if name is None and step.status in FINAL_STATUSES}
            steps = [step for step in leaves if step.internal_name not in ended]
        of_run = RunLogs(log, opened.store, run_id)
        for step in steps:
            for execution_log in of_run.of(step).logs:
                tail = tails.setdefault(execution_log.path, Tail(execution_log.path))
                is_done = step.status in FINAL_STATUSES or not watched.goes_on
                while text := _text(tail, is_done):
                    if last != execution_log.path:
                        attempt = "not known" if execution_log.attempt is None else execution_log.attempt
                        write_text(f"==> {clean(step.internal_name)}, attempt {attempt} <==\n")
                        last = execution_log.path
                    write_text(text)
    return bool(tails)


def _text(tail: Tail, is_done: bool) -> str:
    try:
        return tail.read_on(to_the_end=is_done)
    except OSError:
        # Gone since it was found, as a step moves its log into the catalog when it ends.
        return ""
