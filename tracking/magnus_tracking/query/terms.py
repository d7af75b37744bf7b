"""What one comparison of a query asks: one value or several, a range, or a form of another tool, told or understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import METRIC, PARAMETER, PREFIXES, Field, Kind
from magnus_tracking.query.literals import check_comparison, parse_number, parse_seconds, parse_span
from magnus_tracking.query.nodes import ORDER, And, Comparison, Has, IsNan, Node, Not, Operator, Or, Pattern
from magnus_tracking.query.quoting import BLANK, ITEM, LISTED, is_quoted, quoted

if TYPE_CHECKING:
    from lark import Token

_OPERATORS: dict[str, Operator] = {
    **dict.fromkeys((":", "=", "==", "===", ":="), "="),
    **dict.fromkeys(("!=", "!==", "<>", "≠", ":!=", "!:"), "!="),
    **dict.fromkeys(("<", ":<"), "<"),
    **dict.fromkeys(("<=", "≤", ":<=", ":≤"), "<="),
    **dict.fromkeys((">", ":>"), ">"),
    **dict.fromkeys((">=", "≥", ":>=", ":≥"), ">="),
}
"""How the comparisons are written, here and elsewhere."""
_MEANT = {"=<": "<=", "=>": ">=", "><": "!=", "=!": "!=", ":!": "!="}
_IN_LETTERS: dict[str, Operator] = {
    **dict.fromkeys(("eq", "equal", "equals"), "="),
    **dict.fromkeys(("ne", "neq", "isnot"), "!="),
    **dict.fromkeys(("lt",), "<"),
    **dict.fromkeys(("le", "lte"), "<="),
    **dict.fromkeys(("gt",), ">"),
    **dict.fromkeys(("ge", "gte"), ">="),
}
"""The comparisons as shells and query strings spell them."""
_SHAPES = {
    **dict.fromkeys(("contain", "contains", "matches", "regexp", "rlike"), "*{}*"),
    "startswith": "{}*",
    "endswith": "*{}",
}
"""What words of other tools find, in the wildcards of this one."""
_ITEM = re.compile(ITEM, re.DOTALL)
_LISTED = re.compile(LISTED, re.DOTALL)
_SPAN_IN_LIST = re.compile(
    rf"(?P<bracket>[\[{{])[{BLANK}]*(?P<low>{LISTED})[{BLANK}]+to[{BLANK}]+(?P<high>{LISTED})", re.I | re.S
)
NO_COMMAS = "terms are joined with and, or, or nothing, not with commas"
_NOTHING = ("null", "none", "nil", "missing", "empty", "undefined", "na")
_FIELD_BEFORE = re.compile(rf"(?:{'|'.join(PREFIXES)})\.[^\s]+", re.IGNORECASE)
_TERM = re.compile(r"(?:(?:param|params|parameter|metric|metrics)\.[^:=<>]+|[a-z_]+)(?:[:=<>]|!=)", re.IGNORECASE)

_ALMOST_NUMBER = re.compile(
    r"""(?P<sign>[+−–—-]?)                       # the minus that word processors make
    (?:(?P<hex>0x[0-9a-f]+)
     | (?P<digits>\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)\s*(?P<unit>%|[kmgt]i?b?|[kmgt])?)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What people write for numbers and `parse_number` does not take."""
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_UNIT_APART = re.compile(
    rf"""[{BLANK}]*(?P<unit>milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|[kmgt]i?b)?
    (?P<ago>[{BLANK}]+ago)?(?![^{BLANK})])""",
    re.IGNORECASE | re.VERBOSE,
)
"""What people write behind an amount, which would be words of their own."""
_CLOCK_APART = re.compile(rf"[{BLANK}]+(\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?)")
_UNITS = {"%": 0.01, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def pattern_of(token: str) -> Pattern:
    """The text of a token with its wildcards; between quotes, a backslash takes the meaning from what follows it."""
    if not is_quoted(token):
        return Pattern(tuple(token.split("*")))
    parts = [""]
    for match in re.finditer(r"\\(.)|(\*)|[^\\*]+", token[1:-1], re.DOTALL):
        if match[2]:
            parts.append("")
        else:
            parts[-1] += match[1] or match[0]
    text = parts[0]
    return Pattern(tuple(parts), is_text=len(parts) == 1 and parse_number(text) is not None)


class Terms:
    """Makes nodes of the parts of comparisons in one query.

    Attributes:
        text: the query, in which errors point.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def compared(self, field: Field, operator: Token, values: Token) -> Node:
        """A field, an operator, and a value, several with commas, or a range.

        Raises:
            QueryError: it means nothing, or something else elsewhere.
        """
        written = self._operator(field, operator, values)
        self.refuse_glued(values)
        self._refuse_unit(field, written, values)
        if values.type == "LIST":
            return self._with_list(field, written, values)
        items = self._items(values, _ITEM)
        if len(items) > 1:
            return self._any_of(field, written, values, items)
        return self._one(field, written, *items[0])

    def member(self, field: Field, values: Token, *, negated: bool) -> Node:
        """A field and the values of which it is one, or none."""
        self.refuse_glued(values)
        items = self._items(values, _LISTED if values.type == "LIST" else _ITEM)
        return self._each(field, "!=" if negated else "=", items)

    def between(self, field: Field, low: Token, high: Token, *, negated: bool) -> Node:
        """A field and the least and greatest that it may be, or between which it may not be."""
        self.refuse_glued(high)
        ends = (str(low), low.start_pos or 0), (str(high), high.start_pos or 0)
        return self._span(field, *ends, "!=" if negated else "=")

    def being(self, field: Field, word: Token, value: Token) -> Node:
        """``is null`` and ``is nan``, which other tools write for what is missing and for NaN."""
        asked = str(value).lower()
        negated = len(word) > 2
        if asked in ("not", *_NOTHING):
            return Has(field) if negated else Not(Has(field))
        if asked == "nan":
            return Not(IsNan(field)) if negated else IsNan(field)
        form = f"{field}{'!=' if negated else ':'}{value}"
        raise self._error(f"{word} is for null and nan only; otherwise write {form}", word.start_pos, form)

    def elsewhere(self, field: Field, word: Token, value: Token) -> QueryError:
        """The error of a comparison in words that other tools have, with the form that it has here."""
        said = re.sub(r"(starts|ends) +with", r"\1with", " ".join(word.lower().split()))
        name, negated = said.split()[-1], "not " in said
        compares = _IN_LETTERS.get(name)
        if compares is not None:
            form = f"{'not ' if negated else ''}{field}{':' if compares == '=' else compares}{value}"
            return self._error(f"{word} is written with a sign: {form}", word.start_pos, form)
        plain = _searched(value)
        shape = _SHAPES.get(name, "{}")
        wanted = shape.format(plain.replace("%", "*").replace(".*", "*"))
        form = ("not " if negated else "") + str(Comparison(field, "=", Pattern(tuple(wanted.split("*")))))
        return self._error(f"{said.split()[-1]} is written with *, which is any text: {form}", word.start_pos, form)

    def refuse_glued(self, token: Token) -> None:
        """Raise where text goes on behind a token that only quotes would keep together with it."""
        end = token.end_pos or 0
        follows = self.text[end : end + 1]
        if not follows or follows not in "(\"'\\|`" or self.text[end : end + 2] == "||":
            return
        rest = re.match(r"[^\s]*", self.text[end:])
        if follows == "|":
            if _TERM.match(self.text, end + 1):
                return
            form = f"{token},{rest[0][1:] if rest else ''}"
            raise self._error(f"several values are separated by commas: {form}", end, form)
        form = quoted(f"{token}{rest[0] if rest else ''}".replace('"', ""))
        raise self._error(f"text with brackets, quotes or backslashes is quoted as a whole: {form}", end, form)

    def _refuse_unit(self, field: Field, operator: Operator, values: Token) -> None:
        """Raise where the unit of an amount, or the time of a date, stands apart: it would be a term of its own."""
        end, amount = values.end_pos or 0, str(values)
        clock = _CLOCK_APART.match(self.text, end) if field.kind is Kind.TIME else None
        if clock is not None:
            form = f"{field}{operator}{amount}T{clock[1]}"
            raise self._error(f"a date and its time stand together: {form}", values.start_pos, form)
        apart = _UNIT_APART.match(self.text, end)
        if apart is None or not apart[0] or not amount[:1].isdigit():
            return
        unit = (apart["unit"] or "").lower()
        if unit.endswith("b"):
            form = f"{field}{operator}{_as_number(amount + unit) or amount}"
        elif field.kind in (Kind.SECONDS, Kind.TIME):
            form = f"{field}{operator}{amount}{'ms' if unit.startswith(('ms', 'mil')) else unit[:1]}"
        else:
            return
        raise self._error(f"an amount and its unit stand together: {form}", values.start_pos, form)

    def _operator(self, field: Field, operator: Token, values: Token) -> Operator:
        plain = re.sub(rf"[{BLANK}]+", "", operator)
        known = _OPERATORS.get(plain)
        if known is not None:
            return known
        if plain in _MEANT:
            form = f"{field}{_MEANT[plain]}{values}"
            raise self._error(f"{plain} is written {_MEANT[plain]}: {form}", operator.start_pos, form)
        if set(plain) & set("~≈") and values == "*":
            said = f"there is no comparison {plain + '*'!r}; * is any text, case does not count, as in {field}:*text*"
            raise self._error(said, operator.start_pos, f"{field}:*text*")
        if set(plain) & set("~≈") and set(plain) <= set("~≈!=:"):
            wanted = Pattern(("", *_searched(values).replace(".*", "*").strip("*").split("*"), ""))
            form = ("not " if "!" in plain else "") + str(Comparison(field, "=", wanted))
            said = "parts of a text are found with *, which is any text; there are no regular expressions"
            raise self._error(f"{said}: {form}", operator.start_pos, form)
        expected = "one of : = != < <= > >="
        raise self._error(f"there is no comparison {plain!r}: it is {expected}", operator.start_pos, expected)

    def _items(self, values: Token, item: re.Pattern[str]) -> list[tuple[str, int]]:
        """The values of a token, each with its place in the query."""
        begin = values.start_pos or 0
        text, offset = str(values), 0
        if values.type == "LIST":
            text, offset = text[:-1], 1
        found = []
        while match := item.search(text, offset):
            found.append((match[0], begin + match.start()))
            offset = match.end()
        return found

    def _with_list(self, field: Field, operator: Operator, values: Token) -> Node:
        span = _SPAN_IN_LIST.match(values)
        at = values.start_pos or 0
        if span is not None:
            low, high = ((span[name], at + span.start(name)) for name in ("low", "high"))
            return self._span(field, low, high, operator, whole=span["bracket"] == "[")
        items = self._items(values, _LISTED)
        if field.kind is Kind.ANY and values[0] != "(":
            texts = ", ".join(text for text, _ in items)
            one_of = f"{field} in [{texts}]"
            whole = f"{field}:{quoted(values[0] + texts + values[-1])}"
            said = f"one of several values is asked with in: {one_of}; a value that is a list is quoted: {whole}"
            raise self._error(said, at, one_of)
        return self._any_of(field, operator, values, items)

    def _any_of(self, field: Field, operator: Operator, values: Token, items: list[tuple[str, int]]) -> Node:
        if operator in ORDER:
            self._refuse_commas(items[1:])
            thousands = _THOUSANDS.fullmatch(values)
            form = (
                f"{field}{operator}{values.replace(',', '') if thousands else '.'.join(text for text, _ in items[:2])}"
            )
            comma = "thousands have no comma" if thousands else "decimals have a point, terms no comma"
            said = f"{operator} compares with one value; {comma}: {form}"
            raise self._error(said, values.start_pos, form)
        if _THOUSANDS.fullmatch(values) and field.kind in (Kind.NUMBER, Kind.ANY):
            form = f"{field}{operator}{values.replace(',', '')}"
            listed = ", ".join(text for text, _ in items)
            said = f"thousands have no comma: {form}; one of several values is {field} in [{listed}]"
            raise self._error(said, values.start_pos, form)
        return self._each(field, operator, items)

    def _each(self, field: Field, operator: Operator, items: list[tuple[str, int]]) -> Node:
        if field.kind is not Kind.TIME:
            self._refuse_commas(items)
        nodes = [self._one(field, operator, text, at) for text, at in items]
        if len(nodes) == 1:
            return nodes[0]
        return And(tuple(nodes)) if operator == "!=" else Or(tuple(nodes))

    def _refuse_commas(self, items: list[tuple[str, int]]) -> None:
        """Raise where what stands between commas is a term."""
        for text, at in items:
            if not is_quoted(text) and _TERM.match(text):
                raise self._error(NO_COMMAS, at, "and")

    def _one(self, field: Field, operator: Operator, text: str, at: int) -> Node:
        if not is_quoted(text):
            ends = self._range_ends(field, text)
            if ends is not None and operator not in ORDER:
                low, high = ends
                return self._span(field, (low, at), (high, at + len(text) - len(high)), operator)
            self._refuse_misread(field, operator, text, at)
        return self._compare(field, operator, text, at)

    def _compare(self, field: Field, operator: Operator, text: str, at: int) -> Comparison:
        value = pattern_of(text)
        if field.kind is not Kind.ANY:
            value = Pattern(value.parts)
        comparison = Comparison(field, operator, value)
        problem = check_comparison(comparison)
        if problem is not None:
            almost = _as_number(text) if field.kind is Kind.NUMBER else None
            form = f": {field}{operator}{almost}" if almost else ""
            raise QueryError(problem.message + form, at, problem.expected, text=self.text)
        return comparison

    def _range_ends(self, field: Field, text: str) -> tuple[str, str] | None:
        """The ends of ``0.1..0.3``, of which one may be left open, as in ``5..*``."""
        if field.kind not in (Kind.NUMBER, Kind.SECONDS, Kind.TIME, Kind.ANY):
            return None
        match = re.fullmatch(r"(.*?[^.]|)\.\.\.?(\.?[^.].*|)", text, re.DOTALL)
        if match is None or not (match[1] or match[2]):
            return None
        low, high = match.groups()
        if field.kind is Kind.ANY and not all(_is_open(end) or parse_number(end) is not None for end in (low, high)):
            return None
        return None if _is_open(low) and _is_open(high) else (low, high)

    def _span(
        self, field: Field, low: tuple[str, int], high: tuple[str, int], operator: Operator, *, whole: bool = True
    ) -> Node:
        """From a least to a greatest value, both included if `whole`; of a day, all of it."""
        if operator in ORDER:
            form = f"{field}:{low[0]}..{high[0]}"
            raise self._error(f"a range stands behind a colon: {form}", low[1], form)
        if field.kind in (Kind.TEXT, Kind.TEXTS, Kind.CODE):
            raise self._error(f"{field} is text, which has no ranges", low[1], "a text")
        parts: list[Node] = []
        if not _is_open(low[0]):
            parts.append(self._end(field, ">=" if whole else ">", *low))
        if not _is_open(high[0]):
            below = self._end(field, "<=" if whole else "<", *high)
            is_day = whole and field.kind is Kind.TIME and parse_span(below.value.text) is not None
            parts.append(Or((below, Comparison(field, "=", below.value))) if is_day else below)
        if not parts:
            return Has(field)
        if len(parts) == 2 and _is_backwards(field, low[0], high[0]):
            form = f"{field}:{high[0]}..{low[0]}"
            raise self._error(f"nothing is between {low[0]} and {high[0]}: {form}", low[1], form)
        inside = parts[0] if len(parts) == 1 else And(tuple(parts))
        return inside if operator == "=" else And((Has(field), Not(inside)))

    def _end(self, field: Field, operator: Operator, text: str, at: int) -> Comparison:
        if field.kind is Kind.ANY and parse_number(pattern_of(text).text) is None:
            raise self._error(f"a range of {field} is of numbers, not of {text!r}", at, "a number")
        return self._compare(field, operator, text, at)

    def _refuse_misread(self, field: Field, operator: Operator, text: str, at: int) -> None:
        """Raise where a bare value would be taken for text, and something else was meant."""
        if text.endswith(";"):
            form = f"{field}{':' if operator == '=' else operator}{text.rstrip(';')}"
            raise self._error(f"a query has no ; at its end: {form}; a value that ends so is quoted", at, form)
        if text.lower() in _NOTHING[:3] and field.kind is Kind.ANY:
            form = f"not has:{field}" if operator == "=" else f"has:{field}"
            said = f"nothing equals {text}: {form} asks whether there is a value; the text is quoted"
            raise self._error(said, at, form)
        if field.kind is Kind.TEXT and re.fullmatch(r"/.+/[a-z]*", text) and operator not in ORDER:
            form = str(
                Comparison(
                    field, operator, Pattern(("", *text.strip("/").replace(".*", "*").strip("*").split("*"), ""))
                )
            )
            raise self._error(f"there are no regular expressions; * is any text: {form}", at, form)
        if field.kind is not Kind.ANY:
            return
        if _FIELD_BEFORE.fullmatch(text):
            raise self._error(f"{field} is compared with a value, not with another field", at, "a value")
        holds = re.search(r"[<>≤≥≠]|!=" if field.name == PARAMETER else r"[<>=:!≤≥≠~]", text)
        if holds is not None and parse_number(text[: holds.start()]) is not None:
            said = f"two comparisons are joined with and; a value between two others is asked with {field}:0.1..0.3"
            raise self._error(said, at + holds.start(), "and")
        if holds is not None:
            name = quoted(f"{field.key}:{text[: holds.start()]}")
            form = f"{field.name}.{name}{text[holds.start() :]}"
            said = f"this value holds {holds[0]}: quote it, or the name that it belongs to, as in {form}"
            raise self._error(said, at + holds.start(), "quotes")
        self._refuse_almost_number(field, operator, text, at)

    def _refuse_almost_number(self, field: Field, operator: Operator, text: str, at: int) -> None:
        almost = _as_number(text)
        if almost is not None and (
            operator in ORDER or field.name == METRIC or (not text[-1].isalpha() and "%" not in text)
        ):
            form = f"{field}{operator}{almost}"
            if text.endswith("%"):
                form += f" or {field}{operator}{text[:-1].strip()}"
            raise self._error(f"{text} is not a number here: write {form}, or quote it if it is text", at, form)
        is_odd = parse_number(text) is None and text.lower() != "nan" and "*" not in text
        if field.name == METRIC and operator in ORDER and is_odd:
            raise self._error(f"{field} is compared with a number, not {text!r}", at, "a number")

    def _error(self, message: str, position: int | None, expected: str) -> QueryError:
        return QueryError(message, position or 0, [expected], text=self.text)


def _searched(value: Token) -> str:
    """What a regular expression or pattern of another tool looks for, without the slashes around it."""
    slashed = re.fullmatch(r"/(.+)/[a-z]*", value)
    return slashed[1] if slashed else pattern_of(value).text


def _is_open(end: str) -> bool:
    """Whether an end of a range is left open."""
    return end in ("", "*")


def _is_backwards(field: Field, low: str, high: str) -> bool:
    """Whether no value of a field lies between two ends, as the first is above the second."""
    if field.kind is not Kind.TIME:
        least, greatest = (parse_seconds(pattern_of(end).text) for end in (low, high))
        return least is not None and greatest is not None and least > greatest
    first, last = parse_span(pattern_of(low).text), parse_span(pattern_of(high).text)
    if first is not None and last is not None:
        return first.begin >= last.end
    # Both are so long ago: the longer time is the earlier one.
    ago, later = parse_seconds(pattern_of(low).text), parse_seconds(pattern_of(high).text)
    return ago is not None and later is not None and ago < later


def _as_number(text: str) -> str | None:
    """The number that was meant by text that is almost one; None where it is one, or nothing like it."""
    if parse_number(text) is not None:
        return None
    match = _ALMOST_NUMBER.fullmatch(text)
    if match is None:
        return None
    sign = "-" if match["sign"] not in ("", "+") else ""
    if match["hex"]:
        return f"{sign}{int(match['hex'], 16)}"
    digits = match["digits"].replace("_", "")
    unit = (match["unit"] or "").lower().removesuffix("b")
    if not unit:
        return sign + re.sub(r"^0+(?=\d)", "", digits)
    number = float(digits) * _UNITS[unit]
    return f"{sign}{number:.12g}" if unit == "%" or number >= 1e15 or number % 1 else f"{sign}{int(number)}"
