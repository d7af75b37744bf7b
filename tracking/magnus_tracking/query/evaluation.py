"""Which rows a query matches, a column at a time.

Each comparison becomes one pass over a column and leaves a byte a row, 1 where it holds; `and`, `or` and `not` combine
those as whole numbers. A comparison with what is missing, or with NaN, does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain, compress, repeat
from operator import is_not
from typing import Any

from magnus_tracking.query import matching
from magnus_tracking.query.fields import ColumnSource, Context, Field, Kind
from magnus_tracking.query.literals import Span, parse_number, parse_seconds, parse_span
from magnus_tracking.query.nodes import And, Comparison, Has, IsNan, Node, Not, Operator, Or, Pattern, Word
from magnus_tracking.runlog.numbers_in_text import NUMBER_TYPES, read_numbers

WORD_FIELDS = (Field("id"), Field("tag"), Field("failing"), Field("message"))
"""What a bare word is looked for in."""

_NUMBERS_OR_NONE = NUMBER_TYPES | {type(None)}
_FLIP = bytes([1, 0, *range(2, 256)])
_SAMPLE = 1000
Column = Sequence[Any]


def mask(node: Node, source: ColumnSource, context: Context) -> bytes:
    """A byte for each row of `source`: 1 where `node` matches it, else 0."""
    return _Evaluation(source, context).mask(node)


class _Evaluation:
    """One look at the rows, in which what several parts of a query need is made once."""

    def __init__(self, source: ColumnSource, context: Context) -> None:
        self._source = source
        self._context = context
        self._folded: dict[Field, tuple[Sequence[str], bytes | None]] = {}

    def mask(self, node: Node) -> bytes:
        """See `mask`."""
        length = len(self._source)
        match node:
            case Comparison(field, operator, value) if field.kind is Kind.TEXT:
                return self._text_mask(field, _text_test(operator, value))
            case Comparison():
                return _compare(node, self._source.column(node.field), self._context)
            case Word(pattern):
                test = matching.somewhere(pattern)
                return _combined([self._text_mask(field, test) for field in WORD_FIELDS], length, any_=True)
            case Has(field):
                return _there(self._source.column(field))
            case IsNan(field):
                return bytes([value.__class__ is float and value != value for value in self._source.column(field)])
            case Not(inner):
                return self.mask(inner).translate(_FLIP)
            case And(nodes):
                return _combined([self.mask(inner) for inner in nodes], length, any_=False)
            case Or(nodes):
                return _combined([self.mask(inner) for inner in nodes], length, any_=True)

    def _text_mask(self, field: Field, test: matching.TextsTest) -> bytes:
        """Test each text of a column; where texts repeat, as statuses and tags do, the same text only once."""
        column = self._source.column(field)
        sample = column[:_SAMPLE]
        if len(set(sample)) <= len(sample) // 2:
            distinct = [text for text in set(column) if text is not None]
            verdicts = dict(zip(distinct, test(list(map(str.casefold, distinct))), strict=True))
            verdicts[None] = False
            return bytes(map(verdicts.__getitem__, column))
        if field not in self._folded:
            self._folded[field] = _folded(column)
        folded, there = self._folded[field]
        found = bytes(test(folded))
        return found if there is None else _combined([found, there], len(column), any_=False)


def _folded(column: Column) -> tuple[Sequence[str], bytes | None]:
    """The texts without case, empty where there is none; and where there is one, unless it is everywhere."""
    if None not in column:
        return list(map(str.casefold, column)), None
    return [text.casefold() if text is not None else "" for text in column], _there(column)


def _there(column: Column) -> bytes:
    return bytes(map(is_not, column, repeat(None)))


def _combined(masks: Sequence[bytes], length: int, *, any_: bool) -> bytes:
    """The masks joined row by row; of no mask at all, every row for `and` and none for `or`."""
    numbers = [int.from_bytes(one) for one in masks]
    if not numbers:
        return (b"\x00" if any_ else b"\x01") * length
    joined = numbers[0]
    for number in numbers[1:]:
        joined = joined | number if any_ else joined & number
    return joined.to_bytes(length)


def _compare(node: Comparison, column: Column, context: Context) -> bytes:
    operator, value = node.operator, node.value
    match node.field.kind:
        case Kind.TEXTS:
            return _compare_texts(operator, value, column)
        case Kind.NUMBER:
            return _compare_number(operator, parse_number(value.text), column)
        case Kind.SECONDS:
            return _compare_number(operator, parse_seconds(value.text), column)
        case Kind.TIME:
            return _compare_time(operator, _span(value, context), column)
        case Kind.CODE:
            return _compare_code(operator, value, column)
        case _:
            return _compare_any(operator, value, column)


def _text_test(operator: Operator, value: Pattern) -> matching.TextsTest:
    if operator == "=":
        return matching.whole(value)
    if operator == "!=":
        test = matching.whole(value)
        return lambda texts: [not found for found in test(texts)]
    bound = value.text.casefold()
    match operator:
        case "<":
            return lambda texts: [text < bound for text in texts]
        case "<=":
            return lambda texts: [text <= bound for text in texts]
        case ">":
            return lambda texts: [text > bound for text in texts]
        case ">=":
            return lambda texts: [text >= bound for text in texts]


def _compare_texts(operator: Operator, value: Pattern, column: Column) -> bytes:
    distinct = [names for names in set(column) if names is not None]
    names = list(set(chain.from_iterable(distinct)))
    found = set(compress(names, matching.end_of_path(value)(list(map(str.casefold, names)))))
    without = operator != "="
    chosen = {some for some in distinct if found.isdisjoint(some) is without}
    return bytes(map(chosen.__contains__, column))


def _compare_number(operator: Operator, bound: Any, column: Column) -> bytes:
    if bound is None:
        return bytes(len(column))
    match operator:
        case "<":
            return bytes([value.__class__ in NUMBER_TYPES and value < bound for value in column])
        case "<=":
            return bytes([value.__class__ in NUMBER_TYPES and value <= bound for value in column])
        case ">":
            return bytes([value.__class__ in NUMBER_TYPES and value > bound for value in column])
        case ">=":
            return bytes([value.__class__ in NUMBER_TYPES and value >= bound for value in column])
        case "=":
            return bytes([value.__class__ in NUMBER_TYPES and value == bound for value in column])
        case "!=":
            return bytes([value.__class__ in NUMBER_TYPES and value != bound and value == value for value in column])


def _span(value: Pattern, context: Context) -> Span:
    """The time that a value names: a date, or how long before now."""
    span = parse_span(value.text)
    if span is not None:
        return span
    try:
        begin = context.now - timedelta(seconds=parse_seconds(value.text) or 0.0)
    except OverflowError:
        begin = context.now.min
    return Span(begin, begin + timedelta(microseconds=1))


def _compare_time(operator: Operator, span: Span, column: Column) -> bytes:
    begin, end = span.begin, span.end
    match operator:
        case "<":
            return bytes([time is not None and time < begin for time in column])
        case "<=":
            return bytes([time is not None and time <= begin for time in column])
        case ">":
            return bytes([time is not None and time > begin for time in column])
        case ">=":
            return bytes([time is not None and time >= begin for time in column])
        case "=":
            return bytes([time is not None and begin <= time < end for time in column])
        case "!=":
            return bytes([time is not None and not begin <= time < end for time in column])


def _compare_code(operator: Operator, value: Pattern, column: Column) -> bytes:
    wanted = operator == "="
    word = value.text.casefold()
    if word in ("dirty", "clean"):
        dirty = word == "dirty"
        return bytes([code is not None and (code[1] is dirty) is wanted for code in column])
    begins = matching.whole(value if len(value.parts) > 1 else Pattern((*value.parts, "")))
    found = begins([code[0].casefold() if code is not None else "" for code in column])
    return bytes([code is not None and begun is wanted for code, begun in zip(column, found, strict=True)])


def _compare_any(operator: Operator, value: Pattern, column: Column) -> bytes:
    """Compare parameters or metrics: numbers with numbers, and anything with the text that it reads as.

    Text that reads as a number is compared as that number. A value that is meant as text although it reads as a number
    is compared with the text of every value, a number's, too.
    """
    number = None if value.is_text else parse_number(value.text)
    if operator == "=":
        return _equal_any(value, number, column)
    if operator == "!=":
        equal = _equal_any(value, number, column)
        there = bytes([item is not None and item == item for item in column])
        return _combined([there, equal.translate(_FLIP)], len(column), any_=False)
    if number is not None:
        return _compare_number(operator, number, read_numbers(column))
    if value.is_text:
        places = _places_there(column)
    else:
        places = [place for place, item in enumerate(column) if item.__class__ is str]
    return _tested(bytearray(len(column)), places, column, _text_test(operator, value))


def _equal_any(value: Pattern, number: float | None, column: Column) -> bytes:
    reads_as = matching.whole(value)
    if len(value.parts) > 1 or value.is_text:
        places = _places_there(column)
        return _tested(bytearray(len(column)), places, column, reads_as)
    if number is None:
        equal = bytearray(len(column))
    else:
        equal = bytearray([item == number and item.__class__ in NUMBER_TYPES for item in read_numbers(column)])
    if _NUMBERS_OR_NONE.issuperset(map(type, column)):
        return bytes(equal)
    places = [place for place, item in enumerate(column) if item.__class__ not in _NUMBERS_OR_NONE]
    return _tested(equal, places, column, reads_as)


def _places_there(column: Column) -> list[int]:
    return [place for place, item in enumerate(column) if item is not None and item == item]


def _tested(found: bytearray, places: Sequence[int], column: Column, test: matching.TextsTest) -> bytes:
    """`found`, with 1 also at those of `places` whose values read as texts that `test` finds."""
    items = list(map(column.__getitem__, places))
    if NUMBER_TYPES.issuperset(map(type, items)):
        texts = list(map(repr, items))
    else:
        texts = [matching.as_text(item).casefold() for item in items]
    for place in compress(places, test(texts)):
        found[place] = 1
    return bytes(found)
