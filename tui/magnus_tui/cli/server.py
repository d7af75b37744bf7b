"""The server behind ``magnus-tui serve``: textual-serve's, for those alone who have the address that it printed."""

from __future__ import annotations

import copy
import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from magnus_tui.cli.origins import host_name, is_ours, names_us

_PRIVATE = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Headers by which the address, with the token in it, stays in this page."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GuardedServer(Server):  # type: ignore[misc]
    """A server all of whose addresses begin with a token that nobody can guess.

    Whoever asks without the token, by a name that is not the server's, or from a page that is not its own gets an
    empty answer.

    Args:
        command: of the explorer.
        host: the address that it listens on.
        port: likewise.
        names: other hosts by which browsers reach it.
    """

    def __init__(self, command: str, host: str, port: int, names: Collection[str]) -> None:
        super().__init__(command, host=host, port=port, title="magnus-tui")
        self._token = secrets.token_urlsafe(32)
        self._names = (host, *names)

    @property
    def address(self) -> str:
        """What a browser opens."""
        everywhere = host_name(self.host) in ("0.0.0.0", "::")
        host = "localhost" if everywhere else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/{self._token}/"

    async def _make_app(self) -> web.Application:
        @web.middleware  # type: ignore[untyped-decorator]
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        guarded = web.Application(middlewares=[guard])
        guarded.add_subapp(f"/{self._token}/", await super()._make_app())
        return guarded

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        here = request.transport.get_extra_info("sockname") if request.transport else None
        # An address, unlike a name, can't be made to lead elsewhere: the one that was connected to is ours.
        names = (*self._names, str(here[0])) if here else self._names
        hosts, origins = request.headers.getall("Host", []), request.headers.getall("Origin", [None])
        token = request.path.split("/", 2)[1]
        is_welcome = (
            len(hosts) == len(origins) == 1
            and names_us(hosts[0], names)
            and is_ours(origins[0], hosts[0])
            and hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())
        )
        if not is_welcome:
            return web.Response(status=403)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_PRIVATE)
            raise
        if not response.prepared:
            response.headers.update(_PRIVATE)
        return response

    async def handle_index(self, request: web.Request) -> Any:
        """The page, which goes on by the name by which it was asked for."""
        asked = copy.copy(self)
        asked.public_url = f"{request.scheme}://{request.host}"
        return await Server.handle_index(asked, request)

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        said = f"The explorer is at {self.address}\nWhoever has this address sees the store. ctrl+c ends it."
        print(said, flush=True)
