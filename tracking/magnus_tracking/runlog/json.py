"""From bytes to JSON as Python writes it: bare NaN and infinities, lone surrogates, a byte order mark."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

_UTF8_BOM = b"\xef\xbb\xbf"
_LARGE = 8 << 20
_NEAR_END = 16
_HALF_PAIR = re.compile(rb"\\u[dD][89abAB]")
CUT_OFF = "truncated"
"""A part of msgspec's error for a text that ends too early."""


def parse_json(data: bytes) -> Any:
    """The JSON value in `data`, with bare NaN and infinities as Python writes them.

    Raises:
        ValueError: it is none; the message says why.
        RecursionError: it is nested too deeply.
    """
    import pydantic_core

    if len(data) >= _LARGE:
        refuse_cut_off(data)
    try:
        return pydantic_core.from_json(data, allow_inf_nan=True)
    except ValueError:
        refuse_cut_off(data)
        return _parse_slowly(data)


def refuse_cut_off(data: bytes) -> None:
    """Refuse a text that ends too early, without decoding what is there.

    The values of all but the last bytes of a huge run log take several times its size.

    Raises:
        ValueError: the text ends too early.
    """
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        if is_cut_off(error, data):
            raise cut_off(data) from None
    except RecursionError:
        return


def is_cut_off(error: Exception, data: bytes) -> bool:
    """Whether msgspec refused `data` because it ends too early.

    It says the same of half a surrogate pair whose other half would lie beyond the end.
    """
    return CUT_OFF in str(error) and bool(data.strip()) and not _HALF_PAIR.search(data[-_NEAR_END:])


def cut_off(data: bytes) -> ValueError:
    """The reason given for a text that ends too early."""
    line = data.rstrip().count(b"\n") + 1
    return ValueError(f"not JSON: line {line}: unexpected end")


def not_text(error: UnicodeDecodeError) -> str:
    """What is said of bytes that are not UTF-8."""
    return f"not UTF-8 text: byte 0x{error.object[error.start]:02x} at offset {error.start}"


def _parse_slowly(data: bytes) -> Any:
    """The standard library's parser: takes lone surrogates and deeper nesting, and can tell the line of an error."""
    if not data.strip():
        raise ValueError("empty file")
    try:
        text = data.removeprefix(_UTF8_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(not_text(error)) from None
    try:
        return json.loads(text, parse_int=_whole)
    except json.JSONDecodeError as error:
        at_end = not text[error.pos :].strip()
        raise ValueError(f"not JSON: line {error.lineno}: {'unexpected end' if at_end else error.msg}") from None


def _whole(digits: str) -> int | str:
    """A whole number; the text of one of more digits than Python makes a number of."""
    try:
        return int(digits)
    except ValueError:
        return digits


def parse_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises:
        ValueError: it is not JSON, or not an object.
        RecursionError: it is nested too deeply.
    """
    value = parse_json(data)
    if not isinstance(value, dict):
        raise ValueError(f"not a run log: the file holds {_kind(value)}, not an object")
    return value


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def without_surrogates(value: Any) -> Any:
    """A JSON value with a question mark in the place of each lone surrogate, in keys, too."""
    return replaced(value, _encodable)


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def replaced(value: Any, replace: Callable[[Any], Any]) -> Any:
    """A copy of a JSON value, however deep it is nested, with each of its keys and plain values replaced.

    Args:
        value: what is copied.
        replace: makes another of a plain value, or gives it as it is.
    """
    top = [value]
    waiting: list[Any] = [top]
    while waiting:
        holder = waiting.pop()
        for place, item in holder.items() if type(holder) is dict else enumerate(holder):
            if type(item) is dict:
                holder[place] = {replace(key): inside for key, inside in item.items()}
                waiting.append(holder[place])
            elif type(item) is list:
                holder[place] = [*item]
                waiting.append(holder[place])
            else:
                holder[place] = replace(item)
    return top[0]
