"""Text made safe to show: the one place that knows what a terminal would obey, and where addresses hold secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

ESCAPE_SEQUENCES = re.compile(
    r"""
    (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* (?:\x07|\x1b\\|\x9c)?      # operating system commands: titles, links, clipboard
  | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* (?:\x1b\\|\x9c)?   # device control, privacy, application strings
  | (?:\x1b\[|\x9b) [0-?]* [ -/]* [@-~]?                           # colours, cursor movements
  | \x1b [ -/]* [0-~]?                                             # everything else that an escape starts
    """,
    re.VERBOSE,
)
"""What a terminal obeys instead of showing it (ECMA-48, and xterm's operating system commands)."""

DIRECTION_CHANGES = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the writing direction, which can make a line read as something else."""

# Control characters of both tables of ECMA-48, the marks above, and surrogates that stand alone, which no terminal
# can be sent.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SSH_PASSWORD = re.compile(r"^([^:@/]+):[^@]*@")


def clean(text: str) -> str:
    """Return `text` as one line that is safe on a terminal.

    Escape sequences are taken out, line breaks and tabs become a blank, other control characters and changes of the
    writing direction become U+FFFD, and a surrogate that stands alone is written as its escape.
    """
    if text.isprintable():
        return text
    line = _LINE_BREAKS.sub(" ", ESCAPE_SEQUENCES.sub("", text))
    return _UNPRINTABLE.sub(_replacement, line)


def clean_lines(text: str) -> str:
    """Return `text` as `clean` does, but with its line breaks and tabs."""
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(map(clean, line.split("\t"))) for line in lines)


def has_unprintable(text: str) -> bool:
    """Return whether a terminal would obey, or could not take, any character of `text`."""
    return not text.isprintable() and _UNPRINTABLE.search(text) is not None


def _replacement(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code >= 0xD800 else _REPLACEMENT


def without_credentials(url: str) -> str:
    """The address of a remote without user, password, and query: ``https://u:token@host/x`` is ``https://host/x``.

    The user of an ssh address (``git@host:x``) is part of the address and stays.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if not parts.scheme or not parts.netloc:
        return _SSH_PASSWORD.sub(r"\1@", url)
    user, at, host = parts.netloc.rpartition("@")
    keeps_user = parts.scheme in ("ssh", "git+ssh")
    netloc = f"{user.partition(':')[0]}{at}{host}" if keeps_user else host
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))
