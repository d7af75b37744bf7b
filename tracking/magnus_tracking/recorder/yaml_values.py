"""YAML files as JSON values, after YAML 1.2: ``1e-4`` is a number, ``no`` and a date are text.

PyYAML finds the structure; it reads scalars after YAML 1.1, so their meaning is made up here, by the core schema
(YAML 1.2.2, section 10.3.2). A file holds a value, or an error with its line; names are text, and stand once.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import Reader

from magnus_tracking.errors import ConfigurationError, os_reason
from magnus_tracking.filesystem.regular_files import read_bytes

_DEEPEST = 100
"""Levels of lists and mappings; readers of JSON refuse about twice as many."""

_MOST_REPEATED = 1_000_000
"""Values that aliases may stand for, all in all: a few lines can stand for more than fit into memory."""

_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_NO_NAME = "a list or mapping can't be a name"
_SHOWN = 40
"""Characters of a text that a message shows."""

_SURROGATE = re.compile("[\ud800-\udfff]")

_NULL = re.compile(r"(?:null|Null|NULL|~)?")
_BOOLEAN = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)")


def read_mapping(path: str | Path, what: str) -> dict[str, Any]:
    """The mapping in a YAML file; empty for an empty one.

    Args:
        path: the file.
        what: what it is to the user, for messages.

    Raises:
        ConfigurationError: it can't be read, is not YAML, or is not a mapping; one line with the file, and with the
            line in it where that is known.
    """
    try:
        data = read_bytes(path)
    except OSError as error:
        raise ConfigurationError(f"can't read the {what} {path}: {os_reason(error)}") from None
    except ValueError as error:
        raise ConfigurationError(f"can't read the {what} {path!r}: {error}") from None
    try:
        content = _Builder(_decoded(data)).build()
    except _Refusal as refusal:
        raise ConfigurationError(f"{path}, line {refusal.line}: {refusal.reason}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}, line 1: the {what} is not a mapping of names to values")
    return content


class _Refusal(Exception):
    """Why a file has no value, and the line that says so."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = " ".join(reason.split())


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "replace").count("\n") + 1
        raise _Refusal(line, f"this is not {encoding.removesuffix('-sig').upper()} text") from None
    found = Reader.NON_PRINTABLE.search(text)
    if found is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise _Refusal(line, f"the character U+{ord(found[0]):04X} may not stand in YAML")
    return text


@dataclass(slots=True)
class _Open:
    """A list or mapping that has not ended.

    Attributes:
        value: what it holds.
        line: where it begins.
        anchor: its name for aliases, if it has one.
        size: the values in it, those of aliases included.
        key: of a mapping, the key that waits for its value.
        is_merging: whether what comes next is merged into the mapping.
        merged: the mappings that it takes from, the first of which counts most, behind what it says itself.
    """

    value: list[Any] | dict[str, Any]
    line: int
    anchor: str | None
    size: int = 1
    key: str | None = None
    is_merging: bool = False
    merged: list[dict[str, Any]] = field(default_factory=list)

    def takes_key(self) -> bool:
        """Whether what comes next is a key."""
        return isinstance(self.value, dict) and self.key is None and not self.is_merging


class _Builder:
    """Makes a value of the parser's events, without recursion."""

    def __init__(self, text: str) -> None:
        self._loader = yaml.SafeLoader(text)
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._repeated = 0
        self._root: Any = None
        self._documents = 0
        self._last: Any = None

    def build(self) -> Any:
        """The value of the only document; None where there is none."""
        for event in self._events():
            line = event.start_mark.line + 1
            match event:
                case yaml.DocumentStartEvent():
                    self._documents += 1
                    if self._documents > 1:
                        raise _Refusal(line, "a second document begins here: one file holds one")
                case yaml.ScalarEvent():
                    self._add(self._scalar(event, line), 1, line, event)
                    self._remember(event.anchor, self._last, 1)
                case yaml.AliasEvent():
                    value, size = self._aliased(event.anchor, line)
                    self._add(value, size, line, None)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event, line)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
        return self._root

    def _events(self) -> Iterator[Any]:
        loader = self._loader
        try:
            while loader.check_event():
                yield loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            reason = ", ".join(part for part in (error.context, error.problem) if part)
            raise _Refusal(mark.line + 1 if mark else loader.line + 1, reason) from None
        except (yaml.YAMLError, ValueError, OverflowError):
            # The parser makes characters of escapes, and numbers of a version, without looking at them.
            raise _Refusal(loader.line + 1, "an escape or a directive that YAML does not know") from None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Any:
        text = event.value
        found = _SURROGATE.search(text)
        if found is not None or "\0" in text:
            raise _Refusal(line, f"the character U+{ord(found[0]) if found else 0:04X} stands for nothing in a text")
        self._last = text
        if self._open and self._open[-1].takes_key():
            return text
        try:
            self._last = _value_of(text, event.tag, plain=event.implicit[0])
        except ValueError as error:
            raise _Refusal(line, str(error)) from None
        return self._last

    def _add(self, value: Any, size: int, line: int, scalar: yaml.ScalarEvent | None) -> None:
        """Put a value, of which `scalar` may be the event, where the file has it."""
        if not self._open:
            self._root = value
            return
        top = self._open[-1]
        top.size += size
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.is_merging:
            top.merged += _mappings(value, line)
            top.is_merging = False
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None
        elif scalar is not None and scalar.implicit[0] and value == _MERGE:
            top.is_merging = True
        else:
            top.key = _name(value, top.value, line, is_plain=scalar is None or scalar.implicit[0])

    def _begin(self, event: Any, line: int) -> None:
        if self._open and self._open[-1].takes_key():
            raise _Refusal(line, _NO_NAME)
        if len(self._open) >= _DEEPEST:
            raise _Refusal(line, f"lists and mappings are nested more than {_DEEPEST} deep")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        expected = _TAG + ("map" if is_mapping else "seq")
        if event.tag not in (None, "!", expected):
            raise _Refusal(line, _unknown(event.tag))
        self._open.append(_Open({} if is_mapping else [], line, event.anchor))
        self._forget(event.anchor)

    def _end(self) -> None:
        done = self._open.pop()
        if done.merged and isinstance(done.value, dict):
            own, done.value = done.value, {}
            for mapping in (*reversed(done.merged), own):
                done.value.update(mapping)
        self._remember(done.anchor, done.value, done.size)
        self._add(done.value, done.size, done.line, None)

    def _remember(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)

    def _forget(self, anchor: str | None) -> None:
        """An anchor is given anew: until what it stands for has ended, it stands for nothing."""
        if anchor is not None:
            self._anchors.pop(anchor, None)

    def _aliased(self, anchor: str | None, line: int) -> tuple[Any, int]:
        known = self._anchors.get(anchor or "")
        if known is None:
            inside = any(one.anchor == anchor for one in self._open)
            raise _Refusal(line, f"*{anchor} {'is inside what it stands for' if inside else 'stands for nothing'}")
        self._repeated += known[1]
        if self._repeated > _MOST_REPEATED:
            raise _Refusal(line, f"aliases stand for more than {_MOST_REPEATED:,} values")
        return known


def _name(value: Any, others: dict[str, Any], line: int, *, is_plain: bool) -> str:
    """A key of a mapping: text, as it is written in the file."""
    if isinstance(value, dict | list):
        raise _Refusal(line, _NO_NAME)
    name = value if isinstance(value, str) else json.dumps(value)
    if not name and is_plain:
        raise _Refusal(line, "a name is missing before the colon")
    if name in others:
        raise _Refusal(line, f"{name[:_SHOWN]!r} is there twice")
    return name


def _mappings(value: Any, line: int) -> list[dict[str, Any]]:
    """What is merged into a mapping."""
    mappings = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) for one in mappings):
        raise _Refusal(line, f"{_MERGE} takes a mapping, or a list of mappings")
    return mappings


def _value_of(text: str, tag: str | None, *, plain: bool) -> Any:
    """The JSON value of a scalar.

    Args:
        text: what it says.
        tag: what it was declared to be, if it was.
        plain: whether it stands without quotes.

    Raises:
        ValueError: it is not what it was declared to be, or can't be held.
    """
    if tag in (None, "!"):
        kinds: Iterable[str] = _KINDS if plain else ()
    elif tag == _TAG + "str":
        return text
    elif (kind := tag.removeprefix(_TAG)) in _KINDS:
        kinds = ("int", "float") if kind == "float" else (kind,)
    else:
        raise ValueError(_unknown(tag))
    for kind in kinds:
        found = _KINDS[kind](text)
        if found is not _NOTHING:
            return _as_float(found) if tag == _TAG + "float" else found
    if tag in (None, "!"):
        return text
    raise ValueError(f"{text[:_SHOWN]!r} is not of type {tag.removeprefix(_TAG)}")


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _unknown(tag: str) -> str:
    short = "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
    return f"the tag {short} is not known here: leave it out, and put text in quotes"


_NOTHING = object()
"""For a scalar that is not of a kind."""


def _null(text: str) -> Any:
    return None if _NULL.fullmatch(text) else _NOTHING


def _boolean(text: str) -> Any:
    return text.lower() == "true" if _BOOLEAN.fullmatch(text) else _NOTHING


def _integer(text: str) -> Any:
    for form, base in ((_DECIMAL, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if form.fullmatch(text):
            try:
                number = int(text, base)
                str(number)  # what can't be written in decimal digits can't be kept
                return number
            except ValueError:
                raise ValueError(f"a number of {len(text):,} digits is too long") from None
    return _NOTHING


def _float(text: str) -> Any:
    infinity = _INFINITY.fullmatch(text)
    if infinity is not None:
        return -math.inf if infinity[1] == "-" else math.inf
    if _NAN.fullmatch(text):
        return math.nan
    return float(text) if _FLOAT.fullmatch(text) else _NOTHING


_KINDS: dict[str, Callable[[str], Any]] = {"null": _null, "bool": _boolean, "int": _integer, "float": _float}
