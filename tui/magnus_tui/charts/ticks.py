"""The ticks of every axis: round values, where each is drawn, and labels that read back as just these values.

Ticks are chosen together with their labels, since the labels have to fit: from all round steps between ticks the one
is taken that comes nearest to a readable number of them, never fewer than `_LEAST` where the room allows. A number
stands on a label in full (see `magnus_tui.charts.exact_decimals`). Where that takes too much room, what all labels
have in common is written once, beside the axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache, partial
from itertools import groupby, pairwise

from magnus_tui.charts.exact_decimals import Exact, split_offset, with_units, write, write_each
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.window import Window

_LEAST = 4
"""Ticks that an axis has wherever the range and the room allow."""
_ROWS_A_TICK = 3
"""Rows that are pleasant to read between two ticks of values."""
_CELLS_A_TICK = 10
"""Cells that are pleasant to read between two ticks of steps or times."""
_GAP = 2
"""Blank cells between two labels of one line."""
_DOTS = 4
"""Rows of dots in a row of cells."""
_ROUND, _LESS_ROUND = (10, 20, 25, 50), (15, 30, 40, 60, 80)
"""Steps between ticks, in tenths of a power of ten; the second where none of the first fits."""
_ANY_ROOM = 400
"""Cells for a number that stands alone: no float is longer."""
_TOO_FEW, _WITHOUT_OFFSET, _NOT_ROUND, _WITHOUT_LAST = 100, 50, 10, 0.5
"""How much worse an axis is by each tick that it lacks, without its day, with odd steps, and without its last tick."""
_EDGE = 3
"""Ticks at the beginning that may give way to what stands in the corner."""
_ULPS = 100
"""A step so many times as large as the distance between floats keeps a tick within a hundredth of it."""
_FEW_ULPS = 10 * _ULPS
"""Between the ends of an axis with fewer floats there is no room for enough such steps."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick with its label.

    Attributes:
        cell: the row, from the top, or the column in which its value is drawn.
        text: the label, which reads back as the value.
        left: the column at which the label begins, on an axis from left to right.
    """

    cell: int
    text: str
    left: int = 0


@dataclass(frozen=True, slots=True)
class Axis:
    """The ticks of an axis.

    Attributes:
        ticks: in ascending order of their values.
        offset: what has to be added to every label, as it stands beside the axis; mostly empty.
    """

    ticks: tuple[Tick, ...] = ()
    offset: str = ""


# Values, from bottom to top


@lru_cache(256)
def value_axis(scale: Scale, rows: int, room: int) -> Axis:
    """The ticks of an axis of values.

    Args:
        scale: the axis.
        rows: rows of cells that it is drawn over.
        room: cells for a label.
    """
    target = max(rows // _ROWS_A_TICK + 1, _LEAST)
    found = []
    for rank, numbers in _value_candidates(scale, rows):
        cells = [row // _DOTS for row in scale.rows([float(number) for number in numbers], rows * _DOTS)]
        apart = min((below - above for below, above in pairwise(cells)), default=_ROWS_A_TICK)
        if numbers and apart > 0:
            missing = max(min(_LEAST, rows) - len(numbers), 0)
            found.append((missing, (rank, apart < 2, abs(math.log(len(numbers) / target))), numbers, cells))
    found.sort(key=lambda one: one[:2])
    for _, group in groupby(found, key=lambda one: one[0]):
        alike = list(group)
        for form in (_in_full, _beyond_offset):
            for _, _, numbers, cells in alike:
                texts, offset = form(numbers, room, scale.log)
                if texts:
                    return Axis(tuple(map(Tick, cells, with_units(texts))), offset)
    return Axis()


def _in_full(numbers: list[Exact], room: int, log: bool) -> tuple[list[str] | None, str]:
    return (write_each if log else write)(numbers, room), ""


def _beyond_offset(numbers: list[Exact], room: int, _log: bool) -> tuple[list[str] | None, str]:
    base, rest = split_offset(numbers)
    if not base.digits:
        return None, ""
    offset = f"from {_short(base)}"
    return (write(rest, room, "+") if len(offset) <= 2 * room else None), offset


def _short(number: Exact) -> str:
    texts = write([number], _ANY_ROOM) or []
    return min([*texts, number.scientific()], key=len)


def _value_candidates(scale: Scale, rows: int) -> Iterator[tuple[int, list[Exact]]]:
    """Round values on an axis, by the steps between them, each with a rank that tells which to prefer."""
    if scale.log:
        yield from _log_candidates(scale, rows)
    for rank, factors in enumerate((_ROUND, _LESS_ROUND), 2):
        for factor, power in _steps(scale.low, scale.high, factors):
            yield rank, _multiples(scale.low, scale.high, factor, power, rows)
    if scale.high / 2 - scale.low / 2 <= _FEW_ULPS / 2 * math.ulp(max(abs(scale.low), abs(scale.high))):
        for most in range(min(rows, 2 * _LEAST), 0, -1):
            yield 5, _spread(scale, most)


def _steps(low: float, high: float, factors: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Steps between ticks, each a factor and a power of ten, that fit a few times between two values."""
    finest = _ULPS * math.ulp(max(abs(low), abs(high)))
    halved = high / 2 - low / 2
    if halved <= 0:
        return
    top = math.floor(math.log10(halved))
    for power in range(top + 1, top - 3, -1):
        for factor in factors:
            if float(f"{factor}e{power - 1}") >= finest:
                yield factor, power - 1


def _multiples(low: float, high: float, factor: int, power: int, most: int) -> list[Exact]:
    """Every multiple of factor · 10^power from `low` to `high`; none where there are more than `most`."""
    step = factor * Fraction(10) ** power
    first, last = math.floor(Fraction(low) / step), math.ceil(Fraction(high) / step)
    if last - first > most + 1:
        return []
    numbers = (Exact(number * factor, power) for number in range(first, last + 1))
    return [number for number in numbers if low <= float(number) <= high]


def _spread(scale: Scale, most: int) -> list[Exact]:
    """Floats at even distances, for axes between whose ends there are too few of them for anything round."""
    values = {scale.value(place / (most - 1)) for place in range(most)} if most > 1 else {scale.low}
    return [Exact.of(value) for value in sorted(values) if scale.low <= value <= scale.high]


def _log_candidates(scale: Scale, rows: int) -> Iterator[tuple[int, list[Exact]]]:
    """Powers of ten, some of them, or with round values between them."""
    first, last = Exact.of(scale.low).magnitude, Exact.of(scale.high).magnitude
    for stride in (1, 2, 3, 5, 10, 20, 25, 50, 100, 200):
        for shift in range(min(stride, 3)):
            powers = range(math.ceil((first - shift) / stride) * stride + shift, last + 1, stride)
            if len(powers) <= rows:
                yield 0, _inside(scale, (Exact(1, power) for power in powers))
    if last - first < rows:
        for factors in ((1, 2, 5), (1, 3), (1, 5), (1, 2, 3, 5, 7), (2,), (5,), (3,)):
            numbers = (Exact(factor, power) for power in range(first, last + 1) for factor in factors)
            yield 1, _inside(scale, numbers)
        yield 4, _one_a_row(scale, rows, first, last)


def _one_a_row(scale: Scale, rows: int, first: int, last: int) -> list[Exact]:
    """Powers of ten from the `first` to the `last` and what lies between, the rounder the sooner, one in each row."""
    found: dict[int, Exact] = {}
    for factor in (1, 5, 2, 3, 7, 4, 6, 8, 9, 15, 25):
        for number in _inside(scale, (Exact(factor, power) for power in range(first - 1, last + 1))):
            found.setdefault(scale.rows([float(number)], rows * _DOTS)[0] // _DOTS, number)
    return sorted(set(found.values()), key=float)


def _inside(scale: Scale, numbers: Iterable[Exact]) -> list[Exact]:
    """The numbers that lie on the axis, as far as floats tell them from what is beside them."""
    return [
        number
        for number in numbers
        if scale.low <= (value := float(number)) <= scale.high and value >= _ULPS * math.ulp(value)
    ]


# Step indexes and times, from left to right


def step_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of an axis of step indexes, which are whole; the last one has a tick wherever there is room.

    Args:
        window: the step indexes shown.
        width: cells of the axis.
        free: cells left of it for what has to be added to every label; below 0 where some of the axis are taken.
    """
    first, last = math.ceil(window.first), math.floor(window.last)
    if last < first or width < 1:
        return Axis()
    target = max(width // _CELLS_A_TICK, _LEAST)
    best, best_score = Axis(), math.inf
    for candidates, gap in ((_step_candidates, _GAP), (_even_steps, 1)):
        for form in (_steps_in_full, _steps_beyond_offset):
            for penalty, numbers in candidates(first, last, width):
                texts, offset = form(numbers)
                taken = max((len(offset) + 1 if offset else 0) - free, 0)
                ticks = _laid_out(window, numbers, texts, width, taken, gap)
                score = _score(len(ticks), target, min(_LEAST, last - first + 1))
                score += penalty + (
                    _WITHOUT_LAST if not ticks or ticks[-1].text != texts[-1] or numbers[-1] != last else 0
                )
                if score < best_score:
                    best, best_score = Axis(ticks, offset), score
            if best_score < _TOO_FEW:
                return best
    return best


def _step_candidates(first: int, last: int, width: int) -> Iterator[tuple[float, list[int]]]:
    """Multiples of whole steps, with the last step index or without, and how much worse the less round ones are."""
    span = last - first
    digits = len(str(span))
    for power in range(max(digits - 4, 0), digits + 1):
        for factor in (*_ROUND, *_LESS_ROUND):
            step = factor * 10**power // 10
            if factor * 10**power % 10 or span // step + 1 > width:
                continue
            numbers = list(range(-(-first // step) * step, last + 1, step))
            penalty = 0 if factor in _ROUND else _NOT_ROUND
            if numbers and numbers[-1] != last:
                yield penalty, [*numbers, last]
                yield penalty, [*numbers[:-1], last]
            if numbers:
                yield penalty, numbers
    yield 0, [last]


def _even_steps(first: int, last: int, width: int) -> Iterator[tuple[float, list[int]]]:
    """As few steps as there have to be, up to the last one or nearly, at even distances however odd they are."""
    widest = (last - first) // (_LEAST - 1)
    for step in dict.fromkeys(widest * part // width for part in range(width, 0, -1)):
        for end in (last, last - step // 2) if step else ():
            numbers = [end - step * place for place in reversed(range(_LEAST))]
            if numbers[0] >= first:
                yield 2 * _NOT_ROUND, numbers


def _steps_in_full(numbers: list[int]) -> tuple[list[str], str]:
    return [f"{number:,}" for number in numbers], ""


def _steps_beyond_offset(numbers: list[int]) -> tuple[list[str], str]:
    base, rest = split_offset([Exact(number, 0) for number in numbers])
    if not base.digits:
        return [_short(number) for number in rest], ""
    return write(rest, _ANY_ROOM, "+") or [], f"from {_short(base)}"


def _laid_out(
    window: Window, values: Sequence[float], texts: Sequence[str], width: int, taken: int, gap: int = _GAP
) -> tuple[Tick, ...]:
    """Ticks with their labels in the middle below them; none where two would overlap.

    A label at an end of the axis is moved inwards. Where that takes the room of its neighbour, its tick is left out.

    Args:
        window: the values shown.
        values: of the ticks, ascending.
        texts: their labels.
        width: cells of the axis.
        taken: cells at the left in which something else stands; what would have its label there has none.
        gap: blank cells between two labels.
    """
    ticks: list[Tick] = []
    free = taken
    for value, text in zip(values, texts, strict=True):
        cell = window.column(value, width * 2) // 2
        middle = cell - len(text) // 2
        left = max(0, min(width - len(text), middle))
        if left < taken or left + len(text) > width:
            continue
        if left < free:
            if len(ticks) == 1 and ticks[0].left > ticks[0].cell - len(ticks[0].text) // 2 and left == middle:
                ticks.clear()
            elif left < middle:
                continue
            else:
                return ()
        ticks.append(Tick(cell, text, left))
        free = left + len(text) + gap
    return tuple(ticks)


def _score(ticks: int, target: int, enough: int) -> float:
    """How far a number of ticks is from the one wanted; too few are worse than any others."""
    return _TOO_FEW * max(enough - ticks, 0) + abs(math.log(ticks / target)) if ticks else math.inf


_EPOCH = datetime(1970, 1, 1)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK_STEPS = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40),
    *(_MINUTE * minutes for minutes in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40)),
    *(_HOUR * hours for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(_DAY * days for days in (1, 2, 3, 4, 7, 10, 14, 20, 30, 45, 60, 90, 120, 180)),
    *(_DAY * days for days in (100, 150, 210, 240, 270, 300, 365, 450, 540, 600)),
    *(365 * _DAY * years for years in (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000)),
)
"""Steps between ticks in seconds, round on a clock or a calendar of days; those below a day are parts of a day."""


def time_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of an axis of times, in seconds since 1970; the day is its offset where all labels share it.

    Args:
        window: the times shown.
        width: cells of the axis.
        free: as for `step_axis`.
    """
    score, axis = _time_axis(window, width, free, _GAP)
    if score < _TOO_FEW:
        return axis
    return min((score, axis), _time_axis(window, width, free, 1), key=lambda one: one[0])[1]


def _time_axis(window: Window, width: int, free: int, gap: int) -> tuple[float, Axis]:
    """The best ticks with so many cells between two labels, and how bad they are."""
    target = max(width // _CELLS_A_TICK, _LEAST)
    least, most = ((end - _EPOCH).total_seconds() for end in (datetime.min, datetime.max))
    best, best_score = Axis(), math.inf
    for step in _CLOCK_STEPS:
        first, last = math.ceil(max(window.first, least) / step), math.floor(min(window.last, most) / step)
        if not 0 <= last - first < width:
            continue
        odd = _NOT_ROUND if step in _ODD_ON_A_CLOCK else 0
        for skipped in range(min(_EDGE, last - first) + 1):
            times = [number * step for number in range(first + skipped, last + 1)]
            texts, offset = _clock_texts([_EPOCH + timedelta(seconds=time) for time in times], step)
            for penalty, common in ((0.0, offset), (_WITHOUT_OFFSET, "")):
                taken = max((len(common) + 1 if common else 0) - free, 0)
                ticks = _laid_out(window, times, texts, width, taken, gap)
                score = penalty + odd + _score(len(ticks), target, _LEAST)
                if score < best_score and ticks[0].cell == window.column(times[0], width * 2) // 2:
                    best, best_score = Axis(ticks, common), score
    return best_score, best


def _clock_texts(times: Sequence[datetime], step: int) -> tuple[list[str], str]:
    """Times as far as they differ from what is left of them, and the day of the first, or its year.

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
    midnight = datetime.min.time()
    texts = [time.strftime("%m-%d" if place and time.time() == midnight else clock) for place, time in enumerate(times)]
    return texts, f"{times[0]:%Y-%m-%d}"


_ODD_ON_A_CLOCK = frozenset(part * unit for part in (3, 4, 6, 8, 12, 40) for unit in (1, _MINUTE))
"""Of these steps, those that are taken only where no other gives enough ticks."""


# The time since a run began, from left to right

_ODD_HOURS = (9, 10, 15, 16, 18, 20, 22)
"""Steps that are taken only where no other gives enough ticks."""
_SPAN_STEPS = (
    *(factor * 10**power // 10 for power in range(1, 6) for factor in sorted((*_ROUND, *_LESS_ROUND))),
    *(factor // 10 for factor in sorted((*_ROUND, *_LESS_ROUND)) if not factor % 10),
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
    target = max(width // _CELLS_A_TICK, _LEAST)
    best, best_score = Axis(), math.inf
    for step in _SPAN_STEPS:
        start = -(-first // step) * step
        if not (start <= first + length and length // step < width):
            continue
        odd = _NOT_ROUND if step / 10**6 in _ODD_ON_A_CLOCK or step / 10**6 / _HOUR in _ODD_HOURS else 0
        finer = max(unit for unit in _SPAN_UNITS if unit <= step)
        near = -(-first // finer) * finer
        for penalty, times, exact, beginning in (
            (0, range(start, first + length + 1, step), step, 0),
            (_NOT_ROUND, range(start, first + length + 1, step), step, start),
            (2 * _NOT_ROUND, range(near, first + length + 1, step), finer, near),
        ):
            ticks = _marked(times, exact, beginning, first, length, width)
            score = penalty + odd + _score(len(ticks), target, _LEAST)
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
    first, last = math.ceil(window.first * 1000), math.floor(window.last * 1000)
    whole = Window(window.first * 1000, window.last * 1000, window.log)
    if window.log:
        sets = (_LOG_SPANS, _FEW_LOG_SPANS, _FEW_LOG_SPANS[::2], _FEW_LOG_SPANS[::3], _LOG_SPANS, _MORE_LOG_SPANS)
        even = partial(_even_spans, whole, first, last, width, free)
        return _log_axis(whole, width, sets, lambda time: span_text(time, time), even)
    return _even_spans(whole, first, last, width, free)


def _even_spans(window: Window, first: int, last: int, width: int, free: int) -> Axis:
    """The ticks of an axis of microseconds, of which `first` and `last` are the whole ones at its ends."""
    target = max(width // _CELLS_A_TICK, _LEAST)
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
            ticks = _laid_out(window, times, texts, width, max(len(offset) + 1 - free, 0) if offset else 0)
            odd = _NOT_ROUND if step / 10**6 in _ODD_ON_A_CLOCK or step / 10**6 / _HOUR in _ODD_HOURS else 0
            score = odd + _score(len(ticks), target, _LEAST)
            if score < best_score:
                best, best_score = Axis(ticks, offset), score
        if best_score < _TOO_FEW:
            break
    return best


_OFFSETS = tuple(10**6 * seconds for seconds in (1, _MINUTE, _HOUR, _DAY))
"""Microseconds in multiples of which stands what all labels have in common; none where more is shown than a day."""
_LOG_SPANS = (
    *(factor * 10**power for power in (3, 4, 5, 6) for factor in (1, 2, 5)),
    *(10**6 * seconds for seconds in (10, 30, _MINUTE, 120, 300, 600, 1800, _HOUR, 2 * _HOUR, 6 * _HOUR, 12 * _HOUR)),
    *(10**6 * _DAY * days for days in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
"""Microseconds that have a tick on a logarithmic axis of time where there is room for all of them."""
_MORE_LOG_SPANS = tuple(10**6 * step for step in (*_CLOCK_STEPS, *(_DAY * 10**power for power in range(3, 6))))
"""Those of which there are as many as there is room for where no others are enough."""
_FEW_LOG_SPANS = (
    *(10**power for power in range(3, 8)),
    *(10**6 * seconds for seconds in (_MINUTE, 600, _HOUR, 10 * _HOUR, 100 * _HOUR, 1000 * _HOUR)),
)


def log_step_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of a logarithmic axis of step indexes, which are positive; see `step_axis`."""
    powers = range(len(str(round(window.last))))
    decades = [10**power for power in powers]
    often, all_digits = (
        [factor * ten for ten in decades for factor in factors] for factors in ((1, 2, 5), range(1, 10))
    )
    sets = (often, decades, decades[::2], decades[::3], all_digits)
    return _log_axis(window, width, sets, lambda number: f"{number:,}", partial(step_axis, window, width, free))


def _log_axis(
    window: Window, width: int, sets: Sequence[Sequence[int]], text: Callable[[int], str], even: Callable[[], Axis]
) -> Axis:
    """Ticks at the first of some sets of round numbers that there is room for and that has enough of them.

    Where none has, as on a part of a decade, as many round numbers are taken as fit, or else ticks in even steps.
    """
    found = []
    for numbers in sets:
        there = [number for number in numbers if window.first <= number <= window.last]
        ticks = _laid_out(window, there, list(map(text, there)), width, 0)
        if len(ticks) == len(there):
            found.append(Axis(ticks))
            if len(ticks) >= _LEAST:
                return found[-1]
    kept: list[int] = []
    for number in dict.fromkeys(number for numbers in sets[1:] for number in numbers):
        more = sorted([*kept, number])
        if (
            window.first <= number <= window.last
            and _laid_out(window, more, list(map(text, more)), width, 0)[len(kept) :]
        ):
            kept = more
    found.append(Axis(_laid_out(window, kept, list(map(text, kept)), width, 0)))
    if len(found[-1].ticks) < _LEAST:
        found.append(even())
    return max(found, key=lambda axis: len(axis.ticks))


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
