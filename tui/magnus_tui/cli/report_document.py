"""What a report says, and how it is written as HTML and as Markdown."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from magnus_tracking.analysis.failures import FailedAttempt
from magnus_tracking.api import html
from magnus_tracking.api.run import StoredRun, curves
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.logs.read import read_log
from magnus_tui import format as formats
from magnus_tui.cli.run_columns import state_of
from magnus_tui.cli.store_access import Opened
from magnus_tui.compare.cells import cells
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import shown
from magnus_tui.format.text import clean
from magnus_tui.format.written import markdown_cell

_DIGITS = 6
"""Significant digits of metrics that they tell from each other."""
_TAIL = 40
"""Lines of an execution log that a failure shows, from where its traceback begins."""
_TAIL_BYTES = 1 << 16

Rows = list[dict[str, Any]]


@dataclass
class Section:
    """A part of a report: what stands in it, in this order.

    Attributes:
        title: its heading.
        said: a sentence, or nothing.
        rows: a table.
        charts: curves as SVG, by what they show.
        texts: lines as they are.
    """

    title: str
    said: str = ""
    rows: Rows = field(default_factory=list)
    charts: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes:
        title: its heading.
        sections: its parts.
    """

    title: str
    sections: tuple[Section, ...]


def page_of(opened: Opened, run_ids: Sequence[str]) -> Page:
    """What there is to say of some runs.

    Raises:
        RunNotFoundError: one of them is not there.
        UnreadableRunError: the files of one can't be understood.
    """
    runs = [opened.run(run_id) for run_id in run_ids]
    title = run_ids[0] if len(runs) == 1 else f"{len(runs):,} runs of {opened.store.root.parent.name}"
    return Page(title, tuple(_sections(opened, runs)))


def _sections(opened: Opened, runs: Sequence[StoredRun]) -> Iterator[Section]:
    yield Section("Runs", rows=[_facts(opened, run) for run in runs])
    if len(runs) > 1:
        yield _differences(opened, [run.id for run in runs])
    else:
        yield Section("Parameters", rows=[{"parameter": name, "value": v} for name, v in runs[0].parameters.items()])
        yield Section("Attempts", rows=runs[0].attempts.to_dicts())
    yield _metrics(runs)
    yield from _failures(runs)


def _facts(opened: Opened, run: StoredRun) -> dict[str, Any]:
    one = run.summary
    return {
        "run": run.id,
        "status": state_of(opened, one),
        "engine": one.engine,
        "tag": one.tag or None,
        "started": one.started,
        "took": formats.took(opened.took(one)),
        "attempts": one.attempts,
        "retries": one.retries or None,
        "code": f"{one.commit[:7]}{' dirty' if one.dirty else ''}" if one.commit else None,
        "failing step": one.failing_step,
        "message": one.message,
    }


def _differences(opened: Opened, run_ids: Sequence[str]) -> Section:
    comparison = opened.comparison(run_ids, run_ids[0]).changed()
    rows = []
    for row in comparison.rows:
        texts = [cell.text for cell in cells(row, comparison.baseline, opened.settings.best)]
        rows.append({"section": row.section, "key": row.key, **dict(zip(comparison.runs, texts, strict=True))})
    return Section("What differs", f"The differences to {run_ids[0]}." if rows else "Nothing differs.", rows)


def _metrics(runs: Sequence[StoredRun]) -> Section:
    several = len(runs) > 1
    rows: Rows = []
    for name in dict.fromkeys(name for run in runs for name in run.metrics):
        columns = [run.id for run in runs] if several else ["last"]
        values = side_by_side.values([run.metrics.get(name) for run in runs], _DIGITS)
        rows.append({"metric": name, **dict(zip(columns, values, strict=True))})
    named = [
        (f"{run.id}: {one.step}" if several else one.step, one) for run in runs for one in run.series if one.is_curve
    ]
    names = dict.fromkeys(one.name for _, one in named if len(one.values) > 1)
    return Section("Metrics", rows=rows, charts=list(zip(names, curves(named), strict=True)))


def _failures(runs: Sequence[StoredRun]) -> Iterator[Section]:
    for run in runs:
        for failed in run.failures:
            attempt = f", attempt {failed.attempt}" if failed.attempt is not None else ""
            said = f"{failed.exception}: {failed.message}" if failed.exception else failed.message
            passed = " A later attempt passed." if failed.passed_later else ""
            step = f", {failed.step}" if failed.step else ""
            yield Section(f"Failure: {run.id}{step}{attempt}", said + passed, texts=list(_tail(failed)))


def _tail(failed: FailedAttempt) -> Iterator[str]:
    if failed.log is None:
        return
    try:
        lines = read_log(failed.log, _TAIL_BYTES).lines
    except MagnusTrackingError as error:
        yield str(error)
        return
    yield "\n".join(lines[-_TAIL:])


_STYLE = """
body { font-family: system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; vertical-align: top; }
td { max-width: 24rem; overflow-wrap: anywhere; }
pre { background: #f6f6f6; padding: 1rem; overflow-x: auto; }
svg { max-width: 100%; height: auto; margin: .5rem; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Forbids the page, in a browser, everything that a text in it could ask for."""


def to_html(page: Page) -> str:
    """The report as one HTML page."""
    title = html.text(page.title)
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><h1>{title}</h1>',
    ]
    for section in page.sections:
        parts.append(f"<h2>{html.text(section.title)}</h2>")
        if section.said:
            parts.append(f"<p>{html.text(section.said)}</p>")
        if section.rows:
            parts.append(html.table(section.rows, most=None))
        parts += [drawn for _, drawn in section.charts]
        parts += map(html.preformatted, section.texts)
    return "\n".join([*parts, "</body></html>\n"])


def to_markdown(page: Page) -> str:
    """The report as Markdown, its charts as images that are part of it."""
    parts = [f"# {markdown_cell(page.title)}\n"]
    for section in page.sections:
        parts.append(f"## {markdown_cell(section.title)}\n")
        if section.said:
            parts.append(f"{markdown_cell(section.said)}\n")
        if section.rows:
            parts.append(_markdown_table(section.rows))
        for name, drawn in section.charts:
            data = base64.b64encode(drawn.encode("utf-8", "backslashreplace")).decode()
            parts.append(f"![{markdown_cell(name)}](data:image/svg+xml;base64,{data})\n")
        for text in section.texts:
            parts.append("\n".join(f"    {clean(line)}" for line in text.split("\n")) + "\n")
    return "\n".join(parts)


def _markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if any(row.get(name) not in (None, "") for row in rows)
    ]
    lines = [[shown(row.get(name)) for name in names] for row in rows]
    cells = [list(map(markdown_cell, line)) for line in (names, *lines)]
    cells.insert(1, ["---"] * len(names))
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
