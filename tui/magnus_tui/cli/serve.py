"""``magnus-tui serve``: the explorer in a browser, through textual-serve."""

from __future__ import annotations

import shlex
import sys

import click

from magnus_tracking.errors import os_reason
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.runlog.default_names import STORE_FOLDER
from magnus_tui.cli import candidates


@click.command("serve")
@click.argument("store", required=False, shell_complete=candidates.paths)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port to listen on.")
@click.option("--host", default="localhost", show_default=True, help="The address to listen on.")
@click.option("--name", "names", multiple=True, help="Another host name that browsers use to reach it; repeatable.")
@click.option(
    "--public-url", metavar="URL", help="The address of a proxy in front of it, such as https://runs.example."
)
def command(store: str | None, port: int, host: str, names: tuple[str, ...], public_url: str | None) -> None:
    """Serve the explorer of STORE to a browser; needs the extra `serve`.

    It answers only those who have the address that it prints, which contains a secret made for each start, and only
    under the names of this machine and those of --host, --name and --public-url. It writes nothing and starts no
    program. Over SSH, forward the port (`ssh -L 8000:localhost:8000 HOST`, or any other port) and open the address on
    your machine.
    """
    from magnus_tui.cli.serving.origins import origin_of

    if public_url is not None and origin_of(public_url) is None:
        raise click.BadParameter(f"{public_url!r} is not an address that begins with http:// or https://")
    try:
        from magnus_tui.cli.serving.server import GuardedServer
    except ModuleNotFoundError:
        raise click.ClickException(
            "serving needs textual-serve: install it with `pip install 'magnus-tui[serve]'`"
        ) from None
    # Without -P, what lies in the working folder could be imported in place of the installed modules.
    arguments = [sys.executable, "-P", "-m", "magnus_tui", str(expanded(store or STORE_FOLDER).absolute())]
    try:
        GuardedServer(shlex.join(arguments), host, port, names, public_url).serve()
    except OSError as error:
        raise click.ClickException(f"can't listen on {host}, port {port}: {os_reason(error)}") from None
