"""``magnus-tui [STORE]``: opening the explorer, without a command line parser."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from magnus_tracking.errors import ConfigurationError, MagnusTrackingError
from magnus_tracking.runlog.default_names import STORE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from magnus_tracking.stores import Store
    from magnus_tui.app.explorer import ExplorerApp
    from magnus_tui.feed.prefetch import SeriesFeed
    from magnus_tui.terminal.exit import OrderlyExit

_WRONG_USAGE = 2
_NO_SCREENS = frozenset({"dumb", "unknown", ""})
"""Values of ``TERM`` of what can't put text where it should stand."""

_HANDED_BACK = 0.0005
"""Seconds; Python's own 5 ms delayed a screen that opens several times over while something was read in a thread."""

_OTHER_DRIVER = "TEXTUAL_DRIVER"
"""The environment variable by which a server says that it draws the explorer itself."""


def explore(stores: Sequence[str], catalogs: Sequence[str] = ()) -> int:
    """Open the explorer on a store; on a terminal it ends the process itself, else it returns the exit status.

    Args:
        stores: stores, folders that hold one, addresses or archives, which are shown together; none for the one in the
            current folder, or those of the settings.
        catalogs: folders in which the user wants execution logs and catalog files looked for first.
    """
    is_served = bool(os.environ.get(_OTHER_DRIVER))
    lacking = None if is_served else what_terminal_lacks()
    if lacking:
        print(
            f"magnus-tui: the explorer needs a terminal, and {lacking}: "
            "`magnus-tui runs` lists the runs without one (`magnus-tui --help` has more)",
            file=sys.stderr,
        )
        return _WRONG_USAGE
    import gc

    # Hardly anything that a start makes is garbage; the application turns collection on once it has painted.
    gc.disable()
    # Whenever it looks for keys the event loop lets a thread that works have the interpreter, and gets it back so late.
    sys.setswitchinterval(_HANDED_BACK)
    from magnus_tracking.process.heap import share_one_heap
    from magnus_tui.terminal.exit import OrderlyExit

    share_one_heap()
    orderly_exit = OrderlyExit()
    if not is_served:
        orderly_exit.listen()
    opened, series = _open(stores or _default_stores())
    if not isinstance(opened, MagnusTrackingError):
        opened.name_catalogs(catalogs)
    from magnus_tui.app.explorer import ExplorerApp

    if is_served:
        app = ExplorerApp(opened, series=series, keeps_settings=False)
        app.run()
        if app.crash is not None:
            raise app.crash
        return 0
    from magnus_tui.terminal.driver import TerminalDriver

    app = ExplorerApp(opened, series=series, driver_class=TerminalDriver)
    orderly_exit.watch(app, TerminalDriver)
    return _run(app, orderly_exit)


def what_terminal_lacks() -> str | None:
    """Why the explorer can't be drawn here, or None where it can."""
    for name, stream in (("input", sys.stdin), ("output", sys.stdout)):
        if stream is None or stream.closed or not stream.isatty():
            return f"standard {name} is not a terminal"
    term = os.environ.get("TERM", "")
    if term in _NO_SCREENS:
        return f"TERM is {term}" if term else "TERM is not set"
    return None


def _run(app: ExplorerApp, orderly_exit: OrderlyExit) -> int:
    """Run the application on a terminal and end the process."""
    import asyncio

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        app.run(loop=loop)
    except BaseException as error:
        app.crash = app.crash or error
    # Not by returning: the interpreter would wait for every thread that still reads.
    orderly_exit.end(1 if app.crash is not None else app.return_code or 0)


def _default_stores() -> Sequence[str]:
    """The store in the current folder; where there is none, those that the settings name."""
    if not os.path.lexists(STORE_FOLDER):
        from magnus_tui.settings import load_settings, settings_path

        # The application tells of a mistake in the settings.
        with contextlib.suppress(ConfigurationError):
            return [os.path.expanduser(store) for store in load_settings(settings_path()).stores] or (STORE_FOLDER,)  # noqa: PTH111 - may be an address
    return (STORE_FOLDER,)


def _open(paths: Sequence[str]) -> tuple[Store | MagnusTrackingError, SeriesFeed | None]:
    """The store at `paths`, or several as one, or why there is none; and its series.

    Of the series, what will be asked for first is being read: before the application is imported, which takes longer
    than all else. The store's path is absolute, so that it still names the same place when the current folder is moved
    or made anew.
    """
    from magnus_tracking.stores import open_stores
    from magnus_tui.feed.prefetch import SeriesFeed

    try:
        store = open_stores(paths)
        store.root = store.root.absolute()
        store.check()
        series = SeriesFeed(store)
        series.prefetch_newest()
    except MagnusTrackingError as error:
        return error, None
    return store, series
