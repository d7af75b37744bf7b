"""From text to a query: the grammar, and errors that point at the character and say what was expected."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import ALIASES, FIELD_KINDS, PREFIXES, Field, parse_field
from magnus_tracking.query.functions import FUNCTIONS
from magnus_tracking.query.nodes import EVERYTHING, And, Has, IsNan, Node, Not, Or, Pattern, Word
from magnus_tracking.query.quoting import BLANK, ITEM, LISTED, NAME, QUOTED, WORD, is_quoted, quoted
from magnus_tracking.query.terms import NO_COMMAS, Terms, pattern_of

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedInput

_KNOWN = rf"(?:(?:{'|'.join(PREFIXES)}|attributes?|attr)\.{NAME}|{'|'.join([*FIELD_KINDS, *ALIASES])})"
_B = rf"[{BLANK}]"
_ALIKE = (
    rf"i?like|rlike|glob|regexp|(?:does{_B}+not{_B}+)?contains?|matches|(?:starts|ends){_B}*with|"
    "equals?|eq|neq?|lte?|gte?|le|ge|isnot"
)
_TELLING = rf"not|in|between|is|{_ALIKE}"
_END = rf"(?![^{BLANK}()\[{{\"'])"
_START = r"(?<![^\s(!|&])"

_MORE = rf"(?:{_B}*,{_B}*{LISTED})*{_B}*,?{_B}*"
_SPAN = rf"{_B}+to{_B}+{LISTED}{_B}*"
_LIST = rf"\[{_B}*{LISTED}(?:{_SPAN}|{_MORE})\]|\({_B}*{LISTED}{_MORE}\)|\{{{_B}*{LISTED}(?:{_SPAN}|{_MORE})\}}"
"""Values in brackets of any kind, and what Lucene writes for ranges."""
_SQL_TAIL = (
    rf"(?:is{_B}+(?:not{_B}+)?(?:null|none|nan){_END}|(?:not{_B}+)?(?:in{_B}*(?:[\[{{]|\([^()]*,)"
    rf"|between{_B}+[\w.+-]*\d[\w.:-]*{_B}+and{_B}+[\w.+-]*\d|i?like{_B}+[\"'%]))"
)
"""What is a comparison whatever stands before it, as nobody searches for words like these."""

_GRAMMAR = rf"""
    start: or_
    or_: and_ (OR and_)*
    and_: not_ (AND? not_)*
    ?not_: NOT not_ -> negation
         | "(" or_ ")"
         | field OPERATOR (VALUES | LIST) -> comparison
         | field IN (VALUES | LIST) -> membership
         | field BETWEEN VALUES AND VALUES -> between
         | field IS VALUES -> being
         | field ELSEWHERE VALUES -> elsewhere
         | QUESTION (NAME | AGGREGATE NAME ")") -> question
         | FUNCTION -> function
         | (WORD | QUOTED) -> word
    field: FIELD | NAMED | AGGREGATE NAME ")"

    AND.9: /and{_END}|&&?/i
    OR.9: /or{_END}|\|\|?/i
    NOT.9: /not{_END}|!(?![=~:])/i
    QUESTION.8: /(has|nan){_B}*:/i
    AGGREGATE.8: /({"|".join(FUNCTIONS)}){_B}*\(/i
    NAMED.8: /{_KNOWN}(?={_B}+({_TELLING}){_END})|{_START}{NAME}(?={_B}+{_SQL_TAIL})/is
    FIELD.7: /(?<![\"'`”’»]){NAME}(?={_B}*([:=<>~≤≥≠≈]|![=~:]))/s
    FUNCTION.6: /{_START}[a-z_]\w*\([^()]*\)?({_B}*[:=<>!~≤≥≠≈]+{_B}*{ITEM})?/is
    NAME: /{NAME}/s
    OPERATOR: /[:=<>!~≤≥≠≈]({_B}*[:=<>!~≤≥≠≈])*/
    IN.4: /(is{_B}+)?(not{_B}+)?in{_END}/i
    BETWEEN.3: /(not{_B}+)?between{_END}/i
    IS.3: /is({_B}+not)?{_END}/i
    ELSEWHERE.2: /(not{_B}+)?({_ALIKE}){_END}/i
    QUOTED.5: /{QUOTED}/s
    VALUES: /{ITEM}({_B}*,{_B}*{ITEM})*/s
    LIST: /{_LIST}/is
    WORD: /(?!(and|or|not){_END}){WORD}/i
    %ignore /{_B}+/
"""

_IN_WORDS = {
    "FIELD": "a comparison such as status:fail",
    "WORD": "a word",
    "NAME": "the name of a field such as metric.loss",
    "OPERATOR": "a comparison: one of : = != < <= > >=",
    "VALUES": "a value",
    "OR": "and, or",
    "NOT": "not",
    "LPAR": "a bracket",
    "RPAR": "a closing bracket",
    "$END": "the end",
}
"""What people call the tokens that can be expected; the others stand where one of these does."""
_TOO_DEEP = 100
_LONGEST = 200_000
"""Characters of a query: ten thousand comparisons, for whose parsing a second is enough."""
_DEPTH_TOKEN = re.compile(rf"{QUOTED}|[()]|!+(?![=~:])|[^{BLANK}()!]+|!", re.DOTALL)
_ORDER = "a query has no order: --sort KEY sorts, and s in the explorer"
_PHRASES = {
    re.compile(r"^\s*(?P<at>select\s.*\sfrom\s+\w+(?:\s+where)?)(?!\S)", re.I | re.S): (
        "a query is only what stands behind where, as in status:fail metric.loss<0.3"
    ),
    re.compile(r"(?<!\S)(?P<at>(?:order|sort)\s+by)(?=\s+\S)", re.I): _ORDER,
    re.compile(r"(?<!\S)(?P<at>group\s+by)(?=\s+\S)", re.I): "a query makes no groups: b in the explorer does",
    re.compile(r"(?<!\S)(?P<at>limit\s+\d+(?:\s*(?:,|\soffset\s)\s*\d+)?)\s*;?\s*$", re.I): (
        "a query has no limit: --limit N is one"
    ),
    re.compile(rf"(?:^|[(|&]|(?<!\S)(?:and|or)\s)\s*(?P<at>{_SQL_TAIL})", re.I): (
        "a field stands on the left, as in metric.loss between 1 and 2"
    ),
}
"""Parts of what other languages write around a condition, and what there is here: refused at the beginning, too."""
_CLAUSES = {
    re.compile(r"^\s*(?P<at>where|having)(?!\S)", re.I): (
        "a query is only what stands behind where, as in status:fail metric.loss<0.3"
    ),
    re.compile(r"(?<!\S)(?P<at>asc|desc)\s*;?\s*$", re.I): _ORDER,
    re.compile(r"\S\s+(?P<at>xor|x?nor|nand|unless|except|\^)(?=\s+\S)", re.I): (
        "terms are joined with and, or and not only, as in status:fail and not tag:x"
    ),
    re.compile(r"(?<!\S)(?P<at>--|#|//|/\*)(?!\S)"): "a query has no comments",
    re.compile(rf"(?<!\S)(?P<at>{_KNOWN}\s+(?:isnull|isna|notnull|notna|exists))(?!\S)", re.I): (
        "has:tag asks for a value, and not has:tag for none"
    ),
    **_PHRASES,
}
"""Words of other languages that are words here, too, where there is no comparison beside them."""
_ELSEWHERE = {
    **{other: f"{name}(metric.loss)" for name, function in FUNCTIONS.items() for other in function.elsewhere},
    "isnan": "nan:metric.loss",
    "is_nan": "nan:metric.loss",
    "exists": "has:metric.loss",
    "isnull": "not has:metric.loss",
    "is_null": "not has:metric.loss",
}
"""What other languages call what is here."""
_FIELD_ALONE = re.compile(rf"({'|'.join(PREFIXES)})\.(.*)", re.IGNORECASE | re.DOTALL)
_NAME_WITH_BRACKETS = re.compile(
    rf"(?P<prefix>(?:{'|'.join(PREFIXES)})\.)(?P<key>[^{BLANK}()\"']+[{BLANK}]*\([^()\"]*\))[{BLANK}]*\Z", re.IGNORECASE
)


_NAME_CUT_OFF = re.compile(
    rf"(?P<prefix>(?:{'|'.join(PREFIXES)})\.)(?P<key>[^{BLANK}()\"']+)[{BLANK}]*\Z", re.IGNORECASE
)
_LOOKS_BACK = 200
"""Characters before an error in which a name that needs quotes is looked for."""
_REST_OF_NAME = re.compile(r"[^()<>=:!\"']*(?:\([^()\"']*\))?")


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
        QueryError: the text is not a query.
    """
    if not text.strip():
        return EVERYTHING
    if len(text) > _LONGEST:
        raise QueryError(f"a query has at most {_LONGEST:,} characters; this one has {len(text):,}", 0)
    from lark import UnexpectedInput

    _refuse_depth(text)
    _refuse_clauses(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _explained(text, error) from None
    return _Builder(text).root(tree)


def _refuse_depth(text: str) -> None:
    """Raise where brackets and negations are nested deeper than anybody means, before the recursion that follows."""
    depth = negations = 0
    for match in _DEPTH_TOKEN.finditer(text):
        token = match[0]
        negations = negations + 1 if token.lower() == "not" else negations + len(token) if token[0] == "!" else 0
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth + negations > _TOO_DEEP:
            raise QueryError(f"brackets are nested more than {_TOO_DEEP} deep", match.start(), text=text)


def _refuse_clauses(text: str) -> None:
    """Raise where a condition has around it what other languages write around one, and words would be here."""
    plain = re.sub(QUOTED, lambda match: f'"{"x" * (len(match[0]) - 2)}"', text, flags=re.DOTALL)
    compares = re.search(r"[:=<>≤≥≠]", plain) is not None
    for clause, said in (_CLAUSES if compares else _PHRASES).items():
        found = clause.search(plain)
        if found is not None and (compares or not plain[: found.start("at")].strip(" (")):
            raise QueryError(f"{said}; a word is quoted", found.start("at"), ["a comparison"], text=text)


def _explained(text: str, error: UnexpectedInput) -> QueryError:
    from lark import UnexpectedCharacters, UnexpectedToken

    end = len(text.rstrip())
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    at: int | None = getattr(error, "pos_in_stream", None)
    position = end if at_end or at is None else min(at, end)
    names = error.allowed if isinstance(error, UnexpectedCharacters) else getattr(error, "expected", ())
    expected = [words for name, words in _IN_WORDS.items() if name in (names or ())]
    elsewhere = _elsewhere(text, position, "VALUES" in (names or ()), set(names or ()) == {"RPAR"})
    if elsewhere is not None:
        return elsewhere
    quote = text[position : position + 1]
    if quote and quote in "'\"`“”„‟«»‘’‚‛":  # the quotes that word processors make
        return QueryError("this quote is never closed", position, ["a closing quote"], text=text)
    found = f"not {text[position]!r}" if position < end else "but the query ends"
    return QueryError(f"expected {_listed(expected)}, {found}", position, expected, text=text)


def _elsewhere(text: str, position: int, wants_value: bool, wants_bracket: bool) -> QueryError | None:
    """The error of what is written so elsewhere, with the form that it has here."""
    character = text[position : position + 1]
    if character == "~" and not wants_value and not wants_bracket:
        form = f"not {text[position + 1 :].strip()}"
        return QueryError(f"~ is written not: {form}", position, [form], text=text)
    begin = max(0, position - _LOOKS_BACK)
    named = _NAME_WITH_BRACKETS.search(text, begin, position) or _NAME_CUT_OFF.search(text, begin, position)
    goes_on = bool(character) and character not in "<>=!:~≤≥≠≈"
    if named is not None and (named.re is _NAME_WITH_BRACKETS or (goes_on and (wants_bracket or character == "("))):
        key = named["key"]
        if named.re is _NAME_CUT_OFF:
            key += (_REST_OF_NAME.match(text, named.end("key")) or [""])[0].rstrip()
        form = named["prefix"] + quoted(key)
        said = f"a name with brackets or spaces is quoted: {form}"
        return QueryError(said, named.start(), [form], text=text)
    if wants_value and character in ("(", "[", "{"):
        said = "several values are separated by commas, as in status:fail,success or status in [fail, success]"
        return QueryError(said, position, ["a value"], text=text)
    if character and character in "<>=:!~≤≥≠≈" and position and not (wants_value or wants_bracket):
        said = f"a field stands on the left of {character}, and a value on its right, as in metric.loss<0.3"
        expected = ["a comparison such as status:fail", "a word"]
        return QueryError(f"{said}; a word that holds {character} is quoted", position, expected, text=text)
    if character == ",":
        return QueryError(NO_COMMAS, position, ["and", "or"], text)
    if character == "\\":
        return QueryError('a \\ stands only in quotes, as in "C:\\\\data"', position, ["quotes"], text=text)
    return None


def _listed(words: list[str]) -> str:
    *others, last = words or ["something else"]
    return f"{', '.join(others)} or {last}" if others else last


class _Builder:
    """Turns lark's tree into nodes, telling errors of meaning at their place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._terms = Terms(text)

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
        token = children[0]
        if is_quoted(token):
            return Word(Pattern(pattern_of(token).parts))
        alone = _FIELD_ALONE.fullmatch(token)
        if alone is not None:
            said = f"{token} is compared with nothing: {token}<0.3, or has:{token}"
            also = f'; a name with spaces or brackets is quoted, as in {alone[1]}."f1 score"'
            raise QueryError(said + also, token.start_pos, ["a comparison"], text=self._text)
        self._terms.refuse_glued(token)
        return Word(pattern_of(token))

    def _function(self, children: list[Any]) -> Node:
        name = children[0].partition("(")[0]
        form = _ELSEWHERE.get(name.lower(), f"{_listed([*FUNCTIONS])} of a metric, as in min(metric.loss)<0.3")
        said = f"there is no function {name!r}; there is {form}"
        also = f'; text with brackets is quoted, as in "{name}(1)"'
        raise QueryError(said + also, children[0].start_pos, [form], text=self._text)

    def _comparison(self, children: list[Any]) -> Node:
        field, operator, values = children
        return self._terms.compared(self._of(field), operator, values)

    def _membership(self, children: list[Any]) -> Node:
        field, word, values = children
        return self._terms.member(self._of(field), values, negated="not" in word.lower())

    def _between(self, children: list[Any]) -> Node:
        field, word, low, _, high = children
        return self._terms.between(self._of(field), low, high, negated=word.lower().startswith("not"))

    def _being(self, children: list[Any]) -> Node:
        field, word, value = children
        return self._terms.being(self._of(field), word, value)

    def _elsewhere(self, children: list[Any]) -> Node:
        field, word, value = children
        raise self._terms.elsewhere(self._of(field), word, value)

    def _question(self, children: list[Any]) -> Node:
        question, *field = [child for child in children if child.type != "RPAR"]
        of = self._field(*field)
        return Has(of) if question.lower().startswith("has") else IsNan(of)

    def _of(self, tree: Tree[Token]) -> Field:
        return self._field(*[child for child in tree.children if isinstance(child, str) and child != ")"])

    def _field(self, *tokens: Any) -> Field:
        """The field that a name, or an aggregate and a name, stand for."""
        closing = ")" if len(tokens) > 1 else ""
        try:
            return parse_field("".join(tokens) + closing)
        except QueryError as error:
            offset = tokens[-1].start_pos or 0
            lead = sum(map(len, tokens[:-1]))
            position = offset + max(error.position - lead, 0)
            raise QueryError(str(error), position, error.expected, self._text, error.unknown) from None


def _is_token(child: object) -> bool:
    return isinstance(child, str)
