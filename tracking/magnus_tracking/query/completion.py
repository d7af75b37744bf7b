"""What could stand where the cursor is in a query: fields and values that exist in this store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from magnus_tracking.analysis.liveness import Liveness
from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import FIELD_KINDS, METRIC, Field, Kind, parse_field
from magnus_tracking.query.functions import FUNCTIONS, OF_ALL_VALUES
from magnus_tracking.query.matching import as_text
from magnus_tracking.query.nodes import Comparison, Pattern
from magnus_tracking.query.quoting import NAME, NAME_CHARACTER
from magnus_tracking.runlog.numbers_in_text import number_of

MOST = 50
"""How many completions are given at most."""

_FUNCTION = rf"(?:{'|'.join(FUNCTIONS)})\s*\("
_VALUE_PLACE = re.compile(
    rf'(?P<field>{_FUNCTION}\s*{NAME}\s*\)|{NAME})\s*(?P<operator>!=|<=|>=|==|[:=<>])\s*(?P<typed>"(?:[^"\\]|\\.)*|[^\s()"]*)\Z',
    re.IGNORECASE | re.DOTALL,
)
_QUESTION_PLACE = re.compile(rf"(?<!{NAME_CHARACTER})(?:has|nan)\s*:\s*(?P<typed>{NAME_CHARACTER}*)\Z", re.IGNORECASE)
_METRIC_PLACE = re.compile(rf"(?<!{NAME_CHARACTER}){_FUNCTION}\s*(?P<typed>{NAME_CHARACTER}*)\Z", re.IGNORECASE)
_WORD_PLACE = re.compile(rf"(?:\A|(?<=[\s(]))(?P<typed>{NAME_CHARACTER}*)\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'", re.DOTALL)

_SYNTAX = ("has:", "nan:", *(f"{name}(" for name in OF_ALL_VALUES), "and", "or", "not")
TRIED = {
    "failed": "status:fail",
    "failure": "status:fail",
    "crashed": "status:fail",
    "success": "status:success",
    "succeeded": "status:success",
    "passed": "status:success",
    "running": "liveness:live",
    "live": "liveness:live",
    "silent": "liveness:silent",
    "stalled": "liveness:stalled",
    "lost": "liveness:lost",
    "dirty": "code:dirty",
    "uncommitted": "code:dirty",
    "clean": "code:clean",
    "retried": "retries>0",
    "rerun": "has:original",
    "recovered": "status:success has:failing",
    "unreadable": "has:error",
    "today": "started>1d",
}
"""Words that people try, and what asks for that: as bare words they would only be looked for in names and messages."""
_NOT_A_NUMBER = ("nan", "diverged")
_AGES = ("1h", "1d", "7d", "30d")
_LARGEST = 1e300
"""Of larger numbers none is offered: some are larger than a float."""
_CODE_STATES = ("dirty", "clean")
"""What code is asked for more often than by its commit."""
_TEXTUAL = frozenset({Kind.TEXT, Kind.TEXTS, Kind.CODE})


@dataclass(frozen=True, slots=True)
class Completion:
    """Text that can take the place of what was typed.

    Attributes:
        start: where it begins in the query.
        end: where what it replaces ends: the cursor.
        text: what to put there.
    """

    start: int
    end: int
    text: str

    def applied(self, query: str) -> str:
        """The query with the completion in it; the cursor then belongs at ``start + len(text)``."""
        return query[: self.start] + self.text + query[self.end :]


def complete(
    query: str, cursor: int, names: Sequence[str], values: Callable[[Field], Iterable[Any]]
) -> list[Completion]:
    """What could stand before the cursor, what begins as typed coming first.

    Args:
        query: the text so far, which need not be a whole query.
        cursor: offset in it.
        names: parameters and metrics that exist: ``param.lr``, ``metric.loss``.
        values: by field, the values that exist.
    """
    before = query[:cursor]
    for place, options in (
        (_QUESTION_PLACE, _fields),
        (_METRIC_PLACE, _metrics),
        (_VALUE_PLACE, _values),
        (_WORD_PLACE, _words),
    ):
        match = place.search(before)
        if match is not None and _open_quote(before) in (None, match.start("typed")):
            typed = match["typed"]
            plain = typed.lstrip('"').replace('\\"', '"')
            found = _beginning(options(match, names, values), plain)
            offers = [Completion(match.start("typed"), cursor, text) for text in found if text != typed]
            if place is _VALUE_PLACE and plain and match["field"].lower() == "status":
                # What is inferred of a run stands where its status does, and is asked for by another name.
                inferred = (f"liveness:{word}" for word in get_args(Liveness) if word.startswith(plain.casefold()))
                offers += [Completion(match.start(), cursor, text) for text in inferred]
            return offers
    return []


def _open_quote(text: str) -> int | None:
    """Where a quote begins that is not closed, or None."""
    position = _QUOTED.sub(lambda match: "_" * len(match[0]), text).find('"')
    return None if position < 0 else position


def _beginning(options: Iterable[tuple[str, str]], typed: str) -> list[str]:
    """The options, as (what is matched, what is put in), that begin with `typed`, then those that hold it."""
    needle = typed.casefold()
    begins, holds = [], []
    for plain, text in dict.fromkeys(options):
        folded = plain.casefold()
        if folded.startswith(needle):
            begins.append(text)
        elif needle in folded:
            holds.append(text)
    # Several words that people try mean the same.
    return list(dict.fromkeys([*begins, *holds]))[:MOST]


_Options = Iterable[tuple[str, str]]
_Values = Callable[[Field], Iterable[Any]]


def _values(match: re.Match[str], names: Sequence[str], values: _Values) -> _Options:
    try:
        field = parse_field(match["field"])
    except QueryError:
        return []
    if field.kind is Kind.TIME:
        return [(age, age) for age in _AGES]
    if field.kind in (Kind.NUMBER, Kind.SECONDS):
        return []
    if match["operator"][0] in "<>":
        # Any number will do, so the digits that nobody compares by are left out.
        numbers = {float(f"{number:.3g}") for value in values(field) if (number := _finite(value)) is not None}
        return [(text, text) for text in (f"{number:g}" for number in sorted(numbers))]
    texts = sorted({text for value in values(field) if value is not None for text in _texts(field, value)})
    if field.kind is Kind.CODE:
        texts.sort(key=lambda text: _CODE_STATES.index(text) if text in _CODE_STATES else len(_CODE_STATES))
    return [(text, str(Comparison(field, "=", Pattern((text,)))).removeprefix(str(field))[1:]) for text in texts]


def _finite(value: Any) -> float | None:
    number = number_of(value)
    return float(number) if number is not None and abs(number) < _LARGEST else None


def _texts(field: Field, value: Any) -> Iterable[str]:
    if field.kind is Kind.TEXTS:
        return [str(name) for name in value]
    if field.kind is Kind.CODE:
        return ["dirty" if value[1] else "clean", value[0]]
    return [as_text(value)] if not isinstance(value, list | dict) else []


def _metrics(match: re.Match[str], names: Sequence[str], values: _Values) -> _Options:
    return [(text, text + ")") for text in map(written, names) if text.startswith(METRIC)]


def _fields(match: re.Match[str], names: Sequence[str], values: _Values) -> _Options:
    return [(text, text) for text in [*FIELD_KINDS, *map(written, names)]]


def _words(match: re.Match[str], names: Sequence[str], values: _Values) -> _Options:
    fields = [(name, f"{name}:" if kind in _TEXTUAL else name) for name, kind in FIELD_KINDS.items()]
    known = [(text, text) for text in map(written, names)]
    tried = list(TRIED.items())
    tried += [(word, f"nan:{text}") for word in _NOT_A_NUMBER for text, _ in known if text.startswith(METRIC)]
    meant = match["typed"].casefold()
    exactly = [option for option in tried if option[0] == meant]
    return [*exactly, *fields, *known, *((text, text) for text in _SYNTAX), *(tried if meant else ())]


def written(name: str) -> str:
    """A name such as ``metric.f1 score`` as a query writes it."""
    kind, _, key = name.partition(".")
    return str(Field(kind, key))
