"""``magnus-tui report``: runs as one page that can be sent to anybody."""

from __future__ import annotations

from pathlib import Path

import click

from magnus_tracking.errors import os_reason
from magnus_tui.cli import candidates
from magnus_tui.cli.output import catalog_option, store_option
from magnus_tui.cli.store_access import open_for_command, warn

KINDS = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown"}


@click.command("report")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=candidates.run_ids)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: HTML or Markdown, by its extension.",
)
@store_option
@catalog_option
def command(runs: tuple[str, ...], output: Path, store: str) -> None:
    """Write one or several RUNs as one page: facts, differences, curves, failures.

    The page is self-contained: charts are inline SVG, and it has no scripts.
    """
    from magnus_tui.cli.report_document import page_of, to_html, to_markdown

    kind = KINDS.get(output.suffix.lower())
    if kind is None:
        endings = ", ".join(KINDS)
        raise click.BadParameter(f"{output.name!r} ends in none of {endings}", param_hint="-o")
    opened = open_for_command(store)
    if output.resolve().is_relative_to(opened.store.root.resolve()):
        raise click.BadParameter("nothing is written into a store: name a file outside it", param_hint="-o")
    run_ids = list(dict.fromkeys(opened.find(name) for name in runs))
    page = page_of(opened, run_ids)
    text = to_html(page) if kind == "html" else to_markdown(page)
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise click.ClickException(f"can't write {output}: {os_reason(error)}") from None
    warn(f"wrote {output}")
