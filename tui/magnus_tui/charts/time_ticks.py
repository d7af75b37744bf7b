"""The ticks of axes of time: round on a clock or a calendar, with labels that leave out what they have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from magnus_tui.charts.exact_decimals import Exact
from magnus_tui.charts.tick_layout import (
    CELLS_A_TICK,
    GAP,
    LEAST,
    LESS_ROUND,
    NOT_ROUND,
    ROUND,
    TOO_FEW,
    Axis,
    Tick,
    first_that_fits,
    laid_out,
    score_of,
)
from magnus_tui.charts.window import Window

_WITHOUT_OFFSET = 50
"""How much worse an axis is without its day."""
_EDGE = 3
"""Ticks at the beginning that may give way to what stands in the corner."""


# The time of day, from left to right

_EPOCH = datetime(1970, 1, 1)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK_STEPS = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40),
    *(_MINUTE * minutes for minutes in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40)),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * days for days in (1, 2, 3, 4, 7, 10, 14, 20)),
)
"""Steps between ticks in seconds, round on a clock; those below a day are parts of a day."""
_UNEVEN_DAYS = tuple(
    _DAY * days for days in (30, 45, 60, 90, 120, 180, 100, 150, 210, 240, 270, 300, 365, 450, 540, 600, 1095, 2555)
)
"""Steps that fall on any day of a month."""
_ROUND_YEARS = tuple(part * 10**power for power in range(4) for part in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
_MONTHS = (*(1, 2, 3, 4, 6, 9), *(round(12 * years) for years in _ROUND_YEARS))
"""Months between ticks on a calendar."""
_AVERAGE_MONTH = 365.2425 * _DAY / 12


_PARTS_OF_A_SECOND = tuple(factor * 10**power / 1000 for power in range(3) for factor in (1, 2, 5))
"""Steps below a second, down to the milliseconds that times are kept in."""


def time_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of an axis of times; the day is its offset where all labels share it.

    Args:
        window: the times shown, in milliseconds since 1970.
        width: cells of the axis.
        free: as for `step_axis`.
    """
    score, axis = _time_axis(window, width, free, GAP)
    if score < TOO_FEW:
        return axis
    return min((score, axis), _time_axis(window, width, free, 1), key=lambda one: one[0])[1]


def _time_axis(window: Window, width: int, free: int, gap: int) -> tuple[float, Axis]:
    """The best ticks with so many cells between two labels, and how bad they are."""
    target = max(width // CELLS_A_TICK, LEAST)
    best, best_score = Axis(), math.inf
    for step, every in _candidates(window, width):
        odd = NOT_ROUND if step in _ODD_ON_A_CLOCK else 0
        for skipped in range(min(_EDGE, len(every) - 1) + 1):
            times = every[skipped:]
            texts, offset = _clock_texts([_moment(time) for time in times], step)
            # In the milliseconds that curves are drawn along: between two columns the last digit of a float decides.
            places = [round(time * 1000) for time in times]
            for penalty, common in ((0.0, offset), (_WITHOUT_OFFSET, "")):
                taken = max((len(common) + 1 if common else 0) - free, 0)
                ticks = laid_out(window, places, texts, width, taken, gap)
                score = penalty + odd + score_of(len(ticks), target, LEAST)
                if score < best_score and ticks[0].cell == window.column(places[0], width * 2) // 2:
                    best, best_score = Axis(ticks, common), score
    return best_score, best


def _candidates(window: Window, width: int) -> Iterator[tuple[float, list[float]]]:
    """Steps between ticks in seconds, and the times that are their multiples: fewer than there are cells, and some."""
    earliest, latest = ((end - _EPOCH).total_seconds() for end in (datetime.min, datetime.max.replace(microsecond=0)))
    begin, end = max(window.first / 1000, earliest), min(window.last / 1000, latest)
    if begin > end:
        return
    for step in (*_PARTS_OF_A_SECOND, *_CLOCK_STEPS, *_UNEVEN_DAYS):
        first, last = math.ceil(begin / step), math.floor(end / step)
        if 0 <= last - first < width:
            yield step, [round(number * step, 3) for number in range(first, last + 1)]
    first, last = (moment.year * 12 + moment.month - 1 for moment in (_moment(begin), _moment(end)))
    for months in _MONTHS:
        numbers = range(max(-(-first // months) * months, 12), last + 1, months)
        if len(numbers) <= width:
            starts = ((datetime(number // 12, number % 12 + 1, 1) - _EPOCH).total_seconds() for number in numbers)
            times = [start for start in starts if start >= begin]
            if times:
                yield months * _AVERAGE_MONTH, times


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _clock_texts(times: Sequence[datetime], step: float) -> tuple[list[str], str]:
    """Times without what they share with the one to their left, and the day or year of the first.

    A midnight says which day begins, and the first day in another year which year that is.
    """
    if step >= _DAY:
        years = [None, *(time.year for time in times)]
        days = [
            time.strftime("%m-%d" if year in (None, time.year) else "%Y-%m-%d")
            for year, time in zip(years, times, strict=False)
        ]
        return days, f"{times[0]:%Y}"
    clock = "%H:%M:%S" if step < _MINUTE else "%H:%M"
    # %f has six digits, of which a part of a second needs up to three.
    unneeded = 3 + (step >= 0.01) + (step >= 0.1) if step < 1 else 0
    texts = []
    for place, time in enumerate(times):
        if place and time.time() == datetime.min.time():
            texts.append(f"{time:%m-%d}")
        else:
            texts.append(f"{time:{clock}.%f}"[:-unneeded] if unneeded else f"{time:{clock}}")
    return texts, f"{times[0]:%Y-%m-%d}"


_ODD_ON_A_CLOCK = frozenset((*(part * unit for part in (3, 4, 6, 8, 12, 40) for unit in (1, _MINUTE)), *_UNEVEN_DAYS))
"""Of these steps, those that are taken only where no other gives enough ticks."""


# The time since a run began, from left to right

_ODD_HOURS = (9, 10, 15, 16, 18, 20, 22)
_ODD_SPANS = frozenset(10**6 * step for step in (*_ODD_ON_A_CLOCK, *(_HOUR * hours for hours in _ODD_HOURS)))
"""Microseconds between ticks that are taken only where no other steps give enough of them."""
_SPAN_STEPS = (
    *(factor * 10**power // 10 for power in range(1, 6) for factor in sorted((*ROUND, *LESS_ROUND))),
    *(factor // 10 for factor in sorted((*ROUND, *LESS_ROUND)) if not factor % 10),
    *(step * 10**6 for step in _CLOCK_STEPS if step < _DAY),
    *(hours * _HOUR * 10**6 for hours in _ODD_HOURS),
    *(factor * 10**power * _DAY * 10**6 for power in range(6) for factor in (1, 2, 3, 4, 5, 6, 8)),
)
"""Steps between ticks in microseconds: round in the decimal system below a second, on a clock above."""
_SPAN_UNITS = (*(10**power for power in range(8)), *(seconds * 10**6 for seconds in (_MINUTE, _HOUR, _DAY)))
"""Microseconds to whose multiples a first label may be written where it takes much of the room."""
_MARK = "├"
"""What stands in the cell of a tick, with its label behind it."""


def span_axis(first: int, length: int, width: int) -> Axis:
    """The ticks of an axis of time since some beginning, each with its label behind it.

    Args:
        first: microseconds since the beginning at the left end.
        length: microseconds that are shown, at least one.
        width: cells of the axis.
    """
    target = max(width // CELLS_A_TICK, LEAST)
    best, best_score = Axis(), math.inf
    for step in _SPAN_STEPS:
        start = -(-first // step) * step
        if not (start <= first + length and length // step < width):
            continue
        odd = NOT_ROUND if step in _ODD_SPANS else 0
        finer = max(unit for unit in _SPAN_UNITS if unit <= step)
        near = -(-first // finer) * finer
        for penalty, times, exact, beginning in (
            (0, range(start, first + length + 1, step), step, 0),
            (NOT_ROUND, range(start, first + length + 1, step), step, start),
            (2 * NOT_ROUND, range(near, first + length + 1, step), finer if near else step, near),
        ):
            ticks = _marked(times, exact, beginning, first, length, width)
            score = penalty + odd + score_of(len(ticks), target, LEAST)
            if score < best_score:
                best, best_score = Axis(ticks), score
    return best


def _marked(times: range, exact: int, beginning: int, first: int, length: int, width: int) -> tuple[Tick, ...]:
    """Ticks with their labels behind them; none where labels would overlap, save for a first one in full.

    Args:
        times: of the ticks, in microseconds.
        exact: what the times are multiples of.
        beginning: what labels behind the first are told from, where that stands in full on the first.
        first: see `span_axis`.
        length: see `span_axis`.
        width: see `span_axis`.
    """
    ticks: list[Tick] = []
    free = 0
    for time in times:
        cell = (time - first) * width // length
        later = time - beginning
        text = f"+{span_text(later, times.step)}" if beginning and later else span_text(time, exact)
        text = f"{_MARK} {text}"
        if cell + len(text) > width:
            break
        if cell < free:
            if beginning and len(ticks) == 1:
                continue
            return ()
        ticks.append(Tick(cell, text, cell))
        free = cell + len(text)
    return tuple(ticks)


def elapsed_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of an axis of milliseconds since a run began, each with its label below it; see `step_axis`."""
    if window.log:
        sets = (_LOG_SPANS, _FEW_LOG_SPANS, _FEW_LOG_SPANS[::2], _FEW_LOG_SPANS[::3], _LOG_SPANS, _MORE_LOG_SPANS)
        even = partial(_even_spans, window, width, free)
        return first_that_fits(window, width, sets, lambda ms: span_text(ms * 1000, ms * 1000), even)
    return _even_spans(window, width, free)


def _even_spans(window: Window, width: int, free: int) -> Axis:
    """Ticks in even steps of microseconds, as far as these are shown."""
    first, last = math.ceil(window.first * 1000), math.floor(window.last * 1000)
    target = max(width // CELLS_A_TICK, LEAST)
    best, best_score = Axis(), math.inf
    for unit in (0, *[unit for unit in _OFFSETS if unit >= last - first][:1]):
        for step in _SPAN_STEPS:
            start = -(-first // step) * step
            base = start - start % unit if unit else 0
            if not (start <= last and (last - first) // step < width) or (unit and not base):
                continue
            times = range(start, last + 1, step)
            texts = [f"{'+' if base else ''}{span_text(time - base, step)}" for time in times]
            offset = f"from {span_text(base, unit)}" if base else ""
            # As for clocks, in the unit of the curves.
            places = [time / 1000 for time in times]
            ticks = laid_out(window, places, texts, width, max(len(offset) + 1 - free, 0) if offset else 0)
            odd = NOT_ROUND if step in _ODD_SPANS else 0
            score = odd + score_of(len(ticks), target, LEAST)
            if score < best_score:
                best, best_score = Axis(ticks, offset), score
        if best_score < TOO_FEW:
            break
    return best


_OFFSETS = tuple(10**6 * seconds for seconds in (1, _MINUTE, _HOUR, _DAY))
"""What all labels have in common is a multiple of one of these, in microseconds; beyond a day there is no such part."""
_LOG_SPANS = (
    *(factor * 10**power for power in range(4) for factor in (1, 2, 5)),
    *(1000 * seconds for seconds in (10, 30, _MINUTE, 120, 300, 600, 1800, _HOUR, 2 * _HOUR, 6 * _HOUR, 12 * _HOUR)),
    *(1000 * _DAY * days for days in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
"""Milliseconds that have a tick on a logarithmic axis of time where there is room for all of them."""
_MORE_LOG_SPANS = tuple(1000 * step for step in (*_CLOCK_STEPS, *(_DAY * 10**power for power in range(3, 6))))
"""Milliseconds that are added, as many as there is room for, where the others give too few ticks."""
_FEW_LOG_SPANS = (
    *(10**power for power in range(5)),
    *(1000 * seconds for seconds in (_MINUTE, 600, _HOUR, 10 * _HOUR, 100 * _HOUR, 1000 * _HOUR)),
)


def span_text(microseconds: int, step: int) -> str:
    """A time since the beginning with the digits that multiples of `step` microseconds need: ``2 d 03:04``."""
    decimals = max(len(str(10**6)) - 1 - (len(str(step)) - len(str(step).rstrip("0"))), 0)
    seconds, rest = divmod(abs(microseconds), 10**6)
    if not microseconds:
        return "0"
    sign = "-" if microseconds < 0 else ""
    if not seconds and rest < 1000:
        return f"{sign}{rest} µs"
    if step < 10**6 and not seconds:
        return f"{sign}{Exact(rest, -3).shortest.plain(max(decimals - 3, 0))} ms"
    part = f".{rest:06d}"[: decimals + 1] if decimals else ""
    if seconds < _MINUTE:
        return f"{sign}{seconds}{part} s"
    if seconds < _HOUR:
        return f"{sign}{seconds // 60}:{seconds % 60:02d}{part}"
    if seconds < _DAY and not step % (10**6 * _HOUR):
        return f"{sign}{seconds // _HOUR} h"
    if seconds < _DAY:
        return f"{sign}{seconds // _HOUR}:{seconds % _HOUR // 60:02d}:{seconds % 60:02d}{part}"
    if not step % (10**6 * _DAY):
        return f"{sign}{seconds // _DAY} d"
    clock = f"{seconds % _DAY // _HOUR:02d}:{seconds % _HOUR // 60:02d}"
    if step % (10**6 * _MINUTE):
        clock += f":{seconds % 60:02d}{part}"
    return f"{sign}{seconds // _DAY} d {clock}"
