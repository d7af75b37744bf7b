"""The table of a comparison: a column for each thing compared, a row for each key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from magnus_tracking.analysis.best_values import best_value, direction_of
from magnus_tracking.analysis.compare.dialects import in_one_dialect
from magnus_tracking.analysis.compare.sections import SECTIONS
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.analysis.compare.values import delta, distance, percentage, same
from magnus_tracking.runlog.numbers_in_text import number_of


@dataclass(frozen=True)
class Row:
    """One key of a comparison.

    Attributes:
        section: ``run``, ``parameters``, ``metrics``, ``metrics by step``, ``steps``, ``code``, ``data``,
            ``configuration`` or ``pipeline``.
        key: the name inside the section; a dotted path for deep values.
        values: one value a column, None where it is missing: JSON scalars, and naive times in the section ``run``.
        differs: whether some value is not the same as the others. NaN is the same as NaN, a null is not the same as
            none.
        delta: by column, the difference to the baseline's number; None where there is none.
        metric: for rows of metrics the name of the metric, without ``min(…)``, ``max(…)`` or the step.
        step: for rows of metrics by step, the step.
        nulls: the columns in which None is a null that was written.
        inferred: the columns whose value is concluded rather than written; marked ``~``.
    """

    section: str
    key: str
    values: tuple[Any, ...]
    differs: bool
    delta: tuple[int | float | None, ...]
    metric: str | None = None
    step: str | None = None
    nulls: frozenset[int] = frozenset()
    inferred: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The section and the key, which patterns are matched with."""
        return f"{self.section}.{self.key}"

    def percentages(self, baseline: int) -> tuple[float | None, ...]:
        """By column, `delta` in percent of the value in the column `baseline`, which it was measured from."""
        return tuple(percentage(difference, self.values[baseline]) for difference in self.delta)

    def distance(self, baseline: int) -> float:
        """How much the row differs from the column `baseline`: 0 not at all, at most 2."""
        if 0 < len(self.nulls) < self.values.count(None) and self.values[baseline] is None:
            return 1.0
        return max((distance(value, self.values[baseline]) for value in self.values), default=0.0)

    def best(self, chosen: Mapping[str, str] | None = None) -> frozenset[int]:
        """The columns with the best value of a metric; none where it is unclear what is best, or all are as good.

        Where lower is better the maximum tells nothing, and the other way round.

        Args:
            chosen: by metric, ``min`` or ``max``, as the user said.
        """
        if self.metric is None:
            return frozenset()
        direction = direction_of(self.metric, chosen)
        worst = {"min": f"max({self.metric})", "max": f"min({self.metric})"}
        value = best_value(self.values, direction)
        if direction is None or self.key == worst[direction] or value is None or not self.differs:
            return frozenset()
        return frozenset(column for column, other in enumerate(self.values) if number_of(other) == value)


@dataclass(frozen=True)
class Comparison:
    """What was compared, and how it differs.

    Attributes:
        runs: the names of the columns: run ids, or the names of branches or attempts.
        baseline: the column that differences are measured from.
        rows: the keys, in the order of the sections.
    """

    runs: tuple[str, ...]
    baseline: int
    rows: tuple[Row, ...]

    def with_baseline(self, baseline: int) -> Comparison:
        """The same, measured from another column.

        Raises:
            IndexError: there is no such column.
        """
        if not 0 <= baseline < len(self.runs):
            raise IndexError(f"there is no column {baseline}")
        rows = tuple(
            replace(row, delta=tuple(delta(value, row.values[baseline]) for value in row.values)) for row in self.rows
        )
        return replace(self, baseline=baseline, rows=rows)

    def changed(self) -> Comparison:
        """Only the rows that differ."""
        return self.where(lambda row: row.differs)

    def ignoring(self, patterns: Iterable[str]) -> Comparison:
        """Without the rows that some shell pattern matches: their section, their key, or ``section.key``."""
        ignored = tuple(patterns)
        return self.where(lambda row: not is_ignored(row, ignored)) if ignored else self

    def matching(self, text: str) -> Comparison:
        """Only the rows whose section, key or some value holds every word of `text`, without case."""
        words = text.casefold().split()
        return self.where(lambda row: all(word in _words(row) for word in words)) if words else self

    def most_different_first(self) -> Comparison:
        """The rows by how much they differ, whatever their section."""
        return replace(self, rows=tuple(sorted(self.rows, key=lambda row: -row.distance(self.baseline))))

    def where(self, keeps: Callable[[Row], bool]) -> Comparison:
        """Only the rows that `keeps` is true of."""
        return replace(self, rows=tuple(row for row in self.rows if keeps(row)))

    def document(self) -> dict[str, Any]:
        """The comparison as JSON: ``{runs, baseline, rows: [{section, key, values, differs, delta}]}``."""
        return {
            "runs": list(self.runs),
            "baseline": self.runs[self.baseline],
            "rows": [
                {
                    "section": row.section,
                    "key": row.key,
                    "values": list(row.values),
                    "differs": row.differs,
                    "delta": list(row.delta),
                }
                for row in self.rows
            ],
        }


def is_ignored(row: Row, patterns: Iterable[str]) -> bool:
    """Whether some shell pattern matches the section, the key or ``section.key`` of a row."""
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in (row.name, row.key, row.section))


def _words(row: Row) -> str:
    return " ".join([row.section, row.key, *(str(value) for value in row.values if value is not None)]).casefold()


def compare_subjects(subjects: Sequence[Subject], baseline: int = 0) -> Comparison:
    """Compare what was made ready for it.

    Raises:
        IndexError: there is no column `baseline`.
    """
    if not 0 <= baseline < len(subjects):
        raise IndexError(f"there is no column {baseline}")
    rows = tuple(_rows(in_one_dialect(subjects), baseline))
    return Comparison(tuple(subject.name for subject in subjects), baseline, rows)


def _rows(subjects: Sequence[Subject], baseline: int) -> Iterator[Row]:
    for section, entries in SECTIONS.items():
        for entry in entries(subjects):
            values = entry.values
            yield Row(
                section,
                entry.key,
                values,
                any(not same(value, values[0]) for value in values[1:]) or 0 < len(entry.nulls) < values.count(None),
                tuple(delta(value, values[baseline]) for value in values),
                entry.metric,
                entry.step,
                entry.nulls,
                entry.inferred,
            )
