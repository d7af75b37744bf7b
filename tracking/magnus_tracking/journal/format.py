"""The lines of a journal.

The first line is the header, an object with ``"journal": 1``. Every other line is one value of one metric::

    {"metric": "loss", "step": 3, "value": 0.25, "ms": 1840}

`step` may be left out and is 0 then; `value` is any JSON value, and bare ``NaN``, ``Infinity`` and ``-Infinity``; `ms`
are the milliseconds since the header's time, and are missing where nobody knows them. A line counts once its newline
is there. The same metric and step again replaces the value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

VERSION = 1
RUN = "run"
ATTEMPT = "attempt"

_SHOWN = 20
"""Characters of a wrong value that are shown."""

_OF_ENGINES = ("engine", "below", "worker", "shell")
"""Fields of a header that only journals of engines' steps have."""

_RECORD_START = '{"metric"'
RECORD_VALUE = ',"value":'
"""What stands between `record_start`, the step, and the value."""


class Record(NamedTuple):
    """One value of one metric at one step index, and when it was tracked: milliseconds after the header's time."""

    metric: str
    step: int
    value: Any
    ms: int | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """The process that owns a journal, so that a reader can tell whether it still lives.

    Attributes:
        host: the host's name.
        boot: what is different after each start of the host, or empty where the system does not tell.
        namespace: the process namespace that `pid` counts in, or empty.
        pid: the process id.
        started: when the process started, in the system's own words, so that a reused `pid` is noticed.
    """

    host: str = ""
    boot: str = ""
    namespace: str = ""
    pid: int = 0
    started: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal is about.

    Attributes:
        kind: ``attempt``, or ``run`` for the journal that only tells that the run's process lives.
        run_id: the run.
        step: the internal name of the step, empty for a run.
        attempt: the number of the attempt, 0 for a run.
        time: when it was opened, naive local time as in the run log.
        writer: who opened it.
        clock: the same moment in milliseconds since 1970, by which other processes tell the time of their values; 0
            where it is not known.
        run: for a run, its log as it was when it started, so that it can be made up if it was never written.
        engine: the engine whose run this is beside, ``magnus`` or ``runnable``. Such a journal is there for good: it is
            never folded into the log. Its step is empty where nobody could tell which one tracked.
        below: what runs below the step, whose metrics are named ``<below>.<metric>``; empty for the step itself.
        worker: the process of the engine that ran the step, as ``pid:start``.
        shell: of a shell task, the engine's shell, likewise.
    """

    kind: str
    run_id: str
    step: str = ""
    attempt: int = 0
    time: str = ""
    writer: Writer = field(default_factory=Writer)
    clock: int = 0
    run: dict[str, Any] | None = None
    engine: str = ""
    below: str = ""
    worker: str = ""
    shell: str = ""

    @property
    def is_of_attempt(self) -> bool:
        """Whether the journal holds the metrics of an attempt."""
        return self.kind == ATTEMPT


def encode_header(header: Header) -> bytes:
    """The first line of a journal, newline included."""
    fields = {name: value for name, value in asdict(header).items() if value or name not in _OF_ENGINES}
    return (json.dumps({"journal": VERSION, **fields}, separators=(",", ":")) + "\n").encode()


def decode_header(line: bytes) -> Header | None:
    """The header that a first line holds, or None where it is none of this version.

    Raises:
        ValueError: it is one that holds what can't be; the message says what.
    """
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or fields.get("journal") != VERSION:
        return None
    writer = fields.get("writer")
    run = fields.get("run")
    return Header(
        kind=str(fields.get("kind", "")),
        run_id=str(fields.get("run_id", "")),
        step=str(fields.get("step", "")),
        attempt=_whole(fields, "attempt"),
        time=str(fields.get("time", "")),
        writer=_writer(writer) if isinstance(writer, dict) else Writer(),
        clock=_whole(fields, "clock"),
        run=run if isinstance(run, dict) else None,
        **{name: str(fields.get(name, "")) for name in _OF_ENGINES},
    )


def _writer(fields: dict[str, Any]) -> Writer:
    return Writer(
        host=str(fields.get("host", "")),
        boot=str(fields.get("boot", "")),
        namespace=str(fields.get("namespace", "")),
        pid=_whole(fields, "pid"),
        started=str(fields.get("started", "")),
    )


def _whole(fields: dict[str, Any], name: str) -> int:
    """A field that is a whole number of 63 bits; 0 where it is not there."""
    value = fields.get(name, 0)
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value < 1 << 63:
        text = json.dumps(value)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        raise ValueError(f"its header can't be understood: {name} is {shown}")
    return value


def record_start(metric: str) -> str:
    """The line of a value up to its step."""
    return f'{_RECORD_START}:{encode_basestring_ascii(metric)},"step":'


def record_end(ms: int) -> str:
    """The line of a value from behind the value, newline included; `ms` are milliseconds since the header's time."""
    return f',"ms":{ms}}}\n'


def decode_records(lines: list[bytes]) -> tuple[list[Record], int]:
    """The records in complete lines, and how many lines were damaged.

    A line that a full disk cut short can have the next one behind it: what follows is still read.
    """
    if not lines:
        return [], 0
    try:
        objects = json.loads(b"[" + b",".join(lines) + b"]")
        # What this project writes itself is by far the most, and needs no second look at each line.
        plain = [
            Record(item["metric"], item["step"], item["value"], item["ms"])
            for item in objects
            if type(item["metric"]) is str and type(item["step"]) is int and type(item["ms"]) is int
        ]
        if len(plain) == len(lines):
            return plain, 0
    except (ValueError, RecursionError):
        return _look_at_each(map(_decode_line, lines))
    except (LookupError, TypeError):
        # Some line is JSON and no such record.
        return _look_at_each(objects)
    return _look_at_each(objects)


def _look_at_each(objects: Iterable[Any]) -> tuple[list[Record], int]:
    records = []
    damaged = 0
    for item in objects:
        record = _record(item)
        if record is None:
            damaged += 1
        else:
            records.append(record)
    return records, damaged


def _decode_line(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        start = line.rfind(_RECORD_START.encode())
    try:
        return json.loads(line[start:]) if start > 0 else None
    except (ValueError, RecursionError):
        return None


def _record(item: Any) -> Record | None:
    if not isinstance(item, dict):
        return None
    name = item.get("metric")
    step = item.get("step", 0)
    if isinstance(step, float) and step.is_integer():
        step = int(step)
    if not isinstance(name, str) or not isinstance(step, int) or "value" not in item:
        return None
    ms = item.get("ms")
    return Record(name, int(step), item["value"], ms if type(ms) is int else None)
