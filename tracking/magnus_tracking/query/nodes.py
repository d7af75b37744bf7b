"""What a parsed query is made of. `str` of a node is text that parses back to an equal node."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from magnus_tracking.query.fields import Field, Kind, quoted

Operator = Literal["=", "!=", "<", "<=", ">", ">="]

_BARE_VALUE = re.compile(r"""[^\s()"'\\<>=:!][^\s()"\\]*""")
_BARE_WORD = re.compile(r"""[^\s()"'\\<>=:!][^\s()"\\<>=:]*""")
_KEYWORD = re.compile(r"and|or|not", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text that may hold wildcards.

    Attributes:
        parts: the literal text between the wildcards; a single part has none.
    """

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The pattern as its bare text, a ``*`` for each wildcard."""
        return "*".join(self.parts)

    def written(self, bare: re.Pattern[str]) -> str:
        """As a query writes it: bare where every character may stand so, else in quotes."""
        starred = any("*" in part for part in self.parts)
        if bare.fullmatch(self.text) and not starred and not _KEYWORD.fullmatch(self.text):
            return self.text
        return '"' + "*".join(quoted(part)[1:-1].replace("*", "\\*") for part in self.parts) + '"'

    def __str__(self) -> str:
        """As the right of a comparison."""
        return self.written(_BARE_VALUE)


@dataclass(frozen=True, slots=True)
class Word:
    """Text that the id, tag, failing step or message holds."""

    pattern: Pattern

    def __str__(self) -> str:
        """The word."""
        return self.pattern.written(_BARE_WORD)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value."""

    field: Field
    operator: Operator
    value: Pattern

    def __str__(self) -> str:
        """The comparison, equality of text with a colon."""
        textual = self.field.kind in (Kind.TEXT, Kind.TEXTS, Kind.CODE)
        operator = ":" if self.operator == "=" and textual else self.operator
        return f"{self.field}{operator}{self.value}"


@dataclass(frozen=True, slots=True)
class Has:
    """The row has a value for the field."""

    field: Field

    def __str__(self) -> str:
        """The question."""
        return f"has:{self.field}"


@dataclass(frozen=True, slots=True)
class IsNan:
    """The row's value for the field is NaN."""

    field: Field

    def __str__(self) -> str:
        """The question."""
        return f"nan:{self.field}"


@dataclass(frozen=True, slots=True)
class Not:
    """What the inner node does not match."""

    inner: Node

    def __str__(self) -> str:
        """The negation."""
        return f"not {_inside(self.inner)}"


@dataclass(frozen=True, slots=True)
class And:
    """What all of the nodes match; of none at all, everything."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        """The nodes, joined."""
        return " and ".join(map(_inside, self.nodes))


@dataclass(frozen=True, slots=True)
class Or:
    """What some of the nodes match."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        """The nodes, joined."""
        return " or ".join(map(_inside, self.nodes))


Node: TypeAlias = Word | Comparison | Has | IsNan | Not | And | Or
EVERYTHING = And(())


def _inside(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)
