"""What every listing command shares: its options, and writing as a table, JSON, CSV or Markdown.

What is written is UTF-8 whatever the locale says, because that is what run logs are. Text out of a log never reaches a
terminal raw, and a table that is piped has no colour and is not cut.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Literal, TypeVar

import click

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.printable import clean_lines
from magnus_tracking.runlog.default_names import STORE_FOLDER
from magnus_tui.cli import candidates
from magnus_tui.format.table_columns import Column, Line
from magnus_tui.format.text import clean
from magnus_tui.format.written import csv_lines, json_default, markdown_lines, without_nan

_WRITTEN_AT_ONCE = 1 << 20
"""Characters that are written at once, so that no output is held as a whole."""
OutputFormat = Literal["table", "json", "csv", "markdown"]
FORMATS: tuple[OutputFormat, ...] = ("table", "json", "csv", "markdown")

_CATALOGS = "magnus_tui.catalogs"
"""Under which name a command's context keeps the catalogs that the user named."""

_STRICT = "magnus_tui.strict_json"
"""The key under which a command's context keeps whether JSON is strict."""

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class StoreCommand(click.Command):
    """A command whose only argument is a store, which stands for ``-s``."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> candidates.Items:
        """Its options; files and folders where none is typed."""
        found = super().shell_complete(ctx, incomplete)
        return found if incomplete.startswith("-") else [*candidates.paths(ctx, self.params[0], incomplete), *found]


def store_option(function: F) -> F:
    """Add ``-s/--store``, passed as `store`."""
    return click.option(
        "-s",
        "--store",
        default=STORE_FOLDER,
        show_default=True,
        metavar="STORE",
        shell_complete=candidates.paths,
        help="A store, the folder that holds one, or one run's file.",
    )(function)


def catalog_option(function: F) -> F:
    """Add ``--catalog``, which may be given again; `open_for_command` takes what was named."""
    return click.option(
        "--catalog",
        "catalogs",
        multiple=True,
        metavar="PATH",
        shell_complete=candidates.paths,
        expose_value=False,
        callback=_name_catalogs,
        help="Look for execution logs and catalog files here first, even outside the project; repeatable.",
    )(function)


def _name_catalogs(context: click.Context, _option: click.Parameter, paths: tuple[str, ...]) -> None:
    context.meta[_CATALOGS] = (*context.meta.get(_CATALOGS, ()), *paths)


def named_catalogs() -> tuple[str, ...]:
    """The catalogs that the user named in this call of a command."""
    context = click.get_current_context(silent=True)
    found: tuple[str, ...] = context.meta.get(_CATALOGS, ()) if context is not None else ()
    return found


def format_option(function: F) -> F:
    """Add ``--format``, passed as `output_format`, one of `FORMATS`; and ``--strict-json``, which is obeyed here."""
    strict = click.option(
        "--strict-json",
        is_flag=True,
        expose_value=False,
        callback=_be_strict,
        help="Strict JSON: null for NaN and infinities.",
    )
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How to write it.",
    )(strict(function))


def _be_strict(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    context.meta[_STRICT] = wanted


def write_listing(
    output_format: OutputFormat,
    columns: Sequence[Column[T]],
    items: Sequence[T],
    document: Callable[[], Any],
    empty: str,
) -> None:
    """Write `items` in the format that was asked for.

    Args:
        output_format: one of `FORMATS`.
        columns: for all formats but JSON.
        items: a row each.
        document: what JSON writes, made only then.
        empty: what a table says, on standard error, where there is no item.
    """
    if output_format == "json":
        write_json(document())
    elif output_format == "csv":
        write_csv(columns, items)
    elif output_format == "markdown":
        write_parts(markdown_lines(columns, items))
    elif items:
        write_table(columns, items)
    else:
        print(clean(empty), file=sys.stderr)


def write_text(text: str) -> None:
    """Write text to standard output as UTF-8, without what a terminal would obey where it is one."""
    _write(clean_lines(text) if sys.stdout.isatty() else text)


def _write(text: str) -> None:
    """Write text as it is; a surrogate that stands alone is written as its escape."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def write_parts(parts: Iterable[str]) -> None:
    """Write text that comes in many parts, without holding all of it."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _WRITTEN_AT_ONCE:
            write_text("".join(held))
            held, size = [], 0
    write_text("".join(held))


def write_json(value: Any) -> None:
    """Write JSON as the engines do: indented, ASCII only, NaN and infinities bare, or null where that is asked for.

    Raises:
        MagnusTrackingError: it is nested more deeply than Python writes, which from 3.13 on reads more than that.
    """
    encoder = json.JSONEncoder(indent=4, default=json_default)
    try:
        write_parts(chain(_strictly(encoder.iterencode(value)), "\n"))
    except RecursionError:
        raise MagnusTrackingError("nested too deeply to be written as JSON") from None


def write_json_line(value: Any) -> None:
    """Write JSON as one line, at once; otherwise as `write_json` does."""
    encoder = json.JSONEncoder(default=json_default)
    write_text("".join(_strictly(encoder.iterencode(value))) + "\n")


def _strictly(parts: Iterable[str]) -> Iterable[str]:
    """The parts of a JSON; null for NaN and infinities where that was asked for."""
    context = click.get_current_context(silent=True)
    if context is None or not context.meta.get(_STRICT):
        return parts
    return map(without_nan, parts)


def write_csv(columns: Sequence[Column[T]], items: Iterable[T], *, headings: bool = True) -> None:
    """Write CSV, with a heading line unless that has been written before."""
    write_parts(csv_lines(columns, items, headings=headings))


def write_table(columns: Sequence[Column[T]], items: Sequence[T]) -> None:
    """Write an aligned table: in colour and fitted to the width on a terminal, plain and whole in a pipe."""
    from magnus_tui.cli.tables import layout

    write_lines(layout(columns, items, terminal_width()))


def terminal_width() -> int | None:
    """The columns of the terminal that standard output is, or None where it is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def write_lines(lines: Iterable[Line]) -> None:
    """Write lines, with their styles only on a terminal."""
    if not sys.stdout.isatty():
        write_parts("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
        return
    from rich.console import Console
    from rich.text import Text

    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, highlight=False, markup=False, emoji=False, width=10_000)
    for line in lines:
        pieces = [(clean(text), style) for text, style in line]
        console.print(Text.assemble(*pieces, no_wrap=True), crop=False, soft_wrap=True)
        if drawn.tell() >= _WRITTEN_AT_ONCE:
            _write(drawn.getvalue())
            drawn.seek(0)
            drawn.truncate()
    _write(drawn.getvalue())
