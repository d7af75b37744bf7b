"""Runs decoded together with their metrics, where runs before them had metrics of the same names and forms.

Otherwise the text of a step-indexed metric is gone over twice: to find where it ends, and for its values. Runs of a
store resemble each other, so that the names and forms of metrics are learnt from the first ones, and the next ones are
decoded into structs that have a field for each metric, which in turn have a field for each index. A run that does not
fit is decoded as any other, and learnt from.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from operator import attrgetter
from typing import Any, ClassVar, cast

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field
from msgspec.structs import astuple

from magnus_tracking.runlog.bare_numbers import mark_if_diverged, unmark
from magnus_tracking.runlog.counting_series import SeriesValue, counted_steps
from magnus_tracking.runlog.outline import AttemptOutline, RunOutline, StepOutline, check_text, decode_run
from magnus_tracking.runlog.run_config import ConfigurationOutline

Scalar = int | float | str | bool | None

_NEVER, _SCALAR = -1, 0
"""Forms of a metric, beside those that say for how many steps there is room: anything, and a single value."""

_FEWEST, _MOST = 2, 1024
"""Steps that there is room for."""

_LARGEST = 1 << 20
"""Bytes of a run that is tried; larger ones have metrics of more steps."""

_FIRST = 16
"""Runs to learn from before any is tried."""

_MOST_LEARNT = 2048
"""Runs to learn from while none has a metric that counts up."""

_FIELD_NAME = re.compile(r'[^"\\\x00-\x1f]*')
"""Names that msgspec takes for fields; runs with metrics of others never fit."""

_MOST_NAMES = 128
_MOST_MADE = 32
"""How often a decoder is made, which takes as long as reading a few dozen runs."""

_MISFITS = 8
"""So many runs, and one in so many, may fail to fit without that anything is learnt from them."""


class KnownSeries(Struct, gc=False, eq=False):
    """The values of a step-indexed metric: a field an index, unset where there is no value.

    Attributes:
        step0: at the first index.
    """

    step0: SeriesValue | UnsetType = field(name="0", default=UNSET)

    @property
    def highest(self) -> SeriesValue | UnsetType:
        """The value at the highest index that there is room for."""
        return self.step0

    def last_of_several(self) -> SeriesValue | UnsetType:
        """The value at the highest index; unset where it may be the only one."""
        if self.step0 is UNSET:
            return UNSET
        last = self.highest
        if last is not UNSET:
            return last
        values = astuple(self)
        end = bisect_left(values, True, key=_is_unset)
        return cast(SeriesValue, values[end - 1]) if end > 1 and values[end:] == _unset(len(values) - end) else UNSET

    def values(self) -> list[SeriesValue]:
        """The values in the order of their indexes."""
        return [value for value in astuple(self) if value is not UNSET]


class KnownMetrics(Struct, gc=False):
    """The metrics of an attempt or step: a field each, unset where it does not have it.

    Attributes:
        names: of the metrics, in the order of the fields.
        none: what an attempt or step without metrics is equal to.
    """

    names: ClassVar[tuple[str, ...]] = ()
    none: ClassVar[KnownMetrics]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self != self.none

    def items(self) -> list[tuple[str, Raw | KnownSeries | Scalar]]:
        """The metrics that are there by name: as undecoded text, as values by index, or as a single value.

        Bare numbers are marked wherever they stand; see `magnus_tracking.runlog.bare_numbers`.
        """
        return [(name, value) for name, value in zip(self.names, astuple(self), strict=True) if value is not UNSET]


class KnowingDecoder:
    """Decodes runs, and learns from them which metrics there are. For one thread."""

    def __init__(self) -> None:
        self._forms: dict[str, int] = {}
        self._decoder: msgspec.json.Decoder[RunOutline] | None = None
        self._learnt = self._made = self._fits = self._misfits = 0
        self._learns = True

    def decode_run(self, data: bytes) -> RunOutline:
        """The outline of a run log file, in which the metrics of steps and attempts may be `KnownMetrics`.

        Those of steps in branches never are. Raises as `magnus_tracking.runlog.outline.decode_run` does.
        """
        if self._decoder is not None and len(data) <= _LARGEST:
            run = _decode(self._decoder, data)
            if run is not None:
                self._fits += 1
                return run
        run = decode_run(data)
        if self._learns and len(data) <= _LARGEST:
            self._learn(run)
        return run

    def _learn(self, run: RunOutline) -> None:
        """Learn from a run that was not tried, or did not fit."""
        self._learnt += 1
        is_new = False
        for step in run.steps.values():
            owners: list[AttemptOutline | StepOutline] = [*step.attempts, step]
            for owner in owners:
                for name, raw in (owner.user_defined_metrics or {}).items():
                    is_new |= self._learn_metric(name, raw)
        if self._decoder is not None and not is_new:
            self._misfits += 1
        counts_up = max(self._forms.values(), default=_SCALAR) > _SCALAR
        if (
            len(self._forms) > _MOST_NAMES
            or self._made > _MOST_MADE
            or self._misfits > _MISFITS + self._fits // _MISFITS
            or (self._learnt > _MOST_LEARNT and not counts_up)
        ):
            self._learns, self._decoder = False, None
        elif counts_up and self._learnt >= _FIRST and (is_new or self._decoder is None):
            self._made += 1
            self._decoder = _decoder(self._forms)

    def _learn_metric(self, name: str, raw: Raw) -> bool:
        """Learn from one metric; whether it says anything new."""
        before = self._forms.get(name)
        if before == _NEVER or not _FIELD_NAME.fullmatch(name):
            return False
        form = _form(raw)
        if before is not None:
            form = _NEVER if form == _NEVER else max(before, form)
        self._forms[name] = form
        return form != before


def _decode(decoder: msgspec.json.Decoder[RunOutline], data: bytes) -> RunOutline | None:
    text = mark_if_diverged(data)
    try:
        check_text(data)
        run = decoder.decode(text)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None
    if text is not data:
        run.parameters = unmark(run.parameters)
    return run


def _form(raw: Raw) -> int:
    """The form of a metric: the steps that there should be room for, where it counts up and has plain values."""
    if bytes(memoryview(raw)[:1]) not in (b"{", b"["):
        return _SCALAR
    steps = counted_steps(raw)
    if not 0 < steps <= _MOST:
        return _NEVER
    size = max(steps, _FEWEST)
    try:
        msgspec.json.decode(raw, type=_series(size))
    except msgspec.MsgspecError:
        return _NEVER
    return size


def _decoder(forms: dict[str, int]) -> msgspec.json.Decoder[RunOutline]:
    names = tuple(forms)
    types = {_NEVER: Raw, _SCALAR: Scalar | UnsetType}
    metrics: Any = msgspec.defstruct(
        "Metrics",
        [
            (f"metric{place}", types[form] if form in types else _series(form) | Scalar | UnsetType, UNSET)
            for place, form in enumerate(forms.values())
        ],
        rename={f"metric{place}": name for place, name in enumerate(names)},
        bases=(KnownMetrics,),
        namespace={"names": names},
        forbid_unknown_fields=True,
        gc=False,
    )
    metrics.none = metrics()
    own: tuple[str, Any, Any] = ("user_defined_metrics", metrics | None, None)
    attempt: Any = msgspec.defstruct("Attempt", [own], bases=(AttemptOutline,), gc=False)
    attempts: tuple[str, Any, Any] = ("attempts", list[attempt], field(default_factory=list))
    step: Any = msgspec.defstruct("Step", [own, attempts], bases=(StepOutline,), gc=False)
    steps: tuple[str, Any, Any] = ("steps", dict[str, step], field(default_factory=dict))
    config = ("run_config", ConfigurationOutline, field(default_factory=ConfigurationOutline))
    run = msgspec.defstruct("Run", [steps, config], bases=(RunOutline,), gc=False)
    return msgspec.json.Decoder(cast(type[RunOutline], run))


@functools.cache
def _series(size: int) -> Any:
    """The struct for the values of a metric of up to `size` steps."""
    return msgspec.defstruct(
        f"Series{size}",
        [(f"step{index}", SeriesValue | UnsetType, UNSET) for index in range(1, size)],
        rename={f"step{index}": str(index) for index in range(1, size)},
        bases=(KnownSeries,),
        namespace={"highest": property(attrgetter(f"step{size - 1}"))},
        forbid_unknown_fields=True,
        gc=False,
        eq=False,
    )


@functools.cache
def _unset(number: int) -> tuple[UnsetType, ...]:
    return (UNSET,) * number


def _is_unset(value: SeriesValue | UnsetType) -> bool:
    return value is UNSET
