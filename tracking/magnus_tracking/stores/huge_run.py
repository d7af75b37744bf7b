"""A huge run log with many steps, opened piece by piece: its full models, and the outline that its row is made of.

No call into a parser takes more than a piece, so that other threads of the process get their turn, and the JSON of the
whole is never held. A piece is a branch, a step or an attempt that fits into a window.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.models import BranchLog, LogModel, RunLog, StepAttempt, StepLog
from magnus_tracking.runlog.nan_marks import holds_marks, unmark
from magnus_tracking.runlog.outline import AttemptOutline, BranchOutline, RunOutline, StepOutline, unmark_run
from magnus_tracking.stores.huge_run_outline import WINDOW, OtherwiseError, WindowedText, whole_text

_Outline = RunOutline | StepOutline | BranchOutline | AttemptOutline | None

_OWN: dict[type[LogModel], dict[str, type[LogModel]]] = {
    RunLog: {"steps": StepLog},
    StepLog: {"branches": BranchLog, "attempts": StepAttempt},
    BranchLog: {"steps": StepLog},
    StepAttempt: {},
}
"""What is gone into where it is longer than a window, by what has it and its name."""

_EMPTY = {"steps": b"{}", "branches": b"{}", "attempts": b"[]"}
"""What stands in the place of it until its pieces have been read."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""The escape of a half of a pair, which is the only text that an outline takes and a model may refuse."""


def run_in_pieces(path: str, *, late: bool = True, window: int = WINDOW) -> tuple[RunLog, RunOutline | None] | None:
    """The run log in a file and its outline, from reading it once.

    Args:
        path: the file.
        late: whether the branches are validated once they are looked into, and there is an outline, which tells all
            that a tree of them shows. Both hold the text of the file in memory.
        window: bytes that are read at once; what is longer is gone into.

    Returns:
        None where the file must be read at once, as it can't be understood in pieces, or is being rewritten.
    """
    try:
        return _read(path, window, late=late)
    except (OtherwiseError, UnreadableRunError, OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return None


def _read(path: str, window: int, *, late: bool) -> tuple[RunLog, RunOutline | None]:
    with whole_text(path, window) as text:
        reader = _Reader(text, late=late)
        run, outline = reader.value(RunLog)
    assert isinstance(run, RunLog)
    assert isinstance(outline, RunOutline | None)
    if reader.marked and outline is not None:
        unmark_run(outline)
    return run, outline


class _Reader:
    """Makes models and outlines of a text.

    Attributes:
        marked: whether a bare number was met.
    """

    _OUTLINES: ClassVar[dict[type[LogModel], msgspec.json.Decoder[Any]]] = {
        RunLog: msgspec.json.Decoder(RunOutline),
        StepLog: msgspec.json.Decoder(StepOutline),
        BranchLog: msgspec.json.Decoder(BranchOutline),
        StepAttempt: msgspec.json.Decoder(AttemptOutline),
    }

    def __init__(self, text: WindowedText, *, late: bool) -> None:
        self._text = text
        self._late = late
        self.marked = False

    def value(self, kind: type[LogModel]) -> tuple[LogModel, _Outline]:
        """Take something that is long."""
        text, own = self._text, _OWN[kind]
        members: list[bytes] = []
        long: dict[str, tuple[Any, Any]] = {}
        for key in text.members():
            name = msgspec.json.decode(key, type=str)
            value = text.value()
            long.pop(name, None)
            if value is None and name in own and text.peek() == _EMPTY[name][:1]:
                long[name] = self._pieces(own[name])
                value = _EMPTY[name]
            members += [b",", key, b":", text.whole_value() if value is None else value]
        model, outline = self._made(kind, b"{" + b"".join(members[1:]) + b"}")
        model.settle()
        for name, (models, outlines) in long.items():
            setattr(model, name, models)
            if outline is not None:
                setattr(outline, name, outlines)
        return model, outline

    def _pieces(self, kind: type[LogModel]) -> tuple[Any, Any]:
        """Take many of a kind: their models and their outlines, in two objects or two lists."""
        text = self._text
        if text.peek() == b"[":
            listed = [self._piece(kind) for _ in text.items()]
            return [model for model, _ in listed], [outline for _, outline in listed]
        named = {msgspec.json.decode(key, type=str): self._piece(kind) for key in text.members()}
        models = {name: model for name, (model, _) in named.items()}
        return models, {name: outline for name, (_, outline) in named.items()}

    def _piece(self, kind: type[LogModel]) -> tuple[LogModel, _Outline]:
        value = self._text.value()
        return self.value(kind) if value is None else self._made(kind, value)

    def _made(self, kind: type[LogModel], value: bytes) -> tuple[LogModel, _Outline]:
        is_marked = holds_marks(value)
        self.marked |= is_marked
        outline = self._OUTLINES[kind].decode(value) if self._late else None
        if isinstance(outline, BranchOutline) and not is_marked and not _SURROGATE.search(value):
            return BranchLog.late(value, outline.internal_name, outline.status), outline
        document = parse_object(value)
        return kind.model_validate(unmark(document) if is_marked else document), outline
