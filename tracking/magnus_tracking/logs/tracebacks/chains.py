"""Tracebacks of a log in their chains, and the cause of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magnus_tracking.logs.tracebacks.boxed import read_boxed
from magnus_tracking.logs.tracebacks.ipython import read_ipython
from magnus_tracking.logs.tracebacks.joined import read_joined
from magnus_tracking.logs.tracebacks.model import Chain, Frame, Raised
from magnus_tracking.logs.tracebacks.plain import BROKEN_START, read_plain, read_syntax_error

WRAPPERS = frozenset({"CommandCallError", "PapermillExecutionError"})
"""Exceptions that the engines raise around the user's own."""

_LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_TITLE = "Traceback (most recent call last)"
_FARTHEST_LINK = 8
_GROUPS = frozenset({"ExceptionGroup", "BaseExceptionGroup"})


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
    """The exceptions that the lines of a log show, escapes taken out, chained as they were raised.

    What an exception group holds stands before the group, as the cause of an exception does.
    """
    chains: list[list[Raised]] = []
    number = end = joined_end = 0
    while number < len(lines):
        found = _read(lines, number)
        if not found and number >= joined_end and _TITLE in lines[number]:
            found, joined_end = read_joined(lines, number)
        for place, raised in enumerate(found):
            _add(chains, raised, lines, end, joined=place > 0)
            end = raised.end
        number = end if found else number + 1
    return [Chain(tuple(chain)) for chain in chains]


def _read(lines: Sequence[str], number: int) -> list[Raised]:
    line = lines[number]
    if _TITLE in line:
        raised = read_plain(lines, number) or read_boxed(lines, number) or read_ipython(lines, number)
        return [raised] if raised else []
    if line.startswith(BROKEN_START):
        broken = read_syntax_error(lines, number)
        return [broken] if broken else []
    return []


def _add(chains: list[list[Raised]], raised: Raised, lines: Sequence[str], end: int, *, joined: bool) -> None:
    """Put an exception into the chain that it belongs to, or begin one; the exception before it ended at line `end`."""
    last = chains[-1] if chains else []
    before_groups = len(last)
    while raised.depth and before_groups and _is_group(last[before_groups - 1]):
        before_groups -= 1
    if joined or (last and _linked(lines, end, raised.start)):
        last.insert(before_groups, raised)
    elif before_groups < len(last) and raised.depth > last[-1].depth:
        last.insert(len(last) - 1, raised)
    else:
        chains.append([raised])


def _is_group(raised: Raised) -> bool:
    return raised.exception.rpartition(".")[2] in _GROUPS


def _linked(lines: Sequence[str], end: int, start: int) -> bool:
    """Whether a phrase that links exceptions, however it was wrapped, is all that stands between two lines."""
    between = " ".join(line.strip(" |+") for line in lines[end:start] if line.strip(" |+")) if end <= start else ""
    return start - end <= _FARTHEST_LINK and between.endswith(_LINKS)


def cause_of(chain: Chain) -> Cause:
    """The root of a chain, leaving out the engines' wrappers where something else was raised."""
    own = [raised for raised in chain.raised if not _is_wrapper(raised)]
    root = (own or list(chain.raised))[0]
    users = [frame for frame in root.frames if frame.is_users]
    frame = users[-1] if users else root.frames[-1] if root.frames else None
    return Cause(root.exception, root.message, frame, root.start, root.end)


def cause_in(lines: Sequence[str]) -> Cause | None:
    """Why the attempt failed whose log has these lines: the cause of the last chain that is not only the engine's.

    Args:
        lines: the log, escapes taken out.
    """
    chains = find_chains(lines)
    own = [chain for chain in chains if not all(map(_is_wrapper, chain.raised))]
    last = (own or chains)[-1:]
    return cause_of(last[0]) if last else None


def _is_wrapper(raised: Raised) -> bool:
    return raised.exception.rpartition(".")[2] in WRAPPERS
