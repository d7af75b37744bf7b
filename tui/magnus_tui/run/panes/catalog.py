"""The catalog entries of what is selected, then of the other steps, and what became of the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from magnus_tracking.logs.catalog import CatalogFile, FileState
from magnus_tui import format
from magnus_tui.format.text import clean, truncate
from magnus_tui.run.catalog_entries import Entry
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.page import BLANK, Line, Page, pad, rule

MOST_SHOWN = 400
"""Entries that are listed, and whose files are looked at, for one selection."""

_HASH_DIGITS = 8
_MOST_OF_A_STATE = 10
"""Cells that are kept for what became of a file; what takes more is a sentence, and goes beyond the edge."""
_LEAST_OF_A_STEP = 8
"""Cells of a longer step's name below which it says nothing."""
_STATES = {
    FileState.PRESENT: ("unchanged", "status-success"),
    FileState.ALTERED: ("altered", "status-silent"),
    FileState.MISSING: ("missing", "status-fail"),
    FileState.OUTSIDE: ("outside the catalog, not followed", "status-fail"),
    FileState.NOT_ALLOWED: (
        "outside, not followed: name the folder with --catalog or the setting catalogs",
        "status-silent",
    ),
    FileState.UNREADABLE: ("can't be read", "status-fail"),
}


def entries_of(selection: Selection) -> tuple[list[Entry], list[Entry]]:
    """The entries of what is selected, and those of the run's other steps; of very many only the first."""
    return selection.catalog.around(selection.below, MOST_SHOWN)


def catalog_lines(selection: Selection, files: Mapping[int, CatalogFile], page: Page) -> list[Line]:
    """The entries; `files` holds what has been found so far, by the entry's number."""
    own, others = entries_of(selection)
    hidden = len(selection.catalog) - len(own) - len(others)
    if not own and not others:
        return [Line(Text("this run put nothing into the catalog and took nothing from it", page.ink["dim"]))]
    lines = [rule(selection.item.name if selection.item.attempt is None else "this step", page)]
    lines += _table(own, files, page) or [Line(Text("no catalog entries", page.ink["dim"]))]
    if others:
        lines += [BLANK, rule("other steps", page), *_table(others, files, page, with_steps=True)]
    if hidden:
        lines.append(Line(Text(f"… {hidden:,} more: select a step to see its own", page.ink["dim"])))
    return lines


def _table(
    entries: list[Entry], files: Mapping[int, CatalogFile], page: Page, *, with_steps: bool = False
) -> list[Line]:
    """Entries below headings, each with what has been found of its file."""
    ink = page.ink
    if not entries:
        return []
    shown = [files.get(item.number) for item in entries]
    sizes = [_size(file) for file in shown]
    states = [_state(item, file, page) for item, file in zip(entries, shown, strict=True)]
    stage_cells = max(len("stage"), *(cell_len(clean(item.entry.stage)) for item in entries)) + 1
    size_cells = max(map(cell_len, sizes))
    widest = max(cell_len(clean(item.entry.name)) for item in entries)
    state_cells = min(max(state.cell_len for state in states), _MOST_OF_A_STATE)
    room = page.width - stage_cells - size_cells - _HASH_DIGITS - state_cells - 6
    least_for_step = min(max(cell_len(clean(item.step.name)) for item in entries), _LEAST_OF_A_STEP)
    has_steps = with_steps and room - widest - 2 >= least_for_step
    name_cells = max(min(widest, room), 8)
    heading = (
        f"{pad('stage', stage_cells)}{pad('name', name_cells)}  {'size':>{size_cells}}  {'hash':{_HASH_DIGITS}}  file"
    )
    lines = [Line(Text(heading, ink["dim"], no_wrap=True))]
    for item, file, size, state in zip(entries, shown, sizes, states, strict=True):
        entry = item.entry
        text = Text(pad(clean(entry.stage), stage_cells), ink["dim"], no_wrap=True)
        text.append(pad(clean(entry.name), name_cells), ink["foreground"])
        text.append(f"  {size:>{size_cells}}  {pad(clean(entry.data_hash)[:_HASH_DIGITS], _HASH_DIGITS)}  ")
        text.append_text(state)
        if has_steps:
            text.pad_right(max(state_cells - state.cell_len, 0))
            text.append("  " + truncate(clean(item.step.name), page.width - text.cell_len - 2))
        lines.append(Line(text, f"{entry.name} {entry.data_hash}", file.path if file else None, _row(item, file)))
    return lines


def catalog_rows(selection: Selection, files: Mapping[int, CatalogFile]) -> Iterator[Mapping[str, Any]]:
    """What is written of every entry, also of those beyond the ones that are listed."""
    for part in selection.catalog.around(selection.below, len(selection.catalog)):
        yield from (_row(item, files.get(item.number)) for item in part)


def _row(item: Entry, file: CatalogFile | None) -> Mapping[str, Any]:
    return {
        "step": item.step.internal_name,
        "stage": item.entry.stage,
        "name": item.entry.name,
        "size": file.size if file else None,
        "hash": item.entry.data_hash,
        "file": _state_of(item, file)[0],
    }


def _size(file: CatalogFile | None) -> str:
    return format.size(file.size) if file and file.size is not None else format.DASH if file else "…"


def _state(item: Entry, file: CatalogFile | None, page: Page) -> Text:
    word, color = _state_of(item, file)
    return Text(word, page.ink[color])


def _state_of(item: Entry, file: CatalogFile | None) -> tuple[str, str]:
    """What became of the file, and the colour in which that is told."""
    if file is None:
        return "checking …", "dim"
    if file.state is FileState.PRESENT and not item.entry.data_hash:
        return "there", "foreground"
    return _STATES[file.state]
