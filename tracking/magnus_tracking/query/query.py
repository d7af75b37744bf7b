"""A parsed query and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress

from magnus_tracking.query.evaluation import WORD_FIELDS, mask
from magnus_tracking.query.fields import ColumnSource, Context, Field, SummaryRows
from magnus_tracking.query.grammar import parse_node
from magnus_tracking.query.nodes import EVERYTHING, And, Node, Not, Or, Word
from magnus_tracking.runlog.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Query:
    """What runs are asked for; its text, `str(query)`, parses back to an equal query.

    Attributes:
        node: what it is made of.
    """

    node: Node = EVERYTHING

    def __str__(self) -> str:
        """The query as text."""
        return str(self.node)

    @property
    def matches_everything(self) -> bool:
        """Whether it asks for nothing in particular."""
        return self.node == EVERYTHING

    def matches(self, summary: RunSummary, context: Context | None = None) -> bool:
        """Whether one run is what is asked for.

        Args:
            summary: the run.
            context: what relative times and the liveness of runs depend on; without one, that of this moment.
        """
        known = context or Context()
        return mask(self.node, SummaryRows([summary], known), known) == b"\x01"

    def select(self, source: ColumnSource, context: Context | None = None) -> list[int]:
        """The positions, ascending, of the rows of `source` that are asked for.

        Args:
            source: the rows.
            context: as for `mask`.
        """
        if self.matches_everything:
            return list(range(len(source)))
        return list(compress(range(len(source)), self.mask(source, context)))

    def mask(self, source: ColumnSource, context: Context | None = None) -> bytes:
        """A byte for each row of `source`: 1 where it is asked for, else 0.

        Args:
            source: the rows.
            context: what relative times depend on; without one, that of this moment. The source knows its own for
                what it computes.
        """
        return mask(self.node, source, context or Context())

    def fields(self) -> list[Field]:
        """The fields that it looks at, each once, in the order in which it names them."""
        return list(dict.fromkeys(_fields(self.node)))


def _fields(node: Node) -> Iterator[Field]:
    if isinstance(node, And | Or):
        for inner in node.nodes:
            yield from _fields(inner)
    elif isinstance(node, Not):
        yield from _fields(node.inner)
    elif isinstance(node, Word):
        yield from WORD_FIELDS
    else:
        yield node.field


def parse(text: str) -> Query:
    """The query that `text` says; blank text asks for every run.

    Raises:
        QueryError: it is not a query, with the position at fault and what was expected there.
    """
    return Query(parse_node(text))
