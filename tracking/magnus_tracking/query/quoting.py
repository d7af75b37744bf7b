"""What stands for itself in a query, and what must be quoted: the characters of names, values and words."""

from __future__ import annotations

import re

BLANK = "\\s\u200b\u2060\ufeff"
"""Inside a character class: spaces of every kind, those without width, too, which come along when text is copied."""
_CONTROL = r"\x00-\x1f\x7f-\x9f"
_COMPARING = "<>=!:~≤≥≠≈"
_QUOTES = "\"'`“”„‟«»‘’‚‛"

NAME_CHARACTER = rf"[^{BLANK}{_CONTROL}{_QUOTES}(){_COMPARING}*,|&\\]"
"""What the name of a parameter or metric may hold without quotes: ``train/loss``, ``val@5``, ``top5[0]``."""
QUOTED = (
    r'(?:"(?:[^"\\]|\\.)*"'
    r"|'(?:[^'\\]|\\.)*'"
    r"|`(?:[^`\\]|\\.)*`"
    r"|[“”„‟«»](?:[^“”„‟«»\\]|\\.)*[“”‟«»]"
    r"|[‘’‚‛](?:[^‘’‚‛\\]|\\.)*[‘’‛])"  # the quotes that word processors make
)
"""Text in quotes of any kind that keyboards, word processors and other tools make."""
NAME = rf"(?:{NAME_CHARACTER}|{QUOTED})+"
"""A field, parts of it in quotes: ``metric."f1 score"``."""
WORD = rf"[^{BLANK}(){_QUOTES}{_COMPARING}\\|&,](?:(?!&&)[^{BLANK}()\"\\<>=:≤≥≠|])*"
"""A bare word."""
_ITEM_START = rf"[^{BLANK}(){_QUOTES}{_COMPARING}\\|&,\[{{]"
ITEM = rf"(?:{QUOTED}|{_ITEM_START}(?:(?!&&)[^{BLANK}()\"\\|,])*)"
"""One value on the right of a comparison."""
LISTED = rf"(?:{QUOTED}|{_ITEM_START}(?:(?!&&)[^{BLANK}()\"\\|,\]}}])*)"
"""One value of a list in brackets."""

_BARE_NAME = re.compile(rf"{NAME_CHARACTER}+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_MOMENT = re.compile(r"[\d][\w.:-]*")
_PLAIN = re.compile(r"[\w*](?:(?!\.\.)[\w.*@+-])*")
_NO_FIELD = r"(?!(?i:metrics?|param(?:eter)?s?)\.)"
"""What text would be taken for the name of a parameter or metric that begins so."""
_PLAIN_TEXT = re.compile(rf"{_NO_FIELD}[^\W\d](?:(?!\.\.)[\w.*@+-])*")
_BARE_WORD = re.compile(rf"{_NO_FIELD}[^{BLANK}{_CONTROL}(){_QUOTES}{_COMPARING}\\|&,]+")
_KEYWORD = re.compile(r"and|or|not|null|none|nil|nan", re.IGNORECASE)


def is_bare_name(text: str) -> bool:
    """Whether a parameter or metric of this name needs no quotes."""
    return _BARE_NAME.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether text is written as numbers are."""
    return _NUMBER.fullmatch(text) is not None


def is_moment(text: str) -> bool:
    """Whether text has the characters of a date or a duration."""
    return _MOMENT.fullmatch(text) is not None and ".." not in text


def is_plain(text: str) -> bool:
    """Whether text on the right of a comparison needs no quotes where only texts are compared."""
    return _PLAIN.fullmatch(text) is not None and not _KEYWORD.fullmatch(text)


def is_plain_text(text: str) -> bool:
    """Whether text needs no quotes where numbers are compared, too: nobody would take it for anything but text."""
    return _PLAIN_TEXT.fullmatch(text) is not None and not _KEYWORD.fullmatch(text)


def is_bare_word(text: str) -> bool:
    """Whether text that is searched for needs no quotes."""
    return _BARE_WORD.fullmatch(text) is not None and not _KEYWORD.fullmatch(text)


def quoted(text: str) -> str:
    """`text` in the quotes of the query language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(text: str) -> str:
    """What stands between quotes, its escapes taken away."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def is_quoted(text: str) -> bool:
    """Whether `text`, a token of a query, stands in quotes."""
    return text[:1] in _QUOTES and len(text) > 1
