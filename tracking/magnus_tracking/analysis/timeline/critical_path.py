"""The critical path: what the run would have ended earlier without.

It is found backwards from the end: the step that ended last waited for the step before it in its sequence; the first
step of a branch waited for what came before the composite step, or for a branch beside it that ended before it began,
where an executor runs branches one after another or a few at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Protocol

from magnus_tracking.analysis.timeline.bars import Bar


class Node(Protocol):
    """A bar with what is nested in it; see `magnus_tracking.analysis.timeline.building.Span`."""

    @property
    def bar(self) -> Bar:
        """The bar."""

    @property
    def inside(self) -> Sequence[Node]:
        """What is nested in it."""

    @property
    def start(self) -> datetime | None:
        """When it began."""

    @property
    def end(self) -> datetime | None:
        """When it ended."""


def critical_keys(steps: Sequence[Node]) -> frozenset[str]:
    """The keys of the bars on the critical path of steps that follow one another."""
    keys: set[str] = set()
    pending = [steps]
    while pending:
        for node in _path(pending.pop()):
            keys.add(node.bar.key)
            pending.append(node.inside)
    return frozenset(keys)


def _path(siblings: Iterable[Node]) -> Iterator[Node]:
    """The sibling that ended last, the one that it waited for, and so on: each ended before the next began.

    Of several that one can have waited for it is the one that ended last. They are gone through once, from the last
    end backwards, so that no times can lead round in a circle.
    """
    timed = [(node.end, place, node) for place, node in enumerate(siblings) if node.start and node.end]
    timed.sort(key=itemgetter(0, 1))
    ends = [end for end, _, _ in timed]
    place = len(timed) - 1
    while place >= 0:
        node = timed[place][2]
        yield node
        place = bisect_right(ends, node.start, 0, place) - 1 if node.start is not None else -1
