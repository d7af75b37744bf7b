"""The server behind ``magnus-tui serve``: textual-serve's, for those alone who have the address that it printed."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Collection
from importlib.resources import files
from string import Template

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from magnus_tui.cli.serving.origins import host_name, is_ours, names_us, origin_of

_PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Headers that keep the address, which holds the token, inside this page."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Where the page may get anything from: this server. The terminal in it styles its own elements."""
_PAGE = files("magnus_tui.cli.serving")
_FONT_SIZES = range(6, 73)
_CELLS = {"width": (80, 1000), "height": (24, 400)}
"""What the terminal of a page measures where that is not said, and at most: more than a wall of screens has. The
explorer paints every cell, and whoever asked for a million by a million would take all of this machine's memory."""

_ENDING_SECONDS = 1.0
"""What a page may take to close when the server ends, and then its explorer to end."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GuardedServer(Server):  # type: ignore[misc]
    """A server all of whose addresses begin with a token that nobody can guess.

    Whoever asks without the token, by a name that is not the server's, or from a page that is not its own gets an
    empty answer.

    Args:
        command: of the explorer.
        host: the address that it listens on.
        port: likewise.
        names: other host names under which browsers reach it.
        public_url: the address of a proxy that leads to it; None where there is none.
    """

    def __init__(
        self, command: str, host: str, port: int, names: Collection[str], public_url: str | None = None
    ) -> None:
        super().__init__(command, host=host, port=port, title="magnus-tui")
        self._token = secrets.token_urlsafe(32)
        self._proxy = public_url.rstrip("/") if public_url else None
        self._origin = origin_of(self._proxy) if self._proxy else None
        behind = (host_name(self._origin.partition("://")[2]) or "",) if self._origin else ()
        self._names = (host, *names, *behind)
        self._open: set[web.WebSocketResponse] = set()
        self._explorers: set[Process] = set()

    @property
    def address(self) -> str:
        """What a browser opens."""
        if self._proxy:
            return f"{self._proxy}/{self._token}/"
        everywhere = host_name(self.host) in ("0.0.0.0", "::")
        host = "localhost" if everywhere else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/{self._token}/"

    async def _make_app(self) -> web.Application:
        @web.middleware  # type: ignore[untyped-decorator]
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        guarded = web.Application(middlewares=[guard])
        guarded.on_response_prepare.append(_keep_private)
        guarded.on_shutdown.append(self._end_pages)
        guarded.on_cleanup.append(self._end_explorers)
        served = await super()._make_app()
        for name, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
            served.router.add_get(f"/{name}", _part(name, kind))
        guarded.add_subapp(f"/{self._token}/", served)
        return guarded

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        here = request.transport.get_extra_info("sockname") if request.transport else None
        # An address, unlike a name, can't be made to lead elsewhere: the one that was connected to is ours.
        names = (*self._names, str(here[0])) if here else self._names
        hosts, origins = request.headers.getall("Host", []), request.headers.getall("Origin", [None])
        # What CONNECT asks for has no path, and that of OPTIONS may be an asterisk.
        token = next(iter(request.path.split("/", 2)[1:]), "")
        is_welcome = (
            len(hosts) == len(origins) == 1
            and names_us(hosts[0], names)
            and (is_ours(origins[0], hosts[0]) or (origins[0] is not None and origins[0] == self._origin))
            and hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())
        )
        if not is_welcome:
            return web.Response(status=403)
        return await handler(request)

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page, in letters of as many pixels as ``?fontsize=`` says."""
        asked = request.query.get("fontsize", "")
        size = asked if asked in map(str, _FONT_SIZES) else "16"
        page = Template(_PAGE.joinpath("page.html").read_text("utf-8")).substitute(font_size=size)
        headers = {"Content-Security-Policy": _POLICY}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The explorer on a websocket, on a terminal no larger than may be."""
        asked = {name: str(_bounded(name, request.query[name])) for name in _CELLS if name in request.query}
        return await super().handle_websocket(request.clone(rel_url=request.rel_url.update_query(asked)))

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: AppService) -> None:
        resize = app_service.set_terminal_size

        async def resize_within_bounds(width: object, height: object) -> None:
            await resize(_bounded("width", width), _bounded("height", height))

        app_service.set_terminal_size = resize_within_bounds
        self._explorers = {explorer for explorer in self._explorers if explorer.returncode is None}
        self._explorers.add(app_service._process)
        self._open.add(websocket)
        try:
            await super()._process_messages(websocket, app_service)
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
            # The page sends nothing that can't be understood. Whoever does ends this connection, and no other.
            await websocket.close()
        finally:
            self._open.discard(websocket)

    async def _end_pages(self, _app: web.Application) -> None:
        """Close what is open, so that each explorer ends in order; the server would wait a minute for them."""
        closing = [asyncio.create_task(websocket.close()) for websocket in self._open]
        if closing:
            await asyncio.wait(closing, timeout=_ENDING_SECONDS)

    async def _end_explorers(self, _app: web.Application) -> None:
        """Wait for the explorers, which were told to quit when their pages closed, and end those that don't.

        Their end is noticed by this event loop: one that comes after the loop's is a warning on standard error.
        """
        ends = [asyncio.create_task(explorer.wait()) for explorer in self._explorers]
        if ends:
            await asyncio.wait(ends, timeout=_ENDING_SECONDS)
            for explorer in self._explorers:
                # Kills the process where it still runs, and closes its pipes, whose ends may not have been read yet.
                explorer._transport.close()  # type: ignore[attr-defined]
            await asyncio.wait(ends)

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: nobody is listening."""

    def serve(self, debug: bool = False) -> None:
        """Answer until ctrl+c or SIGTERM; the address is printed once it listens."""
        web.run_app(
            self._make_app(),
            host=self.host,
            port=self.port,
            access_log=None,
            print=self._say,
            shutdown_timeout=_ENDING_SECONDS,
        )

    def _say(self, _running: str) -> None:
        said = f"The explorer is at {self.address}\nWhoever has this address sees the store. ctrl+c ends it."
        print(said, flush=True)


def _bounded(name: str, asked: object) -> int:
    """The cells of a terminal in one direction that come nearest to what was asked for."""
    usual, most = _CELLS[name]
    try:
        return max(1, min(int(str(asked)[:9]), most))
    except ValueError:
        return usual


async def _keep_private(_request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer the headers of a private one, also a download, which is sent piece by piece."""
    response.headers.update(_PRIVATE)


def _part(name: str, kind: str) -> Handler:
    """What answers with a part of the page."""
    text = _PAGE.joinpath(name).read_text("utf-8")

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=kind)

    return answer
