"""What a row gives: the fields that queries compare, lists sort by and groups are made of.

`value_of` is the one place where a field becomes a value. A value that is not there is None: also an empty text, so
that a run without a tag has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from msgspec import Struct, field

from magnus_tracking.analysis.liveness import StalledRule, liveness_of, took
from magnus_tracking.errors import QueryError
from magnus_tracking.query.functions import FUNCTIONS, LAST
from magnus_tracking.query.name_suggestions import unknown_field
from magnus_tracking.query.quoting import NAME_CHARACTER, QUOTED, is_bare_name, quoted, unquoted
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import now


class Kind(Enum):
    """What a field's values are, which decides what its comparisons mean."""

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    SECONDS = "seconds"
    TIME = "time"
    CODE = "code"
    ANY = "any"


FIELD_KINDS = {
    "id": Kind.TEXT,
    "status": Kind.TEXT,
    "tag": Kind.TEXT,
    "step": Kind.TEXTS,
    "failing": Kind.TEXT,
    "message": Kind.TEXT,
    "started": Kind.TIME,
    "ended": Kind.TIME,
    "duration": Kind.SECONDS,
    "steps": Kind.NUMBER,
    "succeeded": Kind.NUMBER,
    "failed": Kind.NUMBER,
    "skipped": Kind.NUMBER,
    "attempts": Kind.NUMBER,
    "retries": Kind.NUMBER,
    "engine": Kind.TEXT,
    "pipeline": Kind.TEXT,
    "original": Kind.TEXT,
    "liveness": Kind.TEXT,
    "code": Kind.CODE,
    "error": Kind.TEXT,
    "size": Kind.NUMBER,
}
"""Every field but parameters and metrics, by name."""

ALIASES = {
    "run": "id",
    "run_id": "id",
    "dag": "pipeline",
    "dag_hash": "pipeline",
    "failing_step": "failing",
    "original_run_id": "original",
    "commit": "code",
    "took": "duration",
    "start_time": "started",
    "end_time": "ended",
    "steps.total": "steps",
    "steps.succeeded": "succeeded",
    "steps.failed": "failed",
    "steps.skipped": "skipped",
}
"""Other names that people know the fields by."""

PARAMETER, METRIC = "param", "metric"
PREFIXES = {
    "param": PARAMETER,
    "params": PARAMETER,
    "parameter": PARAMETER,
    "parameters": PARAMETER,
    "metric": METRIC,
    "metrics": METRIC,
}
"""What people write before the name of a parameter or metric."""
_OF_THE_RUN = ("attributes.", "attribute.", "attr.")
"""What MLflow writes before the other fields."""

_KEY_PART = re.compile(rf"{NAME_CHARACTER}+|{QUOTED}", re.DOTALL)
_AGGREGATE = re.compile(rf"\s*({'|'.join(FUNCTIONS)})\s*\(\s*(.*?)\s*\)\s*", re.IGNORECASE | re.DOTALL)


class Field(Struct, frozen=True):
    """One field of a row.

    Attributes:
        name: one of `FIELD_KINDS`, ``param`` or ``metric``.
        key: the name of the parameter or metric, dotted where nested; empty for other fields.
        aggregate: which value of a metric's series: one of `FUNCTIONS`.
    """

    name: str
    key: str = ""
    aggregate: str = LAST

    @property
    def kind(self) -> Kind:
        """What its values are."""
        return FIELD_KINDS.get(self.name, Kind.ANY)

    def __str__(self) -> str:
        """As a query writes it: ``status``, ``param.lr``, ``min(metric."f1 score")``."""
        if self.name not in (PARAMETER, METRIC):
            return self.name
        text = f"{self.name}.{self.key if is_bare_name(self.key) else quoted(self.key)}"
        return text if self.aggregate == LAST else f"{self.aggregate}({text})"


def parse_field(text: str) -> Field:
    """The field that `text` names, as a sort key, a column or the left of a comparison does.

    Raises:
        QueryError: there is no such field; its position counts within `text`.
    """
    match = _AGGREGATE.fullmatch(text)
    if match is None:
        return _parse_name(text.strip(), len(text) - len(text.lstrip()))
    inner = _parse_name(match[2], match.start(2))
    if inner.name != METRIC:
        raise QueryError(
            f"{match[1].lower()}(…) is of a metric, not of {match[2]}", match.start(2), ["metric.NAME"], text=text
        )
    return Field(METRIC, inner.key, match[1].lower())


def _parse_name(text: str, position: int) -> Field:
    prefix, dot, rest = text.partition(".")
    known = PREFIXES.get(prefix.lower())
    if known is not None and dot:
        return Field(known, _parse_key(text, rest, position + len(prefix) + 1))
    plain = text.lower()
    for before in _OF_THE_RUN:
        plain = plain.removeprefix(before)
    name = ALIASES.get(plain, plain)
    if name not in FIELD_KINDS:
        names = [*FIELD_KINDS, "param.NAME", "metric.NAME"]
        raise QueryError(unknown_field(text, [*FIELD_KINDS, *ALIASES], names), position, names, text, text)
    return Field(name)


def _parse_key(text: str, rest: str, position: int) -> str:
    parts: list[str] = []
    offset = 0
    while match := _KEY_PART.match(rest, offset):
        parts.append(match[0] if is_bare_name(match[0]) else unquoted(match[0]))
        offset = match.end()
    if not rest or offset < len(rest):
        form = text[: len(text) - len(rest)] + quoted(rest or "f1 score")
        raise QueryError(
            f"a name holds letters, digits and signs such as _ . - / @ [ ]; with anything else it is quoted: {form}",
            position + offset,
            ["a name", "a name in quotes"],
            text=text,
        )
    return "".join(parts)


class Context(Struct, frozen=True):
    """What a value may depend on besides its row.

    Attributes:
        now: naive local time in the zone in which the runs' times are read.
        rule: when silence counts as stalled.
        writer_gone: by run id, whether the process that writes a run's journal is gone; None without a journal.
    """

    now: datetime = field(default_factory=now)
    rule: StalledRule = field(default_factory=StalledRule)
    writer_gone: Callable[[str], bool | None] = lambda _: None


class ColumnSource(Protocol):
    """Rows whose fields can be had a column at a time."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def column(self, field: Field) -> Sequence[Any]:
        """What `value_of` gives of each row, by position."""
        ...


class SummaryRows:
    """Summaries as a source of columns, each computed once."""

    def __init__(self, summaries: Sequence[RunSummary], context: Context | None = None) -> None:
        self._summaries = summaries
        self._context = context or Context()
        self._columns: dict[Field, Sequence[Any]] = {}

    def __len__(self) -> int:
        return len(self._summaries)

    def column(self, field: Field) -> Sequence[Any]:
        """The values of `field`, by position."""
        if field not in self._columns:
            self._columns[field] = [value_of(summary, field, self._context) for summary in self._summaries]
        return self._columns[field]


def value_of(summary: RunSummary, field: Field, context: Context | None = None) -> Any:
    """What a row gives for a field, or None where it gives nothing.

    Texts are str (never empty), ``step`` a tuple of str, times naive datetime, durations seconds, and ``code`` a pair
    of the identifier and whether the tree was dirty. Parameters and metrics are any JSON value.

    Args:
        summary: the row.
        field: which of its fields.
        context: what ``duration`` and ``liveness`` of unfinished runs depend on; without one, this moment and the
            plainest rule.
    """
    if field.name == METRIC:
        metric = summary.metrics.get(field.key)
        return None if metric is None else FUNCTIONS[field.aggregate].of(metric)
    if field.name == PARAMETER:
        return leaf(summary.parameters, field.key)
    getter = _GETTERS.get(field.name)
    if getter is not None:
        return getter(summary)
    if summary.is_finished or summary.error is not None:
        return summary.duration if field.name == "duration" else None
    known = context or Context()
    liveness = liveness_of(summary, known.now, known.rule, known.writer_gone(summary.run_id))
    return took(summary, known.now, liveness).seconds if field.name == "duration" else liveness


def leaf(parameters: dict[str, Any], key: str) -> Any:
    """The parameter called `key`, or else what lies at that dotted path inside a nested one; None without either."""
    if key in parameters:
        return parameters[key]
    if "." not in key:
        return None
    end = key.rfind(".")
    while end > 0:
        inner = parameters.get(key[:end])
        if isinstance(inner, dict):
            found = leaf(inner, key[end + 1 :])
            if found is not None:
                return found
        end = key.rfind(".", 0, end)
    return None


def _code(summary: RunSummary) -> tuple[str, bool | None] | None:
    return (summary.commit, summary.dirty) if summary.commit else None


def _count(name: str) -> Any:
    return lambda summary: None if summary.error is not None else getattr(summary.steps, name)


_GETTERS: dict[str, Any] = {
    "id": lambda summary: summary.run_id or None,
    "status": lambda summary: summary.status or None,
    "tag": lambda summary: summary.tag or None,
    "step": lambda summary: summary.step_names or None,
    "failing": lambda summary: summary.failing_step or None,
    "message": lambda summary: summary.message or None,
    "started": lambda summary: summary.started,
    "ended": lambda summary: summary.ended,
    "steps": _count("total"),
    "succeeded": _count("succeeded"),
    "failed": _count("failed"),
    "skipped": _count("skipped"),
    "attempts": lambda summary: None if summary.error is not None else summary.attempts,
    "retries": lambda summary: None if summary.error is not None else summary.retries,
    "engine": lambda summary: None if summary.error is not None else summary.engine,
    "pipeline": lambda summary: summary.pipeline or None,
    "original": lambda summary: summary.original_run_id or None,
    "code": _code,
    "error": lambda summary: summary.error or None,
    "size": lambda summary: summary.size,
}

GETTERS: Mapping[str, Callable[[RunSummary], Any]] = _GETTERS
"""By field, what `value_of` gives where that depends on nothing but the row."""
