"""The terminal that the explorer is drawn on: taken when it starts, and given back however it ends."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from queue import Full
from selectors import EVENT_READ, SelectSelector
from typing import Any, ClassVar

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_RESTORE = (
    "\x1b[?2004l"  # no bracketed paste
    "\x1b[?7h"  # wrap lines
    "\x1b[?2048l"  # no reports of the size
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # no mouse
    "\x1b[<u"  # keys as they always were
    "\x1b[?1049l"  # the screen as it was before
    "\x1b[?25h"  # a cursor
    "\x1b[?1004l"  # no reports of the focus
    "\x1b[?2026l"  # paint at once
    "\x1b[0m"
)
"""What undoes everything that Textual's driver asks a terminal for; harmless where nothing is to be undone."""

_STDOUT = 1
_AT_A_TIME = 4096
"""Bytes of what is typed that are read at once."""
_LOOKS_UP = 0.1
"""Seconds after which an escape that nothing followed is a key of its own."""
_HAND_OVER = 0.00005
"""Seconds in which a thread that was woken takes over the interpreter."""
_PATIENCE = 0.3
"""Seconds for which a terminal that takes nothing any more is waited for."""
_LAST_PAINTED = 0.1
"""Of these, what is given to what was painted last, so that it does not come after the terminal was restored."""


class TerminalDriver(LinuxDriver):
    """Textual's driver on a terminal that may vanish, that may be stopped at any time, and that must be given back.

    It writes to standard output, so that standard error may be a file.

    Attributes:
        current: the driver in use, where there is one.
        lost: called in another thread once the terminal is gone.
    """

    current: ClassVar[TerminalDriver | None] = None
    lost: ClassVar[Callable[[], None]] = staticmethod(lambda: None)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # A text with half a character must not end the thread that writes.
        self._output = os.dup(_STDOUT)
        self._file = os.fdopen(self._output, "w", encoding="utf-8", errors="backslashreplace", newline="")
        self._is_stopping = self._was_continued = False
        self._given_back: threading.Thread | None = None
        self._before: list[Any] | None = None
        with contextlib.suppress(termios.error):
            self._before = termios.tcgetattr(self.fileno)
        TerminalDriver.current = self
        threading.Thread(target=self._watch, name="terminal", daemon=True).start()

    def _watch(self) -> None:
        """Wait until the terminal is gone: reading from it would give nothing for ever, as fast as it is asked."""
        gone = select.poll()
        gone.register(self.fileno, 0)
        gone.poll()
        TerminalDriver.lost()

    def write(self, data: str) -> None:
        """Write to the terminal, by the thread that does so, which has the interpreter at once.

        It would wait until the event loop rests otherwise: 1.3 ms after a page of the list, of 10 from the key.
        """
        super().write(data)
        time.sleep(_HAND_OVER)

    def run_input_thread(self) -> None:
        """Read keys until the application ends; bytes that are not UTF-8, of a terminal set otherwise, are no fault."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")("replace").decode
        with SelectSelector() as selector:
            selector.register(self.fileno, EVENT_READ)
            while not self.exit_event.is_set():
                is_typed = bool(selector.select(_LOOKS_UP))
                typed = decode(os.read(self.fileno, _AT_A_TIME)) if is_typed else ""
                for event in (*(parser.feed(typed) if typed else ()), *parser.tick()):
                    self.process_message(event)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            TerminalDriver.lost()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    @property
    def _is_taken(self) -> bool:
        """Whether the terminal was taken and is not known to have been given back.

        Textual does both through the queue of a thread of its own, which may take longer than there is time.
        """
        return self._writer_thread is not self._given_back

    def close(self) -> None:
        """Wait until everything is written; the terminal is as it was then."""
        super().close()
        self._given_back = self._writer_thread

    # Textual does both in the middle of whatever the signal interrupts, be it a write to this very terminal.

    def _sigtstp_application(self, *arguments: Any) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._stop)
        else:
            super()._sigtstp_application(*arguments)

    def _sigcont_application(self, *_: Any) -> None:
        self._was_continued = True
        if self._auto_restart and not self._is_stopping:
            self._loop.call_soon_threadsafe(self._take_anew)

    def _stop(self) -> None:
        """Give the terminal to the shell until the process is continued."""
        self._is_stopping, self._was_continued = True, False
        if self._is_taken:
            self.suspend_application_mode()
        # The system itself stops the whole job, a wrapper around this process included, if anybody can continue it.
        ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, ours)
        self._is_stopping = False
        self._take_anew()
        if not self._was_continued:
            self._app.notify("no shell is waiting for the explorer, so it can't be suspended", timeout=4)

    def _take_anew(self) -> None:
        """Go on after a stop; after one that could not be prepared for (SIGSTOP) the shell has used the terminal."""
        if self._is_taken:
            self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()

    def give_back(self) -> None:
        """Restore the terminal at once, from any thread, whatever the rest of the process is doing.

        Where it takes nothing any more, it is waited for a moment and then left as it is.
        """
        if self._is_taken:
            writing = threading.Thread(target=self._write_restoring, daemon=True)
            writing.start()
            writing.join(_PATIENCE)
        if self._before is not None:
            # From the background this would stop the process.
            signal_before = None
            if threading.current_thread() is threading.main_thread():
                signal_before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._before)
            if signal_before is not None:
                signal.signal(signal.SIGTTOU, signal_before)

    def _write_restoring(self) -> None:
        writer = self._writer_thread
        if writer is not None and writer.is_alive():
            with contextlib.suppress(Full):
                writer._queue.put(None, timeout=_LAST_PAINTED)
                writer.join(_LAST_PAINTED)
        with contextlib.suppress(OSError):
            os.write(self._output, _RESTORE.encode())
