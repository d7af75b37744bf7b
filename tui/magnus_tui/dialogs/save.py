"""Saving what is seen: in which format, and whether in a file, on the clipboard or through the browser."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.strip import Strip
from textual.widgets import Input, OptionList, Static
from textual.worker import Worker, get_current_worker

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui import format, keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.dialogs.new_file import NotSavedError, file_name, place_of, write_new
from magnus_tui.dialogs.picture import svg_of
from magnus_tui.format.seen import Seen
from magnus_tui.format.text import MOST_COPIED, clean
from magnus_tui.format.written import Form, written
from magnus_tui.screen import Explorer, read_styles
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.line_input import LineInput
from magnus_tui.widgets.option_lists import FilteredOptions


class _Format(NamedTuple):
    """How something is written: how its file's name ends, what browsers call it, and what it is good for."""

    suffix: str
    mime_type: str
    said: str


_FORMATS = {
    "csv": _Format(".csv", "text/csv", "CSV       for spreadsheets and data frames"),
    "json": _Format(".json", "application/json", "JSON      for programs"),
    "markdown": _Format(".md", "text/markdown", "Markdown  for notes and issues"),
    "svg": _Format(".svg", "image/svg+xml", "SVG       a picture of the screen"),
}
_TOLD = 500
"""Rows between two reports of how many were written."""


class FileName(LineInput):
    """The line in which the name of the file is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.FILE_NAME)]


class SaveScreen(Dialog[None]):
    """The formats, and a name for the file; enter saves, a key copies."""

    CSS = read_styles(__file__, "dialogs.tcss", "save.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.SAVE)]
    key_tables: ClassVar = [("save", keys.SAVE)]
    app: Explorer

    def __init__(self, seen: Seen | None, picture: Sequence[Strip], is_read: Callable[[Path], bool]) -> None:
        """Make the screen.

        Args:
            seen: what is shown as rows; None where there is only the picture.
            picture: the lines of the screen.
            is_read: whether a path, absolute and without links, lies inside a store that is read.
        """
        super().__init__()
        self._seen = seen
        self._picture = picture
        self._is_read = is_read
        self._formats = list(_FORMATS) if seen is not None else ["svg"]
        # Of lines of text Markdown says most, of a document JSON.
        self._first = 0 if seen is None else 2 if seen.is_text else 1 if seen.document is not None else 0
        self._writing: Worker[None] | None = None

    @property
    def _title(self) -> str:
        return self._seen.title if self._seen is not None else "screen"

    def compose(self) -> ComposeResult:
        """What it is, the formats, the name of the file, where that lies, and what to press."""
        count = self._seen.count if self._seen is not None else None
        rows = f"  {format.count(count, 'row')}" if count is not None else ""
        with Vertical(classes="dialog"):
            yield Static(f"save {clean(self._title)}{rows}", classes="dialog-title", markup=False)
            yield FilteredOptions(_FORMATS[name].said for name in self._formats)
            with Horizontal(id="save-file"):
                yield Static("download " if self.app.is_web else "file ", markup=False)
                suffix = _FORMATS[self._formats[self._first]].suffix
                yield FileName(file_name(self._title, suffix), compact=True, select_on_focus=False)
            yield Static(self._where, classes="dialog-help", markup=False)
            yield KeyBar()

    @property
    def _where(self) -> str:
        return _here() if not self.app.is_web else ""

    def on_mount(self) -> None:
        """Begin at the formats."""
        options = self.query_one(FilteredOptions)
        options.highlighted = self._first
        line = self.query_one(FileName)
        line.cursor_position = len(Path(line.value).stem)
        options.focus()

    @property
    def _format(self) -> str:
        return self._formats[self.query_one(FilteredOptions).highlighted or 0]

    def on_option_list_option_highlighted(self, _event: OptionList.OptionHighlighted) -> None:
        """Let the name end as the format does."""
        line, suffix = self.query_one(FileName), _FORMATS[self._format].suffix
        path = Path(line.value)
        if path.name and path.suffix != suffix and path.suffix in {known.suffix for known in _FORMATS.values()}:
            line.value = str(path.with_suffix(suffix))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take the format that the name ends in; one that is typed before the ending takes its place."""
        line = self.query_one(FileName)
        before = event.value[: line.cursor_position]
        if event.value == line.value == before + Path(event.value).suffix and self._place_of(before) is not None:
            line.value = before
        elif (place := self._place_of(event.value)) is not None:
            self.query_one(FilteredOptions).highlighted = place

    def _place_of(self, name: str) -> int | None:
        """Which of the formats a name ends in; None for no known one."""
        suffixes = [_FORMATS[form].suffix for form in self._formats]
        suffix = Path(name).suffix.lower()
        return suffixes.index(suffix) if suffix in suffixes else None

    def _say(self, said: str) -> None:
        if self.is_current:
            self.query_one(".dialog-help", Static).update(said)

    def action_write(self) -> None:
        """Save, or send to the browser."""
        self._begin(self._deliver if self.app.is_web else self._save)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Save, or send to the browser."""
        self.action_write()

    def action_copy(self) -> None:
        """Copy to the clipboard."""
        self._begin(self._copy)

    def action_cancel(self) -> None:
        """Go back, and cancel what is being written."""
        if self._writing is not None:
            self._writing.cancel()
        self.dismiss()

    def _begin(self, write: Callable[[str, str], Callable[[], None]]) -> None:
        if self._writing is None or self._writing.is_finished:
            self._say("writing …")
            self._writing = self._write(write, self._format, self.query_one(FileName).value)

    # In worker threads

    @work(thread=True, group="save", description="what is seen, being written")
    def _write(self, write: Callable[[str, str], Callable[[], None]], form: str, name: str) -> None:
        """Write what is seen, then tell what became of it, which `write` returns."""
        try:
            end = write(form, name)
        except (NotSavedError, MagnusTrackingError) as error:
            if get_current_worker().is_cancelled:
                return
            end = partial(self._refused, error)
        self.app.call_from_thread(end)

    def _save(self, form: str, name: str) -> Callable[[], None]:
        path = place_of(name, self._is_read)
        write_new(path, self._parts(form))
        return partial(self._done, f"saved: {format.home_relative(path)}")

    def _copy(self, form: str, _name: str) -> Callable[[], None]:
        parts, size = [], 0
        for part in self._parts(form):
            parts.append(part)
            size += len(part)
            if size > MOST_COPIED:
                raise NotSavedError(f"not copied: terminals don't accept more than {MOST_COPIED:,} characters")
        return partial(self._copied, "".join(parts))

    def _deliver(self, form: str, name: str) -> Callable[[], None]:
        data = io.BytesIO()
        for part in self._parts(form):
            data.write(part.encode("utf-8", "backslashreplace"))
        chosen = _FORMATS[form]
        return partial(self._delivered, data, file_name(Path(name).stem, chosen.suffix), chosen.mime_type)

    def _parts(self, form: str) -> Iterator[str]:
        """What is written, until the user goes back."""
        worker, seen = get_current_worker(), self._seen
        if form == "svg" or seen is None:
            yield svg_of(self._picture, clean(self._title))
            return
        for part in written(seen, cast(Form, form), self._told(seen)):
            if worker.is_cancelled:
                raise NotSavedError("given up")
            yield part

    def _told(self, seen: Seen) -> Iterator[Any]:
        """The rows, and now and then how many they were until then."""
        of = f" of {seen.count:,}" if seen.count is not None else ""
        for number, row in enumerate(seen.rows()):
            if number and number % _TOLD == 0:
                self.app.call_from_thread(self._say, f"writing … {number:,}{of} rows")
            yield row

    # What became of it

    def _done(self, said: str) -> None:
        self.app.notify(said)
        if self.is_current:
            self.dismiss()

    def _copied(self, text: str) -> None:
        if self.is_current:
            self.app.copy_and_say(text)
            self.dismiss()

    def _delivered(self, data: io.BytesIO, name: str, mime_type: str) -> None:
        if self.is_current:
            # A folder is named only so that none is looked for: it is the browser that knows where downloads go.
            self.app.deliver_binary(data, save_directory=os.sep, save_filename=name, mime_type=mime_type)
            self._done(f"sent to the browser: {name}")

    def _refused(self, error: NotSavedError | MagnusTrackingError) -> None:
        self._say(f"{clean(str(error))}\n{self._where}")
        offer = error.offer if isinstance(error, NotSavedError) else None
        if offer is not None and self.is_current:
            self.query_one(FileName).value = offer


def _here() -> str:
    """The folder in which a file comes to lie whose name does not say where."""
    try:
        return f"in {clean(format.home_relative(Path.cwd())).removesuffix('/.')}"
    except OSError:
        return "the current folder is gone: type a full path"
