"""The order in which a person puts names that hold numbers."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")
_MOST_DIGITS = 300
"""Digits of a number that are looked at: far more than names have, and quick to convert."""


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """A sort key by which ``b.2`` comes before ``b.10``."""
    parts = _DIGITS.split(name)
    return [
        (1, int(part[:_MOST_DIGITS]), part) if part[:1].isdigit() and part.isascii() else (0, 0, part) for part in parts
    ]
