"""Where a mirror takes its files from: what lies there, and the bytes of it."""

from __future__ import annotations

import os
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec

_SECOND = 1_000_000_000
_STEP = 100
"""Nanoseconds that every file system in use tells apart."""
_LONGEST_NAME = 255
_LATEST = 1 << 33
"""Seconds since 1970 that the times of files hold everywhere."""


class Item(msgspec.Struct, frozen=True):
    """Something that lies at an origin.

    Attributes:
        key: its name there, with slashes.
        size: bytes.
        changed: when it was last changed, in seconds since 1970.
        tag: what differs when its content does; may be empty.
    """

    key: str
    size: int
    changed: int
    tag: str = ""

    @property
    def mtime_ns(self) -> int:
        """The time that a copy gets: the item's own, with its tag in the part below a second.

        So a copy tells by its size and its time alone whether it is up to date.
        """
        below = zlib.crc32(self.tag.encode("utf-8", "surrogatepass")) % (_SECOND // _STEP) * _STEP
        return min(max(self.changed, 0), _LATEST) * _SECOND + below


class Origin(ABC):
    """A place that holds a store.

    Attributes:
        at_once: how many files are worth fetching at the same time.
    """

    at_once: ClassVar[int] = 1

    @abstractmethod
    def items(self, prefix: str) -> Iterator[Sequence[Item]]:
        """List what lies below a prefix, which is empty or ends in a slash, in portions.

        Raises:
            StoreUnreadableError: it can't be listed.
        """

    @abstractmethod
    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders directly below a prefix; raises as `items` does."""

    @abstractmethod
    def read(self, key: str) -> Iterator[bytes]:
        """Read the content of an item in parts.

        Raises:
            StoreUnreadableError: it can't be read.
            FileNotFoundError: there is no such item.
        """

    @abstractmethod
    def find_store(self) -> str:
        """Return the prefix below which the run logs lie; raises as `items` does."""

    def in_order(self, items: Sequence[Item]) -> list[Item]:
        """Return items in the order in which they are best fetched: the last changed first."""
        return sorted(items, key=lambda item: item.changed, reverse=True)


def parts_of(path: str) -> tuple[str, ...] | None:
    """Return the parts of a path with slashes; None where it can't be that of a file below a folder of this system."""
    parts = tuple(path.split("/"))
    return parts if all(map(_is_part, parts)) else None


def _is_part(part: str) -> bool:
    if part in ("", ".", "..") or "\x00" in part or "\\" in part or (os.name == "nt" and ":" in part):
        return False
    try:
        return len(os.fsencode(part)) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False
