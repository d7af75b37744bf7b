"""What failures of the same cause have in common: the type, and the message with what varies masked."""

from __future__ import annotations

import re

_MASKS = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b[a-z]+-[a-z]+-\d{4}\b"), "<id>"),
    (re.compile(r"(?<!\w)'[^'\n]{0,500}'(?!\w)|\"[^\"\n]{0,500}\"|`[^`\n]{1,500}`"), "<value>"),
    (
        re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+){2,}[/\\]?|(?<![\w.])~?/[\w.@+~-]+(?:/[\w.@+~-]+)*/?"),
        "<path>",
    ),
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,64}\b"), "<hex>"),
    (re.compile(r"(?<![\w<])[-+]?\d[\d_,]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w>])"), "<n>"),
    (re.compile(r"\d+"), "<n>"),
)
_LONGEST = 2000


def mask(message: str) -> str:
    """The first line of a message with ids, quoted values, paths, hexadecimal and numbers masked."""
    line = message.strip().split("\n", 1)[0][:_LONGEST]
    for pattern, stand_in in _MASKS:
        line = pattern.sub(stand_in, line)
    return line


def signature_of(exception: str | None, message: str) -> str:
    """The type and the masked message, as one line; the type without its module, which only some forms print."""
    masked = mask(message)
    if not exception:
        return masked
    name = exception.rpartition(".")[2] or exception
    return f"{name}: {masked}" if masked else name
