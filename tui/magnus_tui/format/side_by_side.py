"""Values that stand side by side: what differs looks different, what is the same looks the same.

Numbers get more digits, durations and times smaller parts, where fewer would hide a difference. Text is put in quotes
where it would be taken for a value of another kind that stands beside it, or for another text: then what can't be seen
of it (blanks at its ends, control characters, combining characters, letters of other scripts that look like Latin
ones) is written as an escape. What needs none of this stays as it is.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import compress
from typing import TYPE_CHECKING, Any, TypeVar

from rich.cells import cell_len, set_cell_size

from magnus_tui import format as formats
from magnus_tui.format.text import clean, truncate

if TYPE_CHECKING:
    from magnus_tracking.analysis.liveness import Took

_FINEST = 7
"""Levels of precision of durations and times: the last one shows microseconds."""
_SHARED = 2
"""Levels that a list's durations in one unit go through together."""
_SHORT = 0.0995
"""Seconds below which whole milliseconds have fewer than three digits."""
_LEAD = 4
"""Characters before the first difference that an excerpt keeps."""
_BEGUN_NUMBER = re.compile(r"(?<![-+.,\w])[-+.,\d][-+.,\w]{0,23}\Z")
"""The beginning of a number at the end of a text: no float has more characters."""
_BLANK = "␣"
T = TypeVar("T")
_LIKE_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι‐‑‒–—−‘’“”",
    "ABESIJKMHOPCTYXaeopcyxijshdqwABEZHIKMNOPTYXovi------''\"\"",
)
"""Characters of other scripts, and dashes and quotes, that look like ASCII ones (from Unicode's confusables)."""
_BLANK_SYMBOLS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""Letters and symbols that are drawn as nothing: fillers of Hangul, the empty Braille cell, a note without a head."""
_UNSEEN = _BLANK + _BLANK_SYMBOLS


def values(items: Sequence[Any], digits: int = 4, *, nulls: Collection[int] = (), even: bool = True) -> list[str]:
    """JSON values of one column or row as text; a dash for None.

    Args:
        items: any JSON values and naive times; None where there is no value.
        digits: significant digits of numbers where they are enough.
        nulls: places of a None that is a value itself, the null of JSON.
        even: whether numbers share their decimals.
    """
    texts = formats.column_numbers(items, digits, even=even)
    for place in nulls:
        texts[place] = formats.value(None)
    strings = {place: item for place, item in enumerate(items) if isinstance(item, str)}
    kinds = {_kind(item) for item in items if not isinstance(item, str)}
    if len(set(strings.values())) + len(kinds) > 1:
        kinds.add("blank")
    if "null" in kinds:
        # What is missing may be a list or an object, which a comparison lists by what it holds.
        kinds.add("nested")
    nested = {place: texts[place] for place, item in enumerate(items) if isinstance(item, dict | list)}
    times = {place: item for place, item in enumerate(items) if isinstance(item, datetime)}
    for places, shown in (
        (strings, strings_apart(list(strings.values()), lambda text: _kind_read(text) in kinds)),
        (nested, _written_apart(list(nested.values()), "")),
        (times, date_times(list(times.values()))),
    ):
        for place, text in zip(places, shown, strict=True):
            texts[place] = text
    return texts


SERIES_DIGITS = 6
"""Significant digits of the values of a series, which people read one by one, and not only to compare a few."""


def tracked(items: Sequence[Any], digits: int = SERIES_DIGITS) -> list[str]:
    """Values of one series, in which None is a null that was tracked, each with as many digits as it needs."""
    return values(items, digits, nulls=[place for place, item in enumerate(items) if item is None], even=False)


_MOST_DECIMALS, _LONGEST = 9, 16
"""Decimals, and cells, beyond which a column of numbers with one precision is harder to read than without."""


def one_precision(found: Sequence[Any], digits: int = SERIES_DIGITS) -> list[str]:
    """Values of one series in a column: all floats without an exponent have as many decimals, where none is too long.

    Args:
        found: what a metric was, in the order of a column.
        digits: significant digits that none goes below.
    """
    texts = tracked(found, digits)
    written = list(zip(texts, found, strict=True))
    plain = [isinstance(value, float) and math.isfinite(value) and "e" not in text for text, value in written]
    decimals = max((len(text.partition(".")[2]) for text in compress(texts, plain)), default=0)
    if not 0 < decimals <= _MOST_DECIMALS:
        return texts
    longer = [
        f"{value:,.{decimals}f}" if is_plain else text for (text, value), is_plain in zip(written, plain, strict=True)
    ]
    return longer if max(map(len, longer)) <= _LONGEST and not formats.is_ambiguous(found, longer) else texts


def numbers(items: Sequence[float]) -> list[str]:
    """Numbers that are compared, each with as many digits as tell it from the others."""
    return formats.column_numbers(items, even=False)


def durations(seconds: Sequence[float | None]) -> list[str]:
    """Durations in seconds that are compared, with the parts of a second that tell them apart."""
    return _finer(seconds, _duration, _FINEST)


def listed_durations(seconds: Sequence[float | None]) -> list[str]:
    """Durations in seconds of a list; only those that would look like a different one have parts that tell it.

    Those in one unit share up to two more digits: they are read as a column, to the hundredth of a millisecond.
    """
    return _finer(seconds, _listed_duration, _FINEST, _unit_of_company)


def _listed_duration(seconds: float | None, level: int) -> str:
    return formats.duration(seconds, level if seconds is None or abs(seconds) >= 1 else min(level, _SHARED))


def _unit_of_company(text: str, level: int) -> str | None:
    if level > _SHARED:
        return None
    return next((unit for unit in (" ms", "m ", " s") if unit in text), None)


def took(found: Sequence[Took], missing: str = formats.DASH) -> list[str]:
    """How long runs or steps took, told apart as in any list, except for what grows: that differs in a moment anyway.

    Args:
        found: how long each took.
        missing: the text where no time was kept.
    """
    ended = [None if one.so_far or one.note is not None else one.seconds for one in found]
    return [
        formats.took(one, missing) if seconds is None else ("~" if one.inferred else "") + text
        for one, seconds, text in zip(found, ended, listed_durations(ended), strict=True)
    ]


def _duration(seconds: float | None, level: int) -> str:
    """Seconds as elsewhere, but to three digits where they are few, so that a difference can be read off."""
    if not level and seconds is not None and 0 < abs(seconds) < _SHORT:
        return f"{formats.number(seconds * 1000, 3)} ms"
    return formats.duration(seconds, level)


def date_times(times: Sequence[datetime | None]) -> list[str]:
    """Dates and times to the second, or to the microsecond where seconds don't tell them apart."""
    return _finer(
        times, lambda time, level: f"{time:%Y-%m-%d %H:%M:%S.%f}" if time and level else formats.date_time(time), 1
    )


def _finer(
    items: Sequence[T],
    write: Callable[[T, int], str],
    levels: int,
    company: Callable[[str, int], str | None] = lambda _text, _level: "all",
) -> list[str]:
    """Items at the first precision at which different ones have different texts.

    Args:
        items: what is written.
        write: writes one at a level of precision.
        levels: the finest.
        company: what others a text shares its precision with at a level; None for none.
    """
    texts = [write(item, 0) for item in items]
    for level in range(1, levels + 1):
        alike = formats.ambiguous_texts(items, texts)
        if not alike:
            break
        joining = {company(text, level) for text in alike} - {None}
        texts = [
            write(item, level) if text in alike or company(text, level) in joining else text
            for item, text in zip(items, texts, strict=True)
        ]
    return texts


# Text


def _kind(item: Any) -> str:
    """What kind of value something is that is not text."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "boolean"
    return "number" if isinstance(item, int | float) else "nested"


def _kind_read(text: str) -> str:
    """Which kind of value text without quotes would be taken for."""
    look = _look(text).casefold()
    if not look:
        return "blank"
    if look in ("-", "null", "none"):
        return "null"
    if look in ("true", "false"):
        return "boolean"
    if look[0] in "[{":
        return "nested"
    try:
        float(look.replace(",", "").replace("∞", "inf"))
    except ValueError:
        return "text"
    return "number"


def strings_apart(texts: Sequence[str], needs_quotes: Callable[[str], bool] = lambda _: False) -> list[str]:
    """Texts, safe to show, such that different ones look different.

    Args:
        texts: the texts.
        needs_quotes: whether a text is put in quotes even where no other one looks like it.
    """
    shown = _written_apart(texts, '"')
    quoted = [shown[place] != clean(text) or needs_quotes(text) for place, text in enumerate(texts)]
    if any(quoted):
        quoted = [one or text.startswith('"') for one, text in zip(quoted, texts, strict=True)]
    return [
        f'"{one}"' if needs and one == clean(text) else one
        for one, text, needs in zip(shown, texts, quoted, strict=True)
    ]


def _written_apart(texts: Sequence[str], quote: str) -> list[str]:
    """Texts as they are, those that would look like a different one with marks for what can't be seen, in quotes.

    So is a text of which nothing is to be seen.
    """
    shown = [clean(text) or (f"{quote}{_with_marks(text)}{quote}" if text else "") for text in texts]
    for write in (_with_marks, _ascii):
        alike = _alike(texts, shown)
        if not alike:
            return shown
        shown = [
            f"{quote}{write(text)}{quote}" if _look(one) in alike else one
            for text, one in zip(texts, shown, strict=True)
        ]
    return [f"{quote}{_ascii(text)}{quote}" for text in texts] if _alike(texts, shown) else shown


def _alike(texts: Sequence[str], shown: Sequence[str]) -> set[str]:
    """The looks that different texts share."""
    return formats.ambiguous_texts(texts, list(map(_look, shown)))


def _look(text: str) -> str:
    """What an eye sees of a text: without what has no shape, all blanks the same, letters by their shape."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shape = unicodedata.normalize("NFKC", text).translate(_LIKE_LATIN)
    seen = (one for one in shape if one not in _BLANK_SYMBOLS and unicodedata.category(one) not in ("Cf", "Cc", "Mn"))
    return " ".join("".join(seen).split())


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
        elif one in _UNSEEN or not one.isprintable() or (unicodedata.combining(one) and not composed):
            shown.append(_escape(one))
        else:
            shown.append(one)
    return "".join(shown)


def _ascii(text: str) -> str:
    return "".join(one if one.isascii() else _escape(one) if one != _BLANK else one for one in _with_marks(text))


def _escape(one: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(one)
    return short or (f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}")


def excerpts(texts: Sequence[str | None], longest: int, *, whole_numbers: bool = False) -> list[str | None]:
    """Texts from a little before where they first differ, for those that are longer than `longest`; others whole.

    Args:
        texts: some texts; None where there is none.
        longest: characters.
        whole_numbers: whether no excerpt begins within a number, whose rest reads as another.
    """
    different = list(dict.fromkeys(text for text in texts if text is not None))
    if len(different) < 2:
        return list(texts)
    cut = _excerpts(different, longest, whole_numbers=whole_numbers)
    return [None if text is None else cut[text] for text in texts]


def cut_apart(texts: list[str], cells: int) -> list[str]:
    """Texts for a room of so many cells; those that would be cut like a different one from a little before they differ.

    Args:
        texts: as they are shown where there is room.
        cells: how many each may take; longer ones are cut later.
    """
    cut = [truncate(text, cells) for text in texts]
    alike = formats.ambiguous_texts(texts, cut)
    if not alike:
        return texts
    # A character takes two cells at most.
    parts = excerpts([text if one in alike else None for text, one in zip(texts, cut, strict=True)], cells // 2)
    return [text if part is None else part for text, part in zip(texts, parts, strict=True)]


def names_apart(names: list[str], cells: int) -> list[str]:
    """Names in a room of so many cells each; those that would be cut like a different one lose their middle.

    Args:
        names: as they are shown where there is room.
        cells: how many each may take; other longer ones are cut later.
    """
    return [
        name if part == name else set_cell_size(name, max(cells - cell_len(part), 0)).rstrip() + part
        for name, part in zip(names, cut_apart(names, cells), strict=True)
    ]


def _excerpts(texts: Sequence[str], longest: int, *, whole_numbers: bool) -> dict[str, str]:
    """By text, the parts of it around each place where it departs from others."""
    if len(texts) == 1 or max(map(len, texts)) <= longest:
        return {text: text for text in texts}
    start = max(common_beginning(texts) - _LEAD, 0)
    groups = _by_beginning(texts, start + 2 * _LEAD + 1)
    if whole_numbers and (begun := _BEGUN_NUMBER.search(texts[0], 0, start)):
        start = begun.start()
    head = "…" if start else ""
    found = {}
    for group in groups:
        rest = {text[start:]: text for text in group}
        if len(group) == 1:
            found[group[0]] = head + group[0][start:]
            continue
        inner = _excerpts(list(rest), longest // 2, whole_numbers=whole_numbers)
        lead = head + next(iter(rest))[: _LEAD + 1]
        found.update({rest[part]: lead + shown if shown[:1] == "…" else head + shown for part, shown in inner.items()})
    return found


def _by_beginning(texts: Iterable[str], length: int) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(text[:length], []).append(text)
    return list(groups.values())


def common_beginning(texts: Sequence[str]) -> int:
    """How many characters all texts have in common at their beginning."""
    first, last = min(texts), max(texts)
    return next(
        (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first)
    )
