"""The sections of a comparison: which keys each has, and the value of every column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from magnus_tracking.analysis.compare.leaves import leaves
from magnus_tracking.analysis.compare.spans import step_seconds
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.runlog.default_names import LOG_SUFFIX
from magnus_tracking.runlog.metrics import Series, last_place
from magnus_tracking.runlog.step_kinds import status_of

_CHANGES = "changes found in "
"""What the engines write before the names of the changed files."""


@dataclass(frozen=True)
class Entry:
    """A key with one value a column.

    Attributes:
        key: the name inside the section.
        values: one a column.
        metric: the metric that it is about, if it is.
        step: the step whose value of the metric it is, where it is that of one.
        nulls: the columns whose None was written.
        inferred: the columns whose value is concluded rather than written.
        quoted: the key with the names of step and metric in quotes, where it is made of nothing else.
    """

    key: str
    values: tuple[Any, ...]
    metric: str | None = None
    step: str | None = None
    nulls: frozenset[int] = frozenset()
    inferred: frozenset[int] = frozenset()
    quoted: str | None = None


def _merge(columns: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """The union of the keys, each new one after those before it in the column that brings it."""
    for key in dict.fromkeys(key for column in columns for key in column):
        yield Entry(key, tuple(column.get(key) for column in columns))


def _merge_written(columns: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """As `_merge`, of values that a log holds, in which a null is a value."""
    for entry in _merge(columns):
        nulls = (place for place, column in enumerate(columns) if column.get(entry.key, entry) is None)
        yield replace(entry, nulls=frozenset(nulls))


def _facts(subjects: Sequence[Subject]) -> Iterator[Entry]:
    for entry in _merge([subject.facts for subject in subjects]):
        inferred = (place for place, subject in enumerate(subjects) if entry.key in subject.inferred)
        yield replace(entry, inferred=frozenset(inferred))


def _parameters(subjects: Sequence[Subject]) -> Iterator[Entry]:
    return _merge_written([leaves(subject.parameters) for subject in subjects])


def _metrics(subjects: Sequence[Subject]) -> Iterator[Entry]:
    """The last value of each metric by leaf, and its extremes where some column has more than one value of it."""
    return _told_apart(_last_and_extremes(subjects))


def _last_and_extremes(subjects: Sequence[Subject]) -> Iterator[Entry]:
    for name in dict.fromkeys(name for subject in subjects for name in subject.metrics):
        columns = [subject.metrics.get(name) for subject in subjects]
        yield from _last(columns, name)
        if any(series is not None and len(series.values) > 1 for series in columns):
            extremes = [_extremes(series) for series in columns]
            for place, word in enumerate(("min", "max")):
                values = tuple(pair[place] if pair else None for pair in extremes)
                if any(value is not None for value in values):
                    yield Entry(f"{word}({name})", values, name)


def _metrics_by_step(subjects: Sequence[Subject]) -> Iterator[Entry]:
    """The last value at each step, for metrics that several steps of one column tracked."""
    counts = [Counter(metric for _, metric in subject.by_step) for subject in subjects]
    several = {name for steps in counts for name, count in steps.items() if count > 1}
    places = dict.fromkeys(place for subject in subjects for place in subject.by_step if place[1] in several)
    entries = (
        entry
        for step, name in places
        for entry in _last([subject.by_step.get((step, name)) for subject in subjects], name, step)
    )
    # Of either section come charts, by the names of metrics and of these rows.
    return _told_apart(entries, taken={name for subject in subjects for name in subject.metrics})


def _last(columns: Sequence[Series | None], metric: str, step: str | None = None) -> Iterator[Entry]:
    """The last value of a metric, and of one step where that is given, by leaf."""
    names = [name for name in (step, metric) if name is not None]
    plain, quoted = ".".join(names), ".".join(map(_quoted, names))
    last = [{} if one is None else leaves({plain: one.values[last_place(one.values)]}) for one in columns]
    for entry in _merge_written(last):
        yield replace(entry, metric=metric, step=step, quoted=quoted + entry.key.removeprefix(plain))


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _told_apart(entries: Iterable[Entry], taken: Iterable[str] = ()) -> Iterator[Entry]:
    """Quote the names in keys that two entries share: a metric may be called what the minimum of another is.

    Args:
        entries: of one section.
        taken: what no key may be, either.
    """
    listed = list(entries)
    times = Counter([*taken, *(entry.key for entry in listed)])
    for entry in listed:
        yield replace(entry, key=entry.quoted) if entry.quoted and times[entry.key] > 1 else entry


def _extremes(series: Series | None) -> tuple[Any, Any] | None:
    """The least and the greatest number of a series, without NaN."""
    numbers = [number for number in series.numbers if number == number] if series else ()
    return (min(numbers), max(numbers)) if numbers else None


def _steps(subjects: Sequence[Subject]) -> Iterator[Entry]:
    return _merge([_facts_of_steps(subject) for subject in subjects])


def _facts_of_steps(subject: Subject) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for step in subject.steps:
        if not step.is_terminal:
            name = subject.step_name(step)
            facts[f"{name}.status"] = status_of(step)
            facts[f"{name}.duration"] = step_seconds(step)
            if not step.is_composite:
                facts[f"{name}.attempts"] = len(step.attempts)
    return facts


def _code(subjects: Sequence[Subject]) -> Iterator[Entry]:
    return _merge([_code_facts(subject) for subject in subjects])


def _code_facts(subject: Subject) -> dict[str, Any]:
    if not subject.code:
        return {}
    by_kind: dict[str, list[str | None]] = {}
    for code in subject.code:
        by_kind.setdefault(code.code_identifier_type or "git", []).append(code.code_identifier)
    facts: dict[str, Any] = {"commit" if kind == "git" else kind: _joined(of_kind) for kind, of_kind in by_kind.items()}
    facts["dirty"] = any(code.code_identifier_dependable is False for code in subject.code)
    messages = [code.code_identifier_message or "" for code in subject.code]
    facts["changed files"] = _joined([message.removeprefix(_CHANGES) for message in messages])
    facts["remote"] = _joined([code.code_identifier_url for code in subject.code])
    return facts


def _joined(texts: Sequence[str | None]) -> str | None:
    """The distinct texts in order, or None where all are empty."""
    return ", ".join(dict.fromkeys(text for text in texts if text)) or None


def _data(subjects: Sequence[Subject]) -> Iterator[Entry]:
    """The hash of every catalog entry; by step where several steps of one column have other hashes of one name."""
    columns = [_hashes(subject) for subject in subjects]
    for key in dict.fromkeys(key for column in columns for key in column):
        by_step = [column.get(key, {}) for column in columns]
        if all(len(set(hashes.values())) <= 1 for hashes in by_step):
            yield Entry(key, tuple(next(iter(hashes.values()), None) for hashes in by_step))
            continue
        for step in dict.fromkeys(step for hashes in by_step for step in hashes):
            yield Entry(f"{key} of {step}", tuple(hashes.get(step) for hashes in by_step))


def _hashes(subject: Subject) -> dict[str, dict[str, str]]:
    """By ``put name`` or ``get name``, the hash that each step has of it."""
    found: dict[str, dict[str, str]] = {}
    for step in subject.steps:
        for entry in step.data_catalog:
            if subject.without_logs and LOG_SUFFIX in entry.name:
                continue
            key = f"{entry.stage} {entry.name}".strip()
            found.setdefault(key, {})[subject.step_name(step)] = entry.data_hash
    return found


def _configuration(subjects: Sequence[Subject]) -> Iterator[Entry]:
    return _merge_written([leaves(subject.configuration) for subject in subjects])


def _pipeline(subjects: Sequence[Subject]) -> Iterator[Entry]:
    return _merge_written([leaves(subject.pipeline) for subject in subjects])


SECTIONS: Mapping[str, Callable[[Sequence[Subject]], Iterator[Entry]]] = MappingProxyType(
    {
        "run": _facts,
        "parameters": _parameters,
        "metrics": _metrics,
        "metrics by step": _metrics_by_step,
        "steps": _steps,
        "code": _code,
        "data": _data,
        "configuration": _configuration,
        "pipeline": _pipeline,
    }
)
"""By name, in order, what lists the keys of a section."""
