"""Which rows a query matches, a column at a time.

Each comparison becomes one pass over a column and leaves a byte a row, 1 where it holds; `and`, `or` and `not` combine
those as whole numbers. A comparison with what is missing, or with NaN, does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from magnus_tracking.query import matching
from magnus_tracking.query.fields import ColumnSource, Context, Field, Kind
from magnus_tracking.query.literals import Span, parse_number, parse_seconds, parse_span
from magnus_tracking.query.nodes import And, Comparison, Has, IsNan, Node, Not, Operator, Or, Pattern, Word

WORD_FIELDS = (Field("id"), Field("tag"), Field("failing"), Field("message"))
"""What a bare word is looked for in."""

_NUMBERS = frozenset({int, float})
_FLIP = bytes([1, 0, *range(2, 256)])
_SAMPLE = 1000
Column = Sequence[Any]


def mask(node: Node, source: ColumnSource, context: Context) -> bytes:
    """A byte for each row of `source`: 1 where `node` matches it, else 0."""
    match node:
        case Comparison():
            return _compare(node, source.column(node.field), context)
        case Word(pattern):
            test = matching.somewhere(pattern)
            return _combined([_text_mask(source.column(field), test) for field in WORD_FIELDS], len(source), any_=True)
        case Has(field):
            return bytes([value is not None for value in source.column(field)])
        case IsNan(field):
            return bytes([value.__class__ is float and value != value for value in source.column(field)])
        case Not(inner):
            return mask(inner, source, context).translate(_FLIP)
        case And(nodes):
            return _combined([mask(inner, source, context) for inner in nodes], len(source), any_=False)
        case Or(nodes):
            return _combined([mask(inner, source, context) for inner in nodes], len(source), any_=True)


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
        case Kind.TEXT:
            return _compare_text(operator, value, column)
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
        case Kind.ANY:
            return _compare_any(operator, value, column)


def _text_mask(column: Column, test: matching.TextTest) -> bytes:
    """Test each text of a column; where texts repeat, as statuses and tags do, the same text only once."""
    sample = column[:_SAMPLE]
    if len(set(sample)) > len(sample) // 2:
        return bytes([text is not None and test(text) for text in column])
    distinct = set(column)
    distinct.discard(None)
    verdicts: dict[str | None, bool] = {text: test(text) for text in distinct}
    verdicts[None] = False
    return bytes([verdicts[text] for text in column])


def _compare_text(operator: Operator, value: Pattern, column: Column) -> bytes:
    if operator == "=":
        return _text_mask(column, matching.whole(value))
    if operator == "!=":
        test = matching.whole(value)
        return _text_mask(column, lambda text: not test(text))
    return _text_mask(column, _text_order(operator, value.text))


def _text_order(operator: Operator, text: str) -> matching.TextTest:
    bound = text.casefold()
    orders: dict[Operator, matching.TextTest] = {
        "<": lambda other: other.casefold() < bound,
        "<=": lambda other: other.casefold() <= bound,
        ">": lambda other: other.casefold() > bound,
        ">=": lambda other: other.casefold() >= bound,
    }
    return orders[operator]


def _compare_texts(operator: Operator, value: Pattern, column: Column) -> bytes:
    test = matching.end_of_path(value)
    wanted = operator == "="
    verdicts = {names: any(map(test, names)) is wanted for names in set(column) if names is not None}
    verdicts[None] = False
    return bytes([verdicts[names] for names in column])


def _compare_number(operator: Operator, bound: Any, column: Column) -> bytes:
    if bound is None:
        return bytes(len(column))
    match operator:
        case "<":
            return bytes([value.__class__ in _NUMBERS and value < bound for value in column])
        case "<=":
            return bytes([value.__class__ in _NUMBERS and value <= bound for value in column])
        case ">":
            return bytes([value.__class__ in _NUMBERS and value > bound for value in column])
        case ">=":
            return bytes([value.__class__ in _NUMBERS and value >= bound for value in column])
        case "=":
            return bytes([value.__class__ in _NUMBERS and value == bound for value in column])
        case "!=":
            return bytes([value.__class__ in _NUMBERS and value != bound and value == value for value in column])


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
    test = _code_test(value)
    wanted = operator == "="
    return bytes([code is not None and test(code) is wanted for code in column])


def _code_test(value: Pattern) -> Callable[[tuple[str, bool | None]], bool]:
    word = value.text.casefold()
    if word in ("dirty", "clean"):
        dirty = word == "dirty"
        return lambda code: code[1] is dirty
    begins = matching.whole(value if len(value.parts) > 1 else Pattern((*value.parts, "")))
    return lambda code: begins(code[0])


def _compare_any(operator: Operator, value: Pattern, column: Column) -> bytes:
    """Compare parameters or metrics: numbers with numbers, and anything with the text that it reads as."""
    number = parse_number(value.text)
    if operator == "=":
        return _equal_any(value, number, column)
    if operator == "!=":
        equal = _equal_any(value, number, column)
        there = bytes([item is not None and item == item for item in column])
        return _combined([there, equal.translate(_FLIP)], len(column), any_=False)
    if number is not None:
        return _compare_number(operator, number, column)
    order = _text_order(operator, value.text)
    return bytes([item.__class__ is str and order(item) for item in column])


def _equal_any(value: Pattern, number: float | None, column: Column) -> bytes:
    reads_as = matching.whole(value)
    if len(value.parts) == 1:
        return bytes(
            [
                item == number if item.__class__ in _NUMBERS else item is not None and reads_as(matching.as_text(item))
                for item in column
            ]
        )
    return bytes([item is not None and item == item and reads_as(matching.as_text(item)) for item in column])
