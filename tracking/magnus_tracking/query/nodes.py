"""What a parsed query is made of. `str` of a node is text that parses back to an equal node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from magnus_tracking.query.fields import Field, Kind
from magnus_tracking.query.quoting import is_bare_word, is_moment, is_number, is_plain, is_plain_text, quoted

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
ORDER: tuple[Operator, ...] = ("<", "<=", ">", ">=")
"""The operators that ask which value is more."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text that may hold wildcards.

    Attributes:
        parts: the literal text between the wildcards; a single part has none.
        is_text: whether it stood in quotes, and so is text, though it reads as a number.
    """

    parts: tuple[str, ...]
    is_text: bool = False

    @property
    def text(self) -> str:
        """The pattern as its bare text, a ``*`` for each wildcard."""
        return "*".join(self.parts)

    def written(self, is_bare: Callable[[str], bool]) -> str:
        """As a query writes it: bare where `is_bare` says that it may stand so, else in quotes."""
        starred = any("*" in part for part in self.parts)
        if is_bare(self.text) and not starred and not self.is_text:
            return self.text
        return '"' + "*".join(quoted(part)[1:-1].replace("*", "\\*") for part in self.parts) + '"'


@dataclass(frozen=True, slots=True)
class Word:
    """Text that the id, tag, failing step or message holds."""

    pattern: Pattern

    def __str__(self) -> str:
        """The word."""
        return self.pattern.written(is_bare_word)


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
        return f"{self.field}{operator}{self.value.written(self._is_bare)}"

    def _is_bare(self, text: str) -> bool:
        """Whether the value means the same without quotes."""
        if self.field.kind in (Kind.TEXT, Kind.TEXTS, Kind.CODE):
            return is_plain(text)
        if is_number(text) or (self.field.kind is not Kind.ANY and is_moment(text)):
            return True
        return self.field.kind is Kind.ANY and self.operator not in ORDER and is_plain_text(text)


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
