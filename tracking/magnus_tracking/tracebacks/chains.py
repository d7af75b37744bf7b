"""Tracebacks of a log in their chains, and the cause of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magnus_tracking.tracebacks.boxed import read_boxed
from magnus_tracking.tracebacks.ipython import read_ipython
from magnus_tracking.tracebacks.model import Chain, Frame, Raised
from magnus_tracking.tracebacks.plain import read_plain

WRAPPERS = frozenset({"CommandCallError", "PapermillExecutionError"})
"""Exceptions that the engines raise around the user's own."""

_LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_TITLE = "Traceback (most recent call last)"
_FARTHEST_LINK = 4


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an attempt failed.

    Attributes:
        exception: the type's name.
        message: what it said.
        frame: the innermost place in the user's own code, else the innermost of all; None where none was printed.
        line: the 0-based line of the log at which the traceback of the cause begins.
        end: the line behind its last.
    """

    exception: str
    message: str
    frame: Frame | None
    line: int
    end: int

    def __str__(self) -> str:
        return f"{self.exception}: {self.message}" if self.message else self.exception


def find_chains(lines: Sequence[str]) -> list[Chain]:
    """The exceptions that the lines of a log show, escapes taken out, chained as they were raised."""
    chains: list[list[Raised]] = []
    number = 0
    while number < len(lines):
        if _TITLE not in lines[number]:
            number += 1
            continue
        raised = read_plain(lines, number) or read_boxed(lines, number) or read_ipython(lines, number)
        if raised is None:
            number += 1
            continue
        if chains and _linked(lines, chains[-1][-1].end, raised.start):
            chains[-1].append(raised)
        else:
            chains.append([raised])
        number = raised.end
    return [Chain(tuple(chain)) for chain in chains]


def _linked(lines: Sequence[str], end: int, start: int) -> bool:
    between = lines[end:start]
    return len(between) <= _FARTHEST_LINK and any(line.strip(" |+") in _LINKS for line in between)


def cause_of(chain: Chain) -> Cause:
    """The root of a chain, leaving out the engines' wrappers where something else was raised."""
    own = [raised for raised in chain.raised if raised.exception.rpartition(".")[2] not in WRAPPERS]
    root = (own or list(chain.raised))[0]
    users = [frame for frame in root.frames if frame.is_users]
    frame = users[-1] if users else root.frames[-1] if root.frames else None
    return Cause(root.exception, root.message, frame, root.start, root.end)
