"""How the explorer's process ends: within a second, with the terminal as it was, and no process left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, Protocol

from magnus_tracking.process.children import end_children
from magnus_tracking.process.crashes import crash_line

if TYPE_CHECKING:
    from magnus_tui.terminal.driver import TerminalDriver

_ORDERLY_SECONDS = 0.4
"""For which the application may put things in order; after that the process ends whatever it is doing."""

_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGXCPU")
"""Those that end a process which does not take them; schedulers of jobs send the later ones."""
_BY_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a process."""


class Application(Protocol):
    """What runs on the terminal.

    Attributes:
        crash: what ended it, if that was a fault of ours.
        is_elsewhere: whether an editor has the terminal.
        on_leaving: called with the exit status as soon as it is about to end.
        next_stores: what the explorer is to be opened on in place of this one; empty where it just ends.
    """

    crash: BaseException | None
    is_elsewhere: bool
    on_leaving: Callable[[int], None]
    next_stores: tuple[str, ...]

    def leave_soon(self, status: int) -> None:
        """End with an exit status, from a signal handler or another thread."""


class OrderlyExit:
    """Makes sure that the process ends when it should, from before the application is there."""

    def __init__(self) -> None:
        self._app: Application | None = None
        self._terminal: type[TerminalDriver] | None = None
        self._deadline: threading.Timer | None = None
        self._by_signal = 0
        # A signal may come while the same thread is in here because of another one.
        self._lock = threading.RLock()
        self._ended = False

    def listen(self) -> None:
        """End by signals from now on; called in the main thread."""
        for name in _SIGNALS:
            signal.signal(getattr(signal, name), self._on_signal)

    def watch(self, app: Application, terminal: type[TerminalDriver]) -> None:
        """Let the application end in order from now on, and with its terminal.

        Args:
            app: what is about to run.
            terminal: what it is drawn on.
        """
        self._app, self._terminal = app, terminal
        terminal.lost = lambda: self._leave(_BY_SIGNAL + signal.SIGHUP)
        app.on_leaving = self.begin

    def begin(self, status: int) -> None:
        """The application is about to end: give it a little while.

        Args:
            status: of the process, if that while is over.
        """
        with self._lock:
            if self._deadline is None:
                self._deadline = threading.Timer(_ORDERLY_SECONDS if self._app is not None else 0, self.end, (status,))
                self._deadline.daemon = True
                self._deadline.start()

    def end(self, status: int) -> NoReturn:
        """End the process now: nobody waits for what is being read, and what was begun on disk can be made again.

        Args:
            status: of the process, unless a signal has asked for its end.
        """
        status = self._by_signal or status
        with self._lock:
            if not self._ended:
                self._ended = True
                self._end(status)
        os._exit(status)

    def _end(self, status: int) -> NoReturn:
        try:
            end_children()
            if self._terminal is not None and self._terminal.current is not None:
                self._terminal.current.give_back()
            if self._app is not None and self._app.crash is not None:
                os.write(2, (crash_line("magnus-tui", self._app.crash) + "\n").encode("utf-8", "backslashreplace"))
            elif sys.__stderr__ is not None:
                sys.__stderr__.flush()
            if self._app is not None and self._app.crash is None and self._app.next_stores and not self._by_signal:
                # Without -P, what lies in the working folder could be imported in place of the installed modules.
                os.execv(sys.executable, [sys.executable, "-P", "-m", "magnus_tui", *self._app.next_stores])
        finally:
            os._exit(status)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and self._app is not None and self._app.is_elsewhere:
            # It was meant for the editor that has the terminal.
            return
        self._leave(_BY_SIGNAL + number)

    def _leave(self, status: int) -> None:
        with self._lock:
            if self._deadline is None:
                self._by_signal = status
            self.begin(status)
        if self._app is not None:
            self._app.leave_soon(status)
