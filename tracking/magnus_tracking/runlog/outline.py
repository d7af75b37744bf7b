"""The fields of a run log that a summary needs, decoded at four times the cost of only reading the file.

Metrics stay undecoded bytes until they are asked for, so that the outline of a huge run log is small. Bare NaN and
infinities, which msgspec refuses, are marked first: see `magnus_tracking.runlog.nan_marks`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct, field

from magnus_tracking.runlog.json import cut_off, is_cut_off, not_text, parse_json, replaced
from magnus_tracking.runlog.nan_marks import (
    is_marked,
    mark_anywhere,
    mark_if_diverged,
    mark_lines,
    mark_nans,
    mark_values,
    unmark,
)
from magnus_tracking.runlog.vocabulary import JOB_STEP

T = TypeVar("T")

_EMPTY = Raw(b"{}")


class CodeOutline(Struct, gc=False):
    """See `magnus_tracking.runlog.models.CodeIdentity`."""

    code_identifier: str | None = ""
    code_identifier_dependable: bool | None = False


class AttemptOutline(Struct, gc=False):
    """See `magnus_tracking.runlog.models.StepAttempt`."""

    attempt_number: int = 1
    start_time: str = ""
    end_time: str = ""
    status: str = "FAIL"
    message: str = ""
    user_defined_metrics: dict[str, Raw] | None = None
    code_identities: list[CodeOutline] = field(default_factory=list)


class StepOutline(Struct, gc=False):
    """See `magnus_tracking.runlog.models.StepLog`; `name` may be anything there."""

    name: Any = ""
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
    """See `magnus_tracking.runlog.models.BranchLog`."""

    internal_name: str = ""
    status: str = "FAIL"
    steps: dict[str, StepOutline] = field(default_factory=dict)


class JobOutline(Struct, gc=False):
    """See `magnus_tracking.runlog.models.JobLog`."""

    status: str = "FAIL"
    message: str = ""
    mock: bool = False
    code_identities: list[CodeOutline] = field(default_factory=list)
    attempts: list[AttemptOutline] = field(default_factory=list)
    user_defined_metrics: dict[str, Raw] | None = None


class RunOutline(Struct, gc=False):
    """See `magnus_tracking.runlog.models.RunLog`.

    `job` and `use_cached` are UNSET where the file does not have them. `chunk_times_ns` are the times in the names of a
    chunked run's files, ascending, in nanoseconds since 1970, `journal_time` is when its journal was last written, and
    `job_step` is the step that stands for a job; these are not part of the file.
    """

    run_id: str
    status: str = "FAIL"
    dag_hash: str | None = None
    tag: str | None = ""
    original_run_id: str | None = ""
    use_cached: Any = msgspec.UNSET
    job: JobOutline | msgspec.UnsetType | None = msgspec.UNSET
    steps: dict[str, StepOutline] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    run_config: Raw = _EMPTY
    chunk_times_ns: tuple[int, ...] = field(default=(), name="(chunk times)")
    journal_time: datetime | None = field(default=None, name="(journal time)")
    job_step: StepOutline | None = field(default=None, name="(job step)")

    @property
    def top_steps(self) -> Iterable[StepOutline]:
        """The steps at the top of the run; a job is one step named ``job``."""
        if not isinstance(self.job, JobOutline) or self.steps:
            return self.steps.values()
        if self.job_step is None:
            job = self.job
            self.job_step = StepOutline(
                JOB_STEP,
                JOB_STEP,
                status=job.status,
                message=job.message,
                mock=job.mock,
                code_identities=job.code_identities,
                attempts=job.attempts,
                user_defined_metrics=job.user_defined_metrics,
            )
        return (self.job_step,)


_RUN = msgspec.json.Decoder(RunOutline)
_STEP = msgspec.json.Decoder(StepOutline)
_BRANCH = msgspec.json.Decoder(BranchOutline)
_ANY = msgspec.json.Decoder()
_MAY_BE_MARKED = frozenset({str, list, dict})


def decode_run(data: bytes) -> RunOutline:
    """The outline of a run log file, or of the ``RunLog.json`` of a chunked run.

    Raises:
        ValueError: the bytes are not a run log, with the reason.
        RecursionError: they are nested too deeply.
    """
    return decode_run_and_text(data)[0]


def decode_run_and_text(data: bytes) -> tuple[RunOutline, bytes]:
    """The outline of a run log file, and the text that its undecoded fields are parts of.

    The text is `data` itself, or `data` with bare numbers marked. Raises as `decode_run` does.
    """
    check_text(data)
    outline, text = _decode(_RUN, data)
    if text is not data:
        unmark_run(outline)
    return outline, text


def unmark_run(outline: RunOutline) -> None:
    """Take the marks of bare numbers out of what was decoded, in place.

    Raises:
        ValueError: there is one where text must be.
    """
    outline.parameters = replaced(outline.parameters, unmark)
    texts = (outline.run_id, outline.status, outline.dag_hash, outline.tag, outline.original_run_id)
    job = [outline.job] if isinstance(outline.job, JobOutline) else []
    _refuse_marks(texts, [*outline.steps.values(), *job])


def _refuse_marks(texts: Iterable[str | None], steps: Sequence[StepOutline | JobOutline]) -> None:
    """Refuse a bare number, which came as a marked text, where a text must be, in the steps and below them, too."""
    found = [text for text in texts if text]
    waiting = list(steps)
    while waiting:
        step = waiting.pop()
        found += (step.status, step.message)
        if isinstance(step, StepOutline):
            found += (step.internal_name, step.step_type)
            for branch in step.branches.values():
                found += (branch.internal_name, branch.status)
                waiting += branch.steps.values()
        identities = step.code_identities
        for attempt in step.attempts:
            found += (attempt.start_time, attempt.end_time, attempt.status, attempt.message)
            identities = identities + attempt.code_identities
        found += [code.code_identifier for code in identities if code.code_identifier]
    for text in found:
        if text[:1] == "\x00" and (number := unmark(text)) is not text:
            raise ValueError(f"not a run log: {json.dumps(number)} where text must be")


def decode_step(data: bytes) -> StepOutline:
    """The outline of a ``StepLog-`` chunk; raises as `decode_run` does."""
    check_text(data)
    step, text = _decode(_STEP, data)
    if text is not data:
        _refuse_marks((), [step])
    return step


def decode_branch(data: bytes) -> BranchOutline:
    """The outline of a ``BranchLog-`` chunk; raises as `decode_run` does."""
    check_text(data)
    branch, text = _decode(_BRANCH, data)
    if text is not data:
        _refuse_marks((branch.internal_name, branch.status), [*branch.steps.values()])
    return branch


def check_text(data: bytes) -> None:
    """Refuse what is not UTF-8, which msgspec does not look for in what it leaves undecoded.

    The engines write ASCII only, so that most files pass at the first look.
    """
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(not_text(error)) from None


def decode_value(raw: Raw) -> Any:
    """What an undecoded field of an outline holds, NaN and infinities included."""
    try:
        value = _ANY.decode(raw)
    except msgspec.ValidationError:
        # A number that msgspec has no room for: 1e999, or one of thousands of digits.
        value = parse_json(bytes(raw))
    return unmark(value) if type(value) in _MAY_BE_MARKED and is_marked(raw) else value


def _decode(decoder: msgspec.json.Decoder[T], data: bytes) -> tuple[T, bytes]:
    """What `data` holds, and the text that was decoded at last, in which bare numbers are marked."""
    for text_of in (mark_if_diverged, mark_nans, mark_lines, mark_anywhere):
        try:
            text = text_of(data)
            return decoder.decode(text), text
        except msgspec.ValidationError:
            # Of a name that is there twice only the last value counts, and another may be what is wrong.
            break
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if is_cut_off(error, data):
                raise cut_off(data) from None
    return _decode_slowly(decoder, data)


def _decode_slowly(decoder: msgspec.json.Decoder[T], data: bytes) -> tuple[T, bytes]:
    """For what the quick ways refuse: lone surrogates, what is not a run log."""
    value = mark_values(parse_json(data))
    try:
        text = msgspec.json.encode(value)
        return decoder.decode(text), text
    except msgspec.ValidationError as error:
        raise ValueError(f"not a run log: {error}".replace("`", "")) from None
    except (msgspec.DecodeError, OverflowError) as error:
        raise ValueError(f"not JSON that can be held: {error}") from None
