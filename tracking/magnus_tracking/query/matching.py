"""Text against patterns: without case, a ``*`` being any text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from magnus_tracking.query.nodes import Pattern

TextsTest = Callable[[Sequence[str]], list[bool]]
"""Which of some texts are what is asked for; the texts are given without case (`str.casefold`)."""


def whole(pattern: Pattern) -> TextsTest:
    """A test whether whole texts are what the pattern says."""
    first, *rest = folded = [part.casefold() for part in pattern.parts]
    if not rest:
        return lambda texts: [text == first for text in texts]
    if folded == [first, ""]:
        return lambda texts: [text.startswith(first) for text in texts]
    if folded == ["", rest[0]]:
        end = rest[0]
        return lambda texts: [text.endswith(end) for text in texts]
    if len(folded) == 3 and not first and not rest[1]:
        return _holding(rest[0])
    matcher = re.compile(".*".join(map(re.escape, folded)), re.DOTALL).fullmatch
    return lambda texts: [matcher(text) is not None for text in texts]


def somewhere(pattern: Pattern) -> TextsTest:
    """A test whether texts hold, somewhere, what the pattern says."""
    if len(pattern.parts) == 1:
        return _holding(pattern.parts[0].casefold())
    return whole(Pattern(("", *pattern.parts, "")))


def _holding(needle: str) -> TextsTest:
    return lambda texts: [needle in text for text in texts]


def end_of_path(pattern: Pattern) -> TextsTest:
    """A test whether steps' internal names, or ends of them after a dot, are what the pattern says."""
    test = whole(pattern)

    def tested(names: Sequence[str]) -> list[bool]:
        found = test(names)
        for place, name in enumerate(names):
            if "." in name and not found[place]:
                parts = name.split(".")
                found[place] = any(test([".".join(parts[start:]) for start in range(1, len(parts))]))
        return found

    return tested


def as_text(value: Any) -> str:
    """Any JSON value as the text that a pattern is held against: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
