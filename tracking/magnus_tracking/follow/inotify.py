"""File events of a store as Linux tells them: the thread that waits for one sleeps until there is one.

``watchfiles``, which serves other systems, looks for events in steps: a short one keeps the processor awake all day, a
long one shows live values late.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# From linux/inotify.h, as inotify(7) explains them.
_MODIFY, _ATTRIB, _MOVED_FROM, _MOVED_TO = 0x2, 0x4, 0x40, 0x80
_CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_UNMOUNT, _OVERFLOW, _IGNORED, _IS_FOLDER = 0x2000, 0x4000, 0x8000, 0x40000000
_ONLY_FOLDERS = 0x01000000
_WATCHED = _MODIFY | _ATTRIB | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS
_EVENT = struct.Struct("iIII")
_BUFFER = 1 << 16

_DEPTH = 2
"""Folders below the store in which something of a run is: the run's own, and that of its journals in it."""

_TOGETHER_SECONDS = 0.02
"""For which events are gathered after the first one: who writes a file makes several."""

_PASSED_OVER = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG)
"""What keeps a folder below the store from being watched, and none of the others."""


class Inotify:
    """The events of a folder and of what lies in it.

    Args:
        root: the folder, absolute.

    Attributes:
        lost: whether the folder itself is gone from its place, after which there are no events.

    Raises:
        OSError: there are no more events to be had (their number is limited), or there is no such folder.
    """

    def __init__(self, root: Path) -> None:
        self.lost = False
        self._root = os.fsencode(root)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._closing = threading.Lock()
        self._closed = False
        self._places: dict[int, tuple[bytes, ...]] = {}
        self._woken = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._events = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self._raise_if_failed(self._events)
            self._watch_all()
        except OSError:
            self.close()
            raise
        self._poll = select.poll()
        for file in (self._events, self._woken):
            self._poll.register(file, select.POLLIN)

    def wait(self, seconds: float | None) -> frozenset[str]:
        """The names of the entries of the folder in which something has changed; empty if nothing has until then.

        Args:
            seconds: to wait at most; None waits for ever.

        Raises:
            OSError: what is new can't be watched.
        """
        ready = self._poll.poll(None if seconds is None else seconds * 1000)
        if not any(file == self._events for file, _ in ready):
            return frozenset()
        time.sleep(_TOGETHER_SECONDS)
        return frozenset(os.fsdecode(name) for name in self._changed())

    def wake(self) -> None:
        """Let `wait` return at once, from any thread and from now on."""
        with self._closing:
            if not self._closed:
                os.eventfd_write(self._woken, 1)

    def close(self) -> None:
        """Let go of the events; not while another thread waits."""
        with self._closing:
            if not self._closed:
                self._closed = True
                os.close(self._woken)
                if self._events >= 0:
                    os.close(self._events)

    def _changed(self) -> set[bytes]:
        """Take in what the system told; the entries that changed. Folders that came are watched, others no longer."""
        changed: set[bytes] = set()
        for watch, mask, name in self._read():
            if mask & _OVERFLOW:
                # Some were dropped, nobody knows which.
                changed.update(self._watch_all())
                continue
            place = self._places.get(watch)
            if place is None:
                continue
            if mask & _IGNORED:
                del self._places[watch]
            if not place and mask & (_DELETE_SELF | _MOVE_SELF | _UNMOUNT | _IGNORED):
                self.lost = True
            inside = (*place, name) if name else place
            if inside:
                changed.add(inside[0])
            if mask & _IS_FOLDER and mask & _MOVED_FROM:
                self._forget(inside)
            if mask & _IS_FOLDER and mask & (_CREATE | _MOVED_TO):
                self._watch(inside)
        return changed

    def _read(self) -> Iterator[tuple[int, int, bytes]]:
        while True:
            try:
                content = os.read(self._events, _BUFFER)
            except BlockingIOError:
                return
            at = 0
            while at < len(content):
                watch, mask, _, length = _EVENT.unpack_from(content, at)
                at += _EVENT.size + length
                yield watch, mask, content[at - length : at].rstrip(b"\0")

    def _watch_all(self) -> list[bytes]:
        """Watch the folder and those in it; the names of its entries."""
        self._add(())
        with os.scandir(self._root) as entries:
            found = [(entry.name, _is_folder(entry)) for entry in entries]
        for name, is_folder in found:
            if is_folder:
                self._watch((name,))
        return [name for name, _ in found]

    def _watch(self, place: tuple[bytes, ...]) -> None:
        """Watch a folder in which something of a run may be, and those in it."""
        if place[0].startswith(b".") or len(place) > _DEPTH:
            return
        try:
            self._add(place)
            if len(place) == _DEPTH:
                return
            with os.scandir(self._path(place)) as entries:
                inner = [entry.name for entry in entries if _is_folder(entry)]
        except OSError as error:
            if error.errno in _PASSED_OVER:
                return
            raise
        for name in inner:
            self._watch((*place, name))

    def _add(self, place: tuple[bytes, ...]) -> None:
        path = self._path(place)
        watch = self._libc.inotify_add_watch(self._events, path, _WATCHED)
        self._raise_if_failed(watch, path)
        self._places[watch] = place

    def _forget(self, place: tuple[bytes, ...]) -> None:
        """Watch a folder no longer that was moved away: elsewhere it belongs to no run of this store."""
        for watch, known in list(self._places.items()):
            if known[: len(place)] == place:
                self._libc.inotify_rm_watch(self._events, watch)
                del self._places[watch]

    def _path(self, place: tuple[bytes, ...]) -> bytes:
        return b"/".join((self._root, *place))

    def _raise_if_failed(self, result: int, path: bytes = b"") -> None:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), os.fsdecode(path) or None)


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link in a circle, or one to a folder that may not be looked into.
        return False
