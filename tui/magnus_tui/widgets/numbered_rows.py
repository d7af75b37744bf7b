"""What can be gone to by its number: a row, a line, a step."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable


@runtime_checkable
class Numbered(Protocol):
    """A widget whose rows, lines or steps have numbers.

    Attributes:
        numbered: what the number is of, in a word.
    """

    numbered: ClassVar[str]

    def go_to_number(self, number: int) -> int | None:
        """Go there, or to the nearest there is; the number of that, or None without any."""
