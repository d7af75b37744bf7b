"""From text to a query: the grammar, and errors that point at the character and say what was expected."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import Field, parse_field
from magnus_tracking.query.literals import check_comparison
from magnus_tracking.query.nodes import EVERYTHING, And, Comparison, Has, IsNan, Node, Not, Or, Pattern, Word

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedInput

_GRAMMAR = r"""
    start: or_
    or_: and_ (OR and_)*
    and_: not_ (AND? not_)*
    ?not_: NOT not_ -> negation
         | "(" or_ ")"
         | FIELD OPERATOR (VALUE | QUOTED) -> comparison
         | AGGREGATE NAME ")" OPERATOR (VALUE | QUOTED) -> aggregate
         | QUESTION (NAME | AGGREGATE NAME ")") -> question
         | (WORD | QUOTED) -> word

    AND.9: /and(?![^\s()])/i
    OR.9: /or(?![^\s()])/i
    NOT.9: /not(?![^\s()])/i
    QUESTION.8: /(has|nan)\s*:/i
    AGGREGATE.8: /(last|min|max|mean)\s*\(/i
    FIELD.7: /[\w.-]+(?:"(?:[^"\\]|\\.)*"[\w.-]*)*(?=\s*(?:[:=<>]|!=))/s
    NAME: /[\w.-]+(?:"(?:[^"\\]|\\.)*"[\w.-]*)*/s
    OPERATOR: /!=|<=|>=|==|[:=<>]/
    QUOTED.5: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
    VALUE: /[^\s()"'\\<>=:!][^\s()"\\]*/
    WORD: /(?!(?:and|or|not)(?![^\s()]))[^\s()"'\\<>=:!][^\s()"\\<>=:]*/i
    %ignore /\s+/
"""

_IN_WORDS = {
    "FIELD": "a comparison such as status:fail",
    "WORD": "a word",
    "NAME": "the name of a field such as metric.loss",
    "OPERATOR": "a comparison: one of : = != < <= > >=",
    "VALUE": "a value",
    "OR": "and, or",
    "NOT": "not",
    "LPAR": "a bracket",
    "RPAR": "a closing bracket",
    "$END": "the end",
}
"""What people call the tokens that can be expected; the others stand where one of these does."""
_TOO_DEEP = 100


@lru_cache(maxsize=1)
def _parser() -> Lark:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", keep_all_tokens=False, maybe_placeholders=False)


def prepare() -> None:
    """Build the parser, which the first query otherwise waits a tenth of a second for; for a thread at start-up."""
    _parser()


@lru_cache(maxsize=256)
def parse_node(text: str) -> Node:
    """The parsed query; that of blank text matches everything.

    Raises:
        QueryError: the text is no query.
    """
    if not text.strip():
        return EVERYTHING
    from lark import UnexpectedInput

    _refuse_depth(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _explained(text, error) from None
    return _Builder(text).root(tree)


def _refuse_depth(text: str) -> None:
    """Raise where brackets and negations are nested deeper than anybody means, before the recursion that follows."""
    depth = negations = 0
    for match in re.finditer(r"\(|\)|[^\s()]+", text):
        negations = negations + 1 if match[0].lower() == "not" else 0
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth + negations > _TOO_DEEP:
            raise QueryError(f"brackets are nested more than {_TOO_DEEP} deep", match.start(), text=text)


def _explained(text: str, error: UnexpectedInput) -> QueryError:
    from lark import UnexpectedCharacters, UnexpectedToken

    end = len(text.rstrip())
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    at: int | None = getattr(error, "pos_in_stream", None)
    position = end if at_end or at is None else min(at, end)
    names = error.allowed if isinstance(error, UnexpectedCharacters) else getattr(error, "expected", ())
    expected = [words for name, words in _IN_WORDS.items() if name in (names or ())]
    quote = text[position : position + 1]
    if quote in ("'", '"'):
        return QueryError("this quote is never closed", position, ["a closing quote"], text=text)
    found = f"not {text[position]!r}" if position < end else "but the query ends"
    return QueryError(f"expected {_listed(expected)}, {found}", position, expected, text=text)


def _listed(words: list[str]) -> str:
    *others, last = words or ["something else"]
    return f"{', '.join(others)} or {last}" if others else last


class _Builder:
    """Turns lark's tree into nodes, telling errors of meaning at their place."""

    def __init__(self, text: str) -> None:
        self._text = text

    def root(self, tree: Tree[Token]) -> Node:
        """The node of the whole tree."""
        return self._or_(tree.children)

    def node(self, tree: Tree[Token]) -> Node:
        """The node of a part of the tree."""
        build: Any = getattr(self, f"_{tree.data}")
        node: Node = build(tree.children)
        return node

    def _or_(self, children: list[Any]) -> Node:
        nodes = [self.node(child) for child in children if not _is_token(child)]
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and_(self, children: list[Any]) -> Node:
        nodes = [self.node(child) for child in children if not _is_token(child)]
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _negation(self, children: list[Any]) -> Node:
        return Not(self.node(children[-1]))

    def _word(self, children: list[Any]) -> Node:
        return Word(_pattern(children[0]))

    def _comparison(self, children: list[Any]) -> Node:
        name, operator, value = children
        return self._compared(self._field(name), operator, value)

    def _aggregate(self, children: list[Any]) -> Node:
        *field, operator, value = [child for child in children if child.type != "RPAR"]
        return self._compared(self._field(*field), operator, value)

    def _question(self, children: list[Any]) -> Node:
        question, *field = [child for child in children if child.type != "RPAR"]
        of = self._field(*field)
        return Has(of) if question.lower().startswith("has") else IsNan(of)

    def _field(self, *tokens: Token) -> Field:
        """The field that a name, or an aggregate and a name, stand for."""
        closing = ")" if len(tokens) > 1 else ""
        try:
            return parse_field("".join(tokens) + closing)
        except QueryError as error:
            offset = tokens[-1].start_pos or 0
            lead = sum(map(len, tokens[:-1]))
            position = offset + max(error.position - lead, 0)
            raise QueryError(str(error), position, error.expected, text=self._text) from None

    def _compared(self, field: Field, operator: Token, token: Token) -> Comparison:
        written = {":": "=", "==": "="}.get(str(operator), str(operator))
        comparison = Comparison(field, written, _pattern(token))  # type: ignore[arg-type] # the grammar allows no other
        problem = check_comparison(comparison)
        if problem is not None:
            raise QueryError(problem.message, token.start_pos or 0, problem.expected, text=self._text)
        return comparison


def _is_token(child: object) -> bool:
    return isinstance(child, str)


def _pattern(token: Token) -> Pattern:
    """The text of a token with its wildcards; between quotes, a backslash takes the meaning from what follows it."""
    if token.type != "QUOTED":
        return Pattern(tuple(token.split("*")))
    parts = [""]
    for match in re.finditer(r"\\(.)|(\*)|[^\\*]+", token[1:-1], re.DOTALL):
        if match[2]:
            parts.append("")
        else:
            parts[-1] += match[1] or match[0]
    return Pattern(tuple(parts))
