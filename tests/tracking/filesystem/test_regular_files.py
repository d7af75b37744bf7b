"""Only regular files are opened for reading, and nothing is waited for, wherever the code opens a file."""

import ast
import os
import socket
import threading
from pathlib import Path

import pytest

from magnus_tracking.filesystem.regular_files import NotRegularError, open_binary, open_regular, read_bytes, read_text
from support.stores import TESTS
from support.waiting import LONG

PACKAGES = [TESTS.parent / name for name in ("tracking/magnus_tracking", "tui/magnus_tui")]
THE_DOOR = "magnus_tracking/filesystem/regular_files.py"

OPENS = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "memmap", "mmap", "fromfile"}
OPENING_MODULES = {"fileinput", "linecache", "mmap"}

ALLOWED = {
    ("magnus_tracking/index/listing.py", "os.open"): "a folder, with O_DIRECTORY",
    ("magnus_tracking/recorder/atomic_files.py", "os.open"): "a folder, with O_DIRECTORY",
    ("magnus_tracking/recorder/atomic_files.py", "os.fdopen"): "what open_regular opened",
    ("magnus_tracking/recorder/recovery.py", "os.open"): "a folder, with O_DIRECTORY",
    ("magnus_tracking/recorder/sink.py", "os.open"): "a new file, with O_EXCL",
    ("magnus_tracking/recorder/run.py", "self._journal.write_bytes"): "a new file, its name made of the time",
    ("magnus_tracking/recorder/step.py", "self._log.write_bytes"): "a log that is open",
    ("magnus_tracking/recorder/output.py", "self.write_bytes"): "a log that is open",
    ("magnus_tracking/series/cache.py", "os.fdopen"): "what mkstemp made",
    ("magnus_tracking/index/worker_process.py", "_SESSION.write_text"): "a file of the system, not one of a store",
    ("magnus_tracking/process/debug_log.py", "os.fdopen"): "what open_regular opened",
    ("magnus_tracking/process/crashes.py", "os.fdopen"): "what mkstemp made",
    ("magnus_tracking/filesystem/cache_folder.py", "os.open"): "a new file, with O_EXCL",
    ("magnus_tracking/process/standard_streams.py", "open"): "standard input, which is open",
    ("magnus_tracking/process/standard_streams.py", "os.open"): "os.devnull",
    ("magnus_tracking/stores/remote/archives.py", "self._opened.open"): "a member of an archive that is open",
    ("magnus_tracking/stores/remote/archives.py", "tarfile.open"): "what open_binary opened",
    ("magnus_tracking/stores/remote/fetcher.py", "os.open"): "a new file, with O_EXCL",
    ("magnus_tracking/stores/remote/fetcher.py", "os.fdopen"): "a new file, with O_EXCL",
    ("magnus_tui/screen.py", "(folder / name).read_text"): "a style sheet of the package",
    ("magnus_tui/terminal/driver.py", "os.fdopen"): "standard output, which is open",
    ("magnus_tui/feed/store_history.py", "os.fdopen"): "what mkstemp made",
    ("magnus_tui/dialogs/new_file.py", "path.open"): "a new file, with x",
    ("magnus_tui/settings.py", "os.fdopen"): "what mkstemp made",
    ("magnus_tracking/api/store.py", "RunIndex.open"): "an index, which looks at its file itself",
    ("magnus_tracking/recorder/engine_sinks.py", "os.open"): "a new file, with O_EXCL, or os.devnull",
    ("magnus_tracking/recorder/engine_sinks.py", "EngineSink.open"): "a journal, by open_regular",
    ("magnus_tui/cli/candidates.py", "RunIndex.open"): "an index, which looks at its file itself",
    ("magnus_tui/cli/report.py", "output.write_text"): "a file that the user named to be written",
    ("magnus_tui/cli/serving/server.py", "_PAGE.joinpath(name).read_text"): "a part of the package",
    ("magnus_tui/cli/serving/server.py", "_PAGE.joinpath('page.html').read_text"): "a part of the package",
    ("magnus_tui/feed/feed.py", "RunIndex.open"): "an index, which looks at its file itself",
    ("magnus_tui/run/json_rows.py", "self.open"): "a row of a tree",
    ("magnus_tui/feed/run_opener.py", "self._series.cache.open"): "a run, by the store",
}
"""Calls that look as if they opened a file for reading, and do not."""

DOORS = {"read_text", "read_bytes", "files.read_bytes", "regular_files.read_bytes", "write_text", "write_bytes"}
"""The door's functions, and a command's writing to standard output, which has no path."""


def calls_that_open():
    for package in PACKAGES:
        for file in sorted(package.rglob("*.py")):
            name = str(file.relative_to(package.parent))
            if name == THE_DOOR:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    if called.rpartition(".")[2] in OPENS and called not in DOORS:
                        yield name, called
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    modules = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                    assert not modules & OPENING_MODULES, f"{name} imports what opens files"


def test_there_is_no_other_way_of_opening_a_file():
    found = set(calls_that_open())
    assert found - ALLOWED.keys() == set(), "open files with magnus_tracking.filesystem.regular_files"
    assert ALLOWED.keys() - found == set(), "no longer there"


def _pipe(path):
    os.mkfifo(path)


def _socket(path):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


KINDS = {
    "pipe": _pipe,
    "socket": _socket,
    "folder": Path.mkdir,
    "link to a pipe": lambda path: (_pipe(path.with_name("p")), path.symlink_to(path.with_name("p"))),
    "link to a device that never ends": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path),
    "link to nowhere": lambda path: path.symlink_to(path.with_name("nowhere")),
}


@pytest.fixture
def within_reason():
    """Runs something in a thread that may not take long, and gives what it raised."""

    def run(function, *arguments):
        raised = []

        def call():
            try:
                function(*arguments)
            except BaseException as error:
                raised.append(error)

        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(LONG)
        assert not thread.is_alive(), "it waits"
        return raised[0] if raised else None

    return run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opening", [open_regular, open_binary, read_bytes, read_text])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, within_reason, kind, opening):
    path = tmp_path / "thing"
    KINDS[kind](path)
    error = within_reason(opening, path)
    assert isinstance(error, OSError)
    assert error.strerror


def test_the_reason_names_the_kind(tmp_path):
    _pipe(tmp_path / "pipe")
    with pytest.raises(NotRegularError, match="a pipe, no regular file"):
        read_bytes(tmp_path / "pipe")
    _socket(tmp_path / "socket")
    with pytest.raises(NotRegularError, match="a socket, no regular file"):
        read_bytes(tmp_path / "socket")
    with pytest.raises(NotRegularError, match="a folder"):
        read_bytes(tmp_path)


def test_a_pipe_is_not_waited_for_when_it_is_opened_for_writing(tmp_path, within_reason):
    _pipe(tmp_path / "pipe")
    assert isinstance(within_reason(open_regular, tmp_path / "pipe", os.O_WRONLY | os.O_APPEND), OSError)


def test_a_file_that_is_too_large_is_refused_and_others_are_read_whole(tmp_path):
    (tmp_path / "file").write_bytes(b"12345\r\n")
    assert read_bytes(tmp_path / "file", most=7) == b"12345\r\n"
    assert read_text(tmp_path / "file") == "12345\n"
    with pytest.raises(OSError, match="larger than"):
        read_bytes(tmp_path / "file", most=6)
