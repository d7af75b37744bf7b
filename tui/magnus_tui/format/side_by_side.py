"""Values that stand side by side: what differs looks different, what is the same looks the same.

Numbers get more digits, durations and times smaller parts, where fewer would hide a difference. Text is put in quotes
where it stands beside other kinds of values, and what can't be seen of it (blanks at its ends, control characters,
combining characters, letters of other scripts that look like Latin ones) is written as an escape.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from magnus_tui import format as formats
from magnus_tui.format.text import clean

_ALL_DIGITS = 17
"""Significant digits that tell every float from every other."""
_FINEST = 7
"""Levels of precision of durations and times: the last one shows microseconds."""
_LONG_COLUMN = 100_000
"""Values of a column up to which it may be sorted for its looks."""
_SHORT = 0.0995
"""Seconds below which whole milliseconds have fewer than three digits."""
_LEAD = 4
"""Characters before the first difference that an excerpt keeps."""
_BLANK = "␣"
_LIKE_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι‐‑‒–—−‘’“”",
    "ABESIJKMHOPCTYXaeopcyxijshdqwABEZHIKMNOPTYXovi------''\"\"",
)
"""Characters of other scripts, and dashes and quotes, that look like ASCII ones (from Unicode's confusables)."""


def values(items: Sequence[Any], digits: int = 4) -> list[str]:
    """JSON values of one column or row as text; a dash for None.

    Args:
        items: any JSON values and naive times; None where there is no value.
        digits: significant digits of numbers where they are enough.
    """
    texts = formats.column_numbers(items, digits)
    strings = {place: item for place, item in enumerate(items) if isinstance(item, str)}
    others = [item for item in items if item is not None and not isinstance(item, str)]
    if others or any(_reads_as_other(text) for text in strings.values()):
        quote = len(set(map(formats.identity, items))) > 1
    else:
        quote = False
    shown = dict(zip(strings, strings_apart(list(strings.values()), quote=quote), strict=True))
    texts = [shown.get(place, text) for place, text in enumerate(texts)]
    times = [place for place, item in enumerate(items) if isinstance(item, datetime)]
    for place, text in zip(times, date_times([items[place] for place in times]), strict=True):
        texts[place] = text
    return texts


def numbers(items: Sequence[float], digits: int = 4) -> list[str]:
    """Numbers that are compared, each with as many digits as tell it from the others."""
    return _finer(items, lambda level: [formats.number(item, digits + level) for item in items], _ALL_DIGITS - digits)


def digits_for(items: Sequence[Any], least: int) -> int:
    """As many significant digits, at least `least`, as tell the floats of a column from one another.

    In a very long column, floats are told from their neighbours only.
    """
    floats: Iterable[float] = (item for item in items if isinstance(item, float) and math.isfinite(item))
    if len(items) <= _LONG_COLUMN:
        floats = sorted(set(floats))
    gaps = (max(abs(one), abs(other)) / abs(other - one) for one, other in pairwise(floats) if one != other)
    closest = max((ratio for ratio in gaps if math.isfinite(ratio)), default=1.0)
    return max(least, min(math.ceil(1 + math.log10(closest)), _ALL_DIGITS))


def durations(seconds: Sequence[float | None]) -> list[str]:
    """Durations in seconds, with the parts of a second that tell them apart."""
    return _finer(seconds, lambda level: [_duration(one, level) for one in seconds], _FINEST)


def _duration(seconds: float | None, level: int) -> str:
    """Seconds as elsewhere, but to three digits where they are few, so that a difference can be read off."""
    if not level and seconds is not None and 0 < abs(seconds) < _SHORT:
        return f"{formats.number(seconds * 1000, 3)} ms"
    return formats.duration(seconds, level)


def date_times(times: Sequence[datetime | None]) -> list[str]:
    """Dates and times to the second, or to the microsecond where seconds don't tell them apart."""
    if not formats.is_ambiguous(times, texts := [formats.date_time(time) for time in times]):
        return texts
    return [formats.DASH if time is None else f"{time:%Y-%m-%d %H:%M:%S.%f}" for time in times]


def _finer(items: Sequence[Any], write: Callable[[int], list[str]], levels: int) -> list[str]:
    """The first of some levels of precision at which different items have different texts."""
    texts = write(0)
    for level in range(1, levels + 1):
        if not formats.is_ambiguous(items, texts):
            break
        texts = write(level)
    return texts


# Text


def _reads_as_other(text: str) -> bool:
    """Whether text without quotes would be taken for another kind of value, or for none."""
    shown = clean(text).strip()
    if shown in ("", formats.DASH, "null", "true", "false", *formats.NOT_FINITE) or shown[0] in '[{"':
        return True
    try:
        float(shown.replace(",", ""))
    except ValueError:
        return False
    return True


def strings_apart(texts: Sequence[str], *, quote: bool = False) -> list[str]:
    """Texts, safe to show, such that different ones look different.

    Args:
        texts: the texts.
        quote: whether they are put in quotes in any case.
    """
    for write in (_plain, _with_marks, _ascii):
        shown = [write(text) for text in texts]
        looks: dict[str, str] = {}
        alike = any(looks.setdefault(_look(one), text) != text for one, text in zip(shown, texts, strict=True))
        if not alike:
            break
    if quote or write is not _plain:
        return [f'"{one}"' for one in shown]
    return shown


def _plain(text: str) -> str:
    return clean(text)


def _look(text: str) -> str:
    """What an eye sees of a text: without what has no shape, all blanks the same, letters by their shape."""
    shape = unicodedata.normalize("NFKC", text).translate(_LIKE_LATIN)
    return " ".join("".join(one for one in shape if unicodedata.category(one) not in ("Cf", "Cc", "Mn")).split())


def _with_marks(text: str) -> str:
    """Text with visible blanks where several stand together or at an end, and escapes for what has no shape."""
    composed = unicodedata.is_normalized("NFC", text)
    shown = []
    for place, one in enumerate(text):
        around = text[place - 1 : place] + text[place + 1 : place + 2] if place else " "
        at_end = place == len(text) - 1
        if one == " ":
            shown.append(_BLANK if at_end or " " in around else " ")
        elif one == "\\":
            shown.append("\\\\")
        elif one == _BLANK or not one.isprintable() or (unicodedata.combining(one) and not composed):
            shown.append(_escape(one))
        else:
            shown.append(one)
    return "".join(shown)


def _ascii(text: str) -> str:
    return "".join(one if one.isascii() else _escape(one) if one != _BLANK else one for one in _with_marks(text))


def _escape(one: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(one)
    return short or (f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}")


def excerpts(texts: Sequence[str | None], longest: int) -> list[str | None]:
    """Texts from a little before where they first differ, for those that are longer than `longest`; others whole."""
    different = list(dict.fromkeys(text for text in texts if text is not None))
    if len(different) < 2:
        return list(texts)
    cut = _excerpts(different, longest)
    return [None if text is None else cut[text] for text in texts]


def _excerpts(texts: Sequence[str], longest: int) -> dict[str, str]:
    """By text, the parts of it around each place where it departs from others."""
    if len(texts) == 1 or max(map(len, texts)) <= longest:
        return {text: text for text in texts}
    start = max(_common(texts) - _LEAD, 0)
    head = "…" if start else ""
    found = {}
    for group in _by_beginning(texts, start + 2 * _LEAD + 1):
        rest = {text[start:]: text for text in group}
        if len(group) == 1:
            found[group[0]] = head + group[0][start:]
            continue
        inner = _excerpts(list(rest), longest // 2)
        lead = head + next(iter(rest))[: _LEAD + 1]
        found.update({rest[part]: lead + shown if shown[:1] == "…" else head + shown for part, shown in inner.items()})
    return found


def _by_beginning(texts: Iterable[str], length: int) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(text[:length], []).append(text)
    return list(groups.values())


def _common(texts: Sequence[str]) -> int:
    """How many characters all texts have in common at their beginning."""
    first, last = min(texts), max(texts)
    return next(
        (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first)
    )
