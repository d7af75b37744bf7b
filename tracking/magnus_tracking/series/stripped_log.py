"""A huge run log opened without its long metrics, whose values are in its series.

What is in the place of a long metric's values says how long they are. The full run log is `Store.load`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.garbage_collection import paused_collection
from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.metric_summary import MetricSummary, last_of, summarize_values
from magnus_tracking.runlog.nan_marks import holds_marks, unmark
from magnus_tracking.runlog.outline import AttemptOutline, RunOutline, StepOutline, decode_run
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.summary import RunFile, RunSummary, summarize

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog

LONG = 1 << 16
"""Bytes of a metric's text above which it is left out."""

_BEGINNING = 256

_IN_FULL = 1024
"""Values up to which a series is summarised at once."""


def text_without_long_metrics(text: bytes, outline: RunOutline) -> bytes | None:
    """The text of a run log with a short text in the place of each long metric.

    Args:
        text: what the outline was decoded from: `magnus_tracking.runlog.outline.decode_run_and_text` gives both.
        outline: the outline.

    Returns:
        The short text, in which bare NaN and infinities may be marked as `magnus_tracking.runlog.outline` marks
        them; None where it is not as the engines write it, so that nothing can be left out.
    """
    parts: list[bytes] = []
    start = 0
    for metric in _long_metrics(outline):
        place = text.find(metric[:_BEGINNING], start)
        while place >= 0 and not text.startswith(metric, place):
            place = text.find(metric[:_BEGINNING], place + 1)
        if place < 0:
            return None
        parts += [text[start:place], left_out(len(metric))]
        start = place + len(metric)
    return b"".join([*parts, text[start:]])


def left_out(size: int) -> bytes:
    """What is in the place of a long metric.

    Args:
        size: the bytes of its text.
    """
    return b'"%d kB of values, shown as a series"' % (size >> 10)


def prepare() -> None:
    """Import what `run_of_text` needs, which takes a while that is best spent while the text is still being read."""
    importlib.import_module("magnus_tracking.runlog.models")


def run_of_text(path: str, short: bytes) -> RunLog:
    """The run log that a text of `text_without_long_metrics` holds.

    Raises:
        UnreadableRunError: it is not a run log.
    """
    from magnus_tracking.stores.full_run import validate

    try:
        with paused_collection():
            document = parse_object(short)
            return validate(path, unmark(document) if holds_marks(short) else document)
    except (ValueError, RecursionError) as error:
        raise UnreadableRunError(Path(path), f"not a run log: {str(error).splitlines()[0].lower()}") from None


def summary_of_text(file: RunFile, short: bytes, series: Iterable[Series]) -> RunSummary:
    """The row of a run that was read without its long metrics; of these it has the last value only.

    Args:
        file: what the file system says.
        short: a text of `text_without_long_metrics`.
        series: every series of the run.

    Raises:
        ValueError, RecursionError: the text is not a run log, or series don't tell which step they are of.
    """
    outline = decode_run(short)
    steps = list(walk_steps(outline.top_steps))
    if len({step.internal_name for step in steps}) < len(steps):
        raise ValueError("steps of one name")
    outline.parameters = unmark(outline.parameters)
    tracked: dict[tuple[str, int | None], dict[str, MetricSummary]] = {}
    for one in series:
        if not one.values:
            continue
        summary = summarize_values(one.values) if len(one.values) <= _IN_FULL else last_of(one.values)
        tracked.setdefault((one.step, one.attempt), {})[one.name] = summary
    live: dict[int, Mapping[str, MetricSummary]] = {}
    for step in steps:
        live[id(step)] = tracked.get((step.internal_name, None), {})
        for attempt in step.attempts:
            live[id(attempt)] = tracked.get((step.internal_name, attempt.attempt_number), {})
    return summarize(file, outline, live=live)


def _long_metrics(outline: RunOutline) -> Iterator[bytes]:
    """The texts of the long metrics, in the order of the file."""
    for step in walk_steps(outline.top_steps):
        owners: list[AttemptOutline | StepOutline] = [*step.attempts, step]
        for owner in owners:
            metrics = owner.user_defined_metrics or {}
            yield from (bytes(raw) for raw in metrics.values() if memoryview(raw).nbytes > LONG)
