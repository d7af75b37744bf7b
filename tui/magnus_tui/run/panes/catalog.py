"""The catalog entries of what is selected, then of the other steps, and what became of the files."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.text import Text

from magnus_tracking.logs.catalog import CatalogFile, FileState
from magnus_tui import format
from magnus_tui.format.text import clean
from magnus_tui.run.catalog_entries import Entry
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.page import BLANK, Line, Page, pad, rule

MOST_SHOWN = 400
"""Entries that are listed, and whose files are looked at, for one selection."""

_HASH_DIGITS = 8
_STATES = {
    FileState.PRESENT: ("unchanged", "status-success"),
    FileState.ALTERED: ("altered", "status-silent"),
    FileState.MISSING: ("missing", "status-fail"),
    FileState.OUTSIDE: ("outside the catalog, not followed", "status-fail"),
    FileState.NOT_ALLOWED: ("outside the project: name it with --catalog or the setting catalogs", "status-silent"),
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
    fixed = 6 + 8 + 2 + _HASH_DIGITS + 2 + 10 + 2
    widest = max(cell_len(clean(item.entry.name)) for item in entries)
    name_cells = max(min(widest, page.width - fixed - (18 if with_steps and page.width > 76 else 0)), 8)
    heading = f"{'stage':6}{pad('name', name_cells)}  {'size':>7}  {'hash':{_HASH_DIGITS}}  file"
    lines = [Line(Text(heading, ink["dim"], no_wrap=True))]
    for item in entries:
        entry, file = item.entry, files.get(item.number)
        text = Text(pad(clean(entry.stage), 6), ink["dim"], no_wrap=True)
        text.append(pad(clean(entry.name), name_cells), ink["foreground"])
        size = format.size(file.size) if file and file.size is not None else format.DASH if file else "…"
        text.append(f"  {size:>7}  {pad(clean(entry.data_hash)[:_HASH_DIGITS], _HASH_DIGITS)}  ")
        text.append_text(_state(item, file, page))
        room = page.width - text.cell_len - 2
        if with_steps and room >= 8:
            text.append("  " + clean(item.step.name)[:room])
        row = {
            "step": item.step.internal_name,
            "stage": entry.stage,
            "name": entry.name,
            "size": file.size if file else None,
            "hash": entry.data_hash,
            "file": _state(item, file, page).plain,
        }
        lines.append(Line(text, f"{entry.name} {entry.data_hash}", file.path if file else None, row))
    return lines


def _state(item: Entry, file: CatalogFile | None, page: Page) -> Text:
    if file is None:
        return Text("checking …", page.ink["dim"])
    if file.state is FileState.PRESENT and not item.entry.data_hash:
        return Text("there", page.ink["foreground"])
    word, color = _STATES[file.state]
    return Text(word, page.ink[color])
