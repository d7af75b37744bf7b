"""The fields of a run log that a summary needs, decoded at four times the cost of only reading the file.

Metrics stay undecoded bytes until they are asked for, so that the outline of a huge run log is small. msgspec refuses
the bare NaN and infinities that the engines write; they become strings that no log holds, so that a diverged run
costs little more than another.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct, field

from magnus_tracking.decoding import not_text, parse_json

T = TypeVar("T")

_MARK = "\x00bare "
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MARKS = {_MARK + name: value for name, value in _NON_FINITE.items()}
QUOTED_MARKS = {json.dumps(mark).encode(): value for mark, value in _MARKS.items()}
"""How bare NaN and infinities stand in the undecoded text of an outline, and what they mean."""

_NAMES = ((b"NaN",), (b"-Infinity", b"Infinity"))
"""Bare numbers that end alike together, the longer first, so that each is found for what it is."""
_LINE_ENDS = (b",\n", b"\n")
_QUOTED = {name.encode(): json.dumps(_MARK + name).encode() for name in _NON_FINITE}

_MARK_BYTES = json.dumps(_MARK).encode().strip(b'"')
_EMPTY = Raw(b"{}")


class CodeOutline(Struct, gc=False):
    """See `magnus_tracking.models.CodeIdentity`."""

    code_identifier: str | None = ""
    code_identifier_type: str | None = ""
    code_identifier_dependable: bool | None = False
    code_identifier_message: str | None = ""


class AttemptOutline(Struct, gc=False):
    """See `magnus_tracking.models.StepAttempt`."""

    attempt_number: int = 1
    start_time: str = ""
    end_time: str = ""
    status: str = "FAIL"
    message: str = ""
    user_defined_metrics: dict[str, Raw] | None = None
    code_identities: list[CodeOutline] = field(default_factory=list)


class StepOutline(Struct, gc=False):
    """See `magnus_tracking.models.StepLog`."""

    name: str = ""
    internal_name: str = ""
    status: str = "FAIL"
    step_type: str = "task"
    message: str = ""
    mock: bool = False
    code_identities: list[CodeOutline] = field(default_factory=list)
    attempts: list[AttemptOutline] = field(default_factory=list)
    user_defined_metrics: dict[str, Raw] | None = None
    branches: dict[str, BranchOutline] = field(default_factory=dict)


class BranchOutline(Struct, gc=False):
    """See `magnus_tracking.models.BranchLog`."""

    internal_name: str = ""
    steps: dict[str, StepOutline] = field(default_factory=dict)


class RunOutline(Struct, gc=False):
    """See `magnus_tracking.models.RunLog`.

    `job` and `use_cached` are UNSET where the file does not have them. `chunk_times_ns` are the times in the names of a
    chunked run's files, ascending, in nanoseconds since 1970, `journal_time` is when its journal was last written;
    both are no part of the file.
    """

    run_id: str
    status: str = "FAIL"
    dag_hash: str | None = None
    tag: str | None = ""
    original_run_id: str | None = ""
    use_cached: Any = msgspec.UNSET
    job: StepOutline | msgspec.UnsetType | None = msgspec.UNSET
    steps: dict[str, StepOutline] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    run_config: Raw = _EMPTY
    chunk_times_ns: tuple[int, ...] = ()
    journal_time: datetime | None = None


_RUN = msgspec.json.Decoder(RunOutline)
_STEP = msgspec.json.Decoder(StepOutline)
_BRANCH = msgspec.json.Decoder(BranchOutline)
_ANY = msgspec.json.Decoder()


def decode_run(data: bytes) -> RunOutline:
    """The outline of a run log file, or of the ``RunLog.json`` of a chunked run.

    Raises:
        ValueError: the bytes are no run log, with the reason.
        RecursionError: they are nested too deeply.
    """
    return decode_run_and_text(data)[0]


def decode_run_and_text(data: bytes) -> tuple[RunOutline, bytes]:
    """The outline of a run log file, and the text that its undecoded fields are parts of.

    The text is `data` itself, or `data` with bare numbers marked. Raises as `decode_run` does.
    """
    _check_text(data)
    try:
        return _RUN.decode(data), data
    except msgspec.ValidationError as error:
        raise ValueError(_wrong_type(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        outline, text = _decode_marked(_RUN, data)
        outline.parameters = unmark(outline.parameters)
        return outline, text


def decode_step(data: bytes) -> StepOutline:
    """The outline of a ``StepLog-`` chunk; raises as `decode_run` does."""
    _check_text(data)
    return _decode(_STEP, data)


def decode_branch(data: bytes) -> BranchOutline:
    """The outline of a ``BranchLog-`` chunk; raises as `decode_run` does."""
    _check_text(data)
    return _decode(_BRANCH, data)


def _check_text(data: bytes) -> None:
    """Refuse what is no UTF-8, which msgspec does not look for in what it leaves undecoded.

    The engines write ASCII only, so that most files pass at the first look.
    """
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(not_text(error)) from None


def decode_value(raw: Raw) -> Any:
    """What an undecoded field of an outline holds, NaN and infinities included."""
    value = _ANY.decode(raw)
    return unmark(value) if _MARK_BYTES in bytes(raw) else value


def unmark_values(values: list[Any], raw: Raw) -> list[Any]:
    """`values`, which were decoded from `raw`, with NaN and infinities in the place of their marks."""
    if _MARK_BYTES not in bytes(raw):
        return values
    find = _MARKS.get
    return [
        value if type(value) is float else find(value, value) if type(value) is str else unmark(value)
        for value in values
    ]


def _decode(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise ValueError(_wrong_type(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_marked(decoder, data)[0]


def _decode_marked(decoder: msgspec.json.Decoder[T], data: bytes) -> tuple[T, bytes]:
    """For what msgspec refuses: most often, bare numbers that end a line. Also the text that was decoded at last."""
    marked = mark_lines(data)
    try:
        return decoder.decode(marked), marked
    except msgspec.ValidationError as error:
        raise ValueError(_wrong_type(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_slowly(decoder, data)


def mark_lines(data: bytes) -> bytes:
    """`data` with each bare number that ends a line quoted and marked.

    A line break can't stand inside a JSON string, so what ends a line without a quote is never a part of one. Both
    engines write with ``indent=4``, where every bare value ends a line.
    """
    for names in _NAMES:
        # Looking once for what is mostly not there costs less than looking for each of its forms.
        if names[-1] in data:
            for name in names:
                for end in _LINE_ENDS:
                    data = data.replace(name + end, _QUOTED[name] + end)
    return data


def _decode_slowly(decoder: msgspec.json.Decoder[T], data: bytes) -> tuple[T, bytes]:
    """For what the quick ways refuse: numbers bare in the middle of a line, lone surrogates, text that is no JSON."""
    value = _mark_values(parse_json(data))
    try:
        text = msgspec.json.encode(value)
        return decoder.decode(text), text
    except msgspec.ValidationError as error:
        raise ValueError(_wrong_type(error)) from None
    except (msgspec.DecodeError, OverflowError) as error:
        raise ValueError(f"not JSON that can be held: {error}") from None


def _mark_values(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return _MARK + json.dumps(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_mark_values(key): _mark_values(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mark_values(item) for item in value]
    return value


def unmark(value: Any) -> Any:
    """`value` with each marked string turned back into the number that it stands for."""
    if isinstance(value, str):
        return _MARKS.get(value, value)
    if isinstance(value, dict):
        return {key: unmark(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unmark(item) for item in value]
    return value


def _wrong_type(error: msgspec.ValidationError) -> str:
    return f"not a run log: {error}".replace("`", "")
