"""``magnus-tui serve``: the explorer in a browser, through textual-serve."""

from __future__ import annotations

import shlex
import sys

import click


@click.command("serve")
@click.argument("store", required=False)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Where it listens.")
@click.option("--host", default="localhost", show_default=True, help="The address that it listens on.")
def command(store: str | None, port: int, host: str) -> None:
    """Serve the explorer of STORE to a browser; needs the extra `serve`.

    Whoever can reach the address sees the store, so it is this machine's own unless `--host` says otherwise.
    """
    try:
        from textual_serve.server import Server
    except ModuleNotFoundError:
        raise click.ClickException(
            "serving needs textual-serve: install it with `pip install 'magnus-tui[serve]'`"
        ) from None
    arguments = [sys.executable, "-m", "magnus_tui", *([store] if store else [])]
    Server(shlex.join(arguments), host=host, port=port, title="magnus-tui").serve()
