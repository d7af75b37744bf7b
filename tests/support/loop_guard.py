"""Watches the thread of an event loop: what it opens, looks up, asks a database or starts there is noted.

What other threads ask of widgets is noted, too: it may have them laid out anew, which Textual does in one thread only.
"""

import functools
import os
import sqlite3
import sys
import threading
import traceback

_FILES = ("open", "os.", "shutil.", "glob.", "pathlib.", "tempfile.", "mmap.", "fcntl.", "ctypes.dlopen")
_PROCESSES = ("subprocess.", "os.posix_spawn", "os.fork", "os.exec", "os.system", "pty.spawn")
_OTHERS = ("sqlite3.", "socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request", "import")
_WATCHED = (*_FILES, *_PROCESSES, *_OTHERS)
_HARMLESS = ("os.putenv", "os.unsetenv", "os.kill", "os.killpg")
_LOOKUPS = ("stat", "lstat", "access", "readlink", "statvfs", "getxattr", "listxattr")
_TEXTUAL = ("textual", "textual.")


class LoopGuard:
    """Notes what one thread does to files, databases, processes and modules while it is armed.

    The hooks stay for as long as the process lives, as those of `sys.addaudithook` do: it is for a process of its own.

    Attributes:
        found: what was noted, each with the lines of the code that did it.
    """

    def __init__(self):
        self.found = []
        self._thread = None
        self._gate = threading.Event()
        self._gate.set()
        self._busy = threading.local()
        sys.addaudithook(self._audited)
        for name in _LOOKUPS:
            setattr(os, name, self._around(f"os.{name}", getattr(os, name)))
        self._watch_sqlite()

    def arm(self):
        """Watch the calling thread from now on."""
        self._thread = threading.get_ident()

    def disarm(self):
        """Watch no longer."""
        self._thread = None

    @property
    def holds(self):
        """Whether every other thread waits before it does any of this."""
        return not self._gate.is_set()

    def hold(self):
        """Let every other thread wait before it does any of this."""
        self._gate.clear()

    def release(self):
        """Let them go on."""
        self._gate.set()

    def _audited(self, event, arguments):
        if event.startswith(_WATCHED) and event not in _HARMLESS:
            self._seen(event, arguments)

    def _around(self, name, function):
        @functools.wraps(function)
        def watched(*arguments, **keywords):
            self._seen(name, arguments)
            return function(*arguments, **keywords)

        return watched

    def _watch_sqlite(self):
        seen, connect = self._seen, sqlite3.connect

        class Cursor(sqlite3.Cursor):
            pass

        class Connection(sqlite3.Connection):
            def cursor(self, factory=Cursor):
                return super().cursor(factory)

        for kind, names in (
            (Cursor, ("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall", "__next__")),
            (Connection, ("execute", "executemany", "executescript", "commit", "rollback", "close", "backup")),
        ):
            for name in names:
                setattr(kind, name, self._around(f"sqlite3.{name}", getattr(kind, name)))

        def watched(*arguments, **keywords):
            seen("sqlite3.connect", arguments[:1])
            return connect(*arguments, **{"factory": Connection, **keywords})

        sqlite3.connect = watched

    def watch_widgets(self):
        """Note what other threads ask of widgets; what imports Textual, which is not done before it is watched."""
        from textual.dom import DOMNode
        from textual.widget import Widget

        for name in ("region", "container_size", "virtual_region"):
            setattr(Widget, name, property(self._on_the_loop(name, getattr(Widget, name).fget)))
        for name in ("query_one", "query", "query_exactly_one"):
            setattr(DOMNode, name, self._on_the_loop(name, getattr(DOMNode, name)))

    def _on_the_loop(self, name, function):
        @functools.wraps(function)
        def watched(widget, *arguments, **keywords):
            if self._thread not in (None, threading.get_ident()):
                stack = traceback.extract_stack()[:-1]
                self.found.append("\n".join([f"{name} of {widget!r} in a thread", *_lines_of(stack)]))
            return function(widget, *arguments, **keywords)

        return watched

    def _seen(self, what, arguments):
        if getattr(self._busy, "noting", False):
            return
        if self._thread is None:
            return
        if threading.get_ident() != self._thread:
            self._gate.wait()
            return
        self._busy.noting = True
        try:
            if what == "import" and str(arguments[0]).partition(".")[0] == "textual":
                return
            stack = traceback.extract_stack()[:-2]
            if any(line.filename == "<frozen importlib._bootstrap>" for line in stack) and what != "import":
                # What importing a module does is told by the import.
                return
            if what == "import" and _is_textuals(stack):
                return
            self.found.append("\n".join([f"{what} {arguments[:1]!r}", *_lines_of(stack)]))
        finally:
            self._busy.noting = False


def _lines_of(stack):
    return [
        f"    {line.filename.rpartition('site-packages/')[2]}:{line.lineno} {line.name}"
        for line in stack
        if "importlib" not in line.filename
    ]


def _is_textuals(stack):
    """Whether a module is imported by a lazy widget of Textual's or on its behalf."""
    callers = [line for line in stack if "importlib" not in line.filename]
    return any("/textual/" in line.filename and line.name in ("__getattr__", "<module>") for line in callers[-3:])
