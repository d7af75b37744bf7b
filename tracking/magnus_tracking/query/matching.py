"""Text against patterns: without case, a ``*`` being any text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from magnus_tracking.query.nodes import Pattern

TextTest = Callable[[str], bool]


def whole(pattern: Pattern) -> TextTest:
    """A test whether a whole text is what the pattern says."""
    first, *rest = folded = [part.casefold() for part in pattern.parts]
    if not rest:
        return lambda text: text.casefold() == first
    if folded == [first, ""]:
        return lambda text: text.casefold().startswith(first)
    if folded == ["", rest[0]]:
        return lambda text: text.casefold().endswith(rest[0])
    if len(folded) == 3 and not first and not rest[1]:
        return _holding(rest[0])
    matcher = re.compile(".*".join(map(re.escape, folded)), re.DOTALL).fullmatch
    return lambda text: matcher(text.casefold()) is not None


def somewhere(pattern: Pattern) -> TextTest:
    """A test whether a text holds, somewhere, what the pattern says."""
    if len(pattern.parts) == 1:
        return _holding(pattern.parts[0].casefold())
    return whole(Pattern(("", *pattern.parts, "")))


def _holding(needle: str) -> TextTest:
    return lambda text: needle in text.casefold()


def end_of_path(pattern: Pattern) -> TextTest:
    """A test whether a step's internal name, or an end of it after a dot, is what the pattern says."""
    test = whole(pattern)

    def matches(name: str) -> bool:
        start = 0
        while True:
            if test(name[start:]):
                return True
            start = name.find(".", start) + 1
            if not start:
                return False

    return matches


def as_text(value: Any) -> str:
    """Any JSON value as the text that a pattern is held against: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
