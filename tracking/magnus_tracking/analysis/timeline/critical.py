"""The critical path: what the run would have ended earlier without.

It is found backwards from the end: the step that ended last waited for the step before it in its sequence; the first
step of a branch waited for what came before the composite step, or for a branch beside it that ended before it began,
where an executor runs branches one after another or a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
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
        siblings = pending.pop()
        node = _ending_last(siblings)
        while node is not None:
            keys.add(node.bar.key)
            pending.append(node.inside)
            node = _before(siblings, node)
    return frozenset(keys)


def _ending_last(nodes: Iterable[Node]) -> Node | None:
    timed = [(node.end, place, node) for place, node in enumerate(nodes) if node.start and node.end]
    return max(timed, key=lambda item: item[:2])[2] if timed else None


def _before(siblings: Sequence[Node], node: Node) -> Node | None:
    """The sibling that `node` waited for: of those that ended before it began, the one that ended last."""
    if node.start is None:
        return None
    earlier = [other for other in siblings if other is not node and other.end and other.end <= node.start]
    return _ending_last(earlier)
