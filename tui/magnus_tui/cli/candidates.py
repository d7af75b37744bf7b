"""What could stand where a command line is being completed: runs, steps, metrics and query words of the store.

Whatever goes wrong, a shell that completes gets fewer candidates, never a message.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.default_names import STORE_FOLDER

if TYPE_CHECKING:
    from magnus_tracking.index import RunIndex
    from magnus_tracking.runlog.summary import RunSummary
    from magnus_tracking.stores import Store

MOST = 200
"""Candidates that a shell gets at most: more than anybody reads."""

_READ_WHILE_WAITING = 2000
"""Runs that are read into an empty index, which takes about a second; with more, only fields are completed."""

if TYPE_CHECKING:
    Items = list[CompletionItem[str]]  # click 8.1 has no types of items
    Complete = Callable[[click.Context, click.Parameter, str], Items]


def _candidates(find: Callable[[click.Context, str], Iterable[str]]) -> Complete:
    """A ``shell_complete`` of click that offers the candidates which begin as typed."""

    @functools.wraps(find)
    def complete(context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
        try:
            return [CompletionItem(text) for text in islice(find(context, typed), MOST) if text.isprintable()]
        except (MagnusTrackingError, OSError, ValueError):
            return []

    return complete


@_candidates
def run_ids(context: click.Context, typed: str) -> Iterable[str]:
    """Run ids, the last changed first, and ``latest``."""
    from magnus_tracking.stores.store import LATEST

    handles = [handle for handle in _store(context).iter_handles() if handle.run_id.startswith(typed)]
    named = context.params.get("runs") or ()
    handles.sort(key=lambda handle: handle.mtime_ns, reverse=True)
    return [
        *(handle.run_id for handle in handles if handle.run_id not in named),
        *([LATEST] if LATEST.startswith(typed) else []),
    ]


@_candidates
def steps(context: click.Context, typed: str) -> Iterable[str]:
    """The steps of the run that stands before."""
    from magnus_tracking.runlog.tree import walk

    store = _store(context)
    log = store.load(_run(context, store))
    names = [node.step.internal_name for node in walk(log)]
    return [name for name in names if name.startswith(typed)]


@_candidates
def metrics(context: click.Context, typed: str) -> Iterable[str]:
    """The metrics of the run that stands before."""
    store = _store(context)
    summary: RunSummary = store.summarize(store.handle(_run(context, store)))
    return sorted(name for name in summary.metrics if name.startswith(typed))


@_candidates
def queries(context: click.Context, typed: str) -> Iterable[str]:
    """What a query can go on with: fields and values of the store, and the words of the language."""
    from magnus_tracking.query import complete

    index = _index(context)

    def values(field: Any) -> list[Any]:
        return index.ask(lambda source: list(source.column(field)), [], partial=True)

    return [found.applied(typed) for found in complete(typed, len(typed), index.fields(), values)]


@_candidates
def fields(context: click.Context, typed: str) -> Iterable[str]:
    """Fields of runs, as columns and sort keys have them; after a comma, the next one."""
    from magnus_tracking.query.fields import FIELD_KINDS

    before, comma, last = typed.rpartition(",")
    sign = "-" if last.startswith("-") else ""
    known = [*FIELD_KINDS, *_index(context).fields()]
    return [before + comma + sign + name for name in known if name.startswith(last.removeprefix("-"))]


def paths(_context: click.Context, _parameter: click.Parameter, typed: str) -> Items:
    """Files and folders, which the shell itself completes."""
    return [CompletionItem(typed, type="file")]


def _store(context: click.Context) -> Store:
    from magnus_tracking.stores import open_store

    return open_store(context.params.get("store") or STORE_FOLDER)


def _run(context: click.Context, store: Store) -> str:
    runs = context.params.get("runs") or [context.params.get("run") or ""]
    return store.find(runs[0])


def _index(context: click.Context) -> RunIndex:
    from magnus_tracking.index import RunIndex

    store = _store(context)
    index = RunIndex.open(store)
    context.call_on_close(index.close)
    few = list(islice(store.iter_handles(), _READ_WHILE_WAITING + 1))
    if len(few) <= _READ_WHILE_WAITING:
        index.refresh()
    return index
