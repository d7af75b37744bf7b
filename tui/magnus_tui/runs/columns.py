"""The columns of the run list: what each shows, how it sorts, and which go first where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from magnus_tracking.analysis.liveness import Liveness, Took, run_state, took
from magnus_tracking.runlog.metrics import is_number
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import MISSING
from magnus_tui.format.text import clean, short_step

PARAMETER = "param."
METRIC = "metric."
PLANNED = "PLANNED"
"""The state of a run whose status is not known."""
_PREFERRED = ("loss", "val_loss", "accuracy", "val_accuracy", "acc", "f1", "score", "error", "rmse", "auc")


class Row(Struct, frozen=True):
    """A run as the list shows it now.

    Attributes:
        run: the run.
        liveness: whether it is still going, for an unfinished one.
        now: the time that relative times are told against.
        store: what its store is called, where several are shown as one.
        is_read: whether its log has been read; else it is known by its file alone.
    """

    run: RunSummary
    liveness: Liveness | None
    now: datetime
    store: str = ""
    is_read: bool = True

    @property
    def state(self) -> str:
        """What the glyph shows: the status, or what was inferred of an unfinished run."""
        return run_state(self.run, self.liveness) or PLANNED


class Column(Struct, frozen=True):
    """A column of the run list.

    Attributes:
        key: what it sorts by, in the words of the query language.
        title: its heading; a longer one than its cells is cut.
        cells: the texts of some rows, side by side so that numbers share their precision.
        right: whether it is aligned to the right.
        keep: how long it stays as room runs out; the lowest goes first, None never goes.
        descending: whether sorting by it first gives the highest.
        name: what the settings call it, for a chosen one.
        written: by name, the values that are written for it where the list is saved.
    """

    key: str
    title: str
    cells: Callable[[Sequence[Row]], list[str]]
    right: bool = False
    keep: int | None = None
    descending: bool = False
    name: str = ""
    written: tuple[tuple[str, Callable[[Row], Any]], ...] = ()


def _each(cell: Callable[[Row], str]) -> Callable[[Sequence[Row]], list[str]]:
    return lambda rows: [cell(row) for row in rows]


def _took(rows: Sequence[Row]) -> list[str]:
    return side_by_side.took([took(row.run, row.now, row.liveness) if row.is_read else Took(None) for row in rows])


def _started(row: Row) -> str:
    return format.ago(row.run.started, row.now, inferred=row.run.started_inferred)


def _steps(row: Row) -> str:
    if row.run.error is not None or not row.is_read:
        return format.DASH
    return f"{row.run.steps.passed}/{row.run.expected_steps}"


def failing_step_text(row: Row) -> str:
    """The failing step by its own name and branch, marked where the run recovered; else where an unfinished one is."""
    run = row.run
    if not row.is_read:
        return "reading …"
    if run.error is not None:
        return clean(run.error)
    if run.failing_step is not None:
        return clean(short_step(run.failing_step)) + (" (recovered)" if run.recovered else "")
    if row.liveness not in (None, "live"):
        return f"{clean(short_step(run.current_step))} ?" if run.current_step else "?"
    return ""


def _readable(get: Callable[[RunSummary], Any]) -> Callable[[Row], Any]:
    """What is known only of a run that can be read."""
    return lambda row: get(row.run) if row.run.error is None else None


STATUS = Column("status", "", _each(lambda row: format.glyph(row.state)), written=(("status", lambda row: row.state),))
RUN_ID = Column(
    "id", "run", _each(lambda row: clean(row.run.run_id)), written=(("run_id", lambda row: row.run.run_id),)
)
STORE = Column("id", "store", _each(lambda row: clean(row.store)), keep=4, written=(("store", lambda row: row.store),))
TAG = Column("tag", "tag", _each(lambda row: clean(row.run.tag)), keep=2, written=(("tag", lambda row: row.run.tag),))
STARTED = Column(
    "started", "started", _each(_started), descending=True, written=(("started", lambda row: row.run.started),)
)
DURATION = Column(
    "duration",
    "took",
    _took,
    right=True,
    descending=True,
    written=(("duration", lambda row: took(row.run, row.now, row.liveness).seconds),),
)
STEPS = Column(
    "steps",
    "steps",
    _each(_steps),
    right=True,
    keep=1,
    descending=True,
    written=(
        ("steps", _readable(lambda run: run.steps.passed)),
        ("expected_steps", _readable(lambda run: run.expected_steps)),
    ),
)
RETRIES = Column(
    "retries",
    "↻",
    _each(lambda row: str(row.run.retries or "")),
    right=True,
    keep=1,
    descending=True,
    written=(("retries", _readable(lambda run: run.retries)),),
)
FAILING_STEP = Column(
    "failing",
    "failing step",
    _each(failing_step_text),
    written=(
        ("failing_step", lambda row: row.run.failing_step),
        ("recovered", _readable(lambda run: run.recovered)),
        ("error", lambda row: row.run.error),
    ),
)
SIZE = Column(
    "size",
    "size",
    _each(lambda row: format.size(row.run.size)),
    right=True,
    keep=0,
    descending=True,
    written=(("size", lambda row: row.run.size),),
)


STAR = "★ "
"""What stands before the best value of a metric."""


def chosen_column(key: str, best: Mapping[str, float]) -> Column:
    """The column of a parameter (``param.lr``) or of the last value of a metric (``metric.loss``).

    Args:
        key: which.
        best: the best value of each metric column among the listed runs, which may change meanwhile.
    """
    if key.startswith(PARAMETER):
        name = key.removeprefix(PARAMETER)
        return Column(
            sort_field(key),
            name,
            lambda rows: side_by_side.values(
                [row.run.parameters.get(name) for row in rows],
                nulls=[place for place, row in enumerate(rows) if row.run.parameters.get(name, name) is None],
            ),
            True,
            3,
            name=key,
            written=((key, lambda row: row.run.parameters.get(name, MISSING)),),
        )
    name = key.removeprefix(METRIC)

    def cells(rows: Sequence[Row]) -> list[str]:
        values = [_last(row.run, name) for row in rows]
        nulls = [place for place, row in enumerate(rows) if values[place] is None and name in row.run.metrics]
        texts = side_by_side.values(values, nulls=nulls)
        top = best.get(key)
        return [
            STAR + text if top is not None and is_number(value) and value == top else text
            for text, value in zip(texts, values, strict=True)
        ]

    def last(row: Row) -> Any:
        return row.run.metrics[name].last if name in row.run.metrics else MISSING

    return Column(sort_field(key), name, cells, True, 3, name=key, written=((key, last),))


def sort_field(key: str) -> str:
    """A chosen column in the words of the query language: a name with other characters than its own is quoted."""
    prefix, _, name = key.partition(".")
    plain = name.replace("_", "a").replace("-", "a").replace(".", "a")
    if plain.isalnum() and plain.isascii():
        return key
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{prefix}."{escaped}"'


def _last(run: RunSummary, name: str) -> object:
    metric = run.metrics.get(name)
    return metric.last if metric else None


def all_columns(
    chosen: Sequence[str], best: Mapping[str, float] | None = None, *, several: bool = False
) -> list[Column]:
    """The columns of the list from left to right; see `chosen_column` for `best`.

    Args:
        chosen: the parameters and metrics that are columns.
        best: see `chosen_column`.
        several: whether the runs of several stores are listed.
    """
    known = best if best is not None else {}
    fixed = [STATUS, RUN_ID, *([STORE] if several else []), TAG, STARTED, DURATION, STEPS, RETRIES, FAILING_STEP]
    named = [chosen_column(key, known) for key in chosen]
    titles = side_by_side.strings_apart([column.title for column in named])
    return [*fixed, *(replace(column, title=title) for column, title in zip(named, titles, strict=True)), SIZE]


def default_choice(runs: Sequence[RunSummary]) -> list[str]:
    """The parameters and metrics that say most about some runs: a parameter that varies, and a loss or a score."""
    metrics: dict[str, int] = {}
    parameters: dict[str, set[str]] = {}
    for run in runs:
        for name, metric in run.metrics.items():
            if is_number(metric.last):
                metrics[name] = metrics.get(name, 0) + 1
        for name, item in run.parameters.items():
            if not isinstance(item, dict | list):
                parameters.setdefault(name, set()).add(repr(item))
    by_interest = sorted(metrics, key=lambda name: (_preference(name), -metrics[name], name))
    varying = sorted(
        (name for name, values in parameters.items() if len(values) > 1 or len(runs) == 1),
        key=lambda name: (_is_seed(name), -len(parameters[name]), name),
    )
    parameters_first = [PARAMETER + name for name in varying[:2]]
    metrics_first = [METRIC + name for name in by_interest[:2]]
    return [*parameters_first[:1], *metrics_first[:1], *parameters_first[1:], *metrics_first[1:]][:2]


def _preference(name: str) -> int:
    last = name.rpartition(".")[2].lower()
    return _PREFERRED.index(last) if last in _PREFERRED else len(_PREFERRED)


def _is_seed(name: str) -> bool:
    """Whether a parameter only makes runs differ, without saying how."""
    return "seed" in name.lower() or name.lower() in ("run_id", "id", "name")
