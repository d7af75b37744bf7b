"""The ticks of values and of step indexes: round numbers, where each is drawn, and labels that read back as these.

Ticks are chosen together with their labels, since the labels have to fit: from all round steps between ticks the one
is taken that comes nearest to a readable number of them, never fewer than `LEAST` where the room allows. A number
stands on a label in full (see `magnus_tui.charts.exact_decimals`). Where that takes too much room, what all labels
have in common is written once, beside the axis.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from itertools import groupby, pairwise

from magnus_tui.charts.exact_decimals import Exact, split_offset, with_units, write, write_each
from magnus_tui.charts.scales import Scale
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

_ROWS_A_TICK = 3
"""Rows that are pleasant to read between two ticks of values."""
_DOTS = 4
"""Rows of dots in a row of cells."""
_ANY_ROOM = 400
"""Cells for a number that stands alone: no float is longer."""
_WITHOUT_LAST = 0.5
"""How much worse an axis of steps is without a tick at the last one."""
_ULPS = 100
"""A step so many times as large as the distance between floats keeps a tick within a hundredth of it."""
_FEW_ULPS = 10 * _ULPS
"""Between the ends of an axis with fewer floats there is no room for enough such steps."""


# Values, from bottom to top


@lru_cache(256)
def value_axis(scale: Scale, rows: int, room: int) -> Axis:
    """The ticks of an axis of values.

    Args:
        scale: the axis.
        rows: rows of cells that it is drawn over.
        room: cells for a label.
    """
    target = max(rows // _ROWS_A_TICK + 1, LEAST)
    found = []
    for rank, numbers in _value_candidates(scale, rows):
        cells = [row // _DOTS for row in scale.rows([float(number) for number in numbers], rows * _DOTS)]
        apart = min((below - above for below, above in pairwise(cells)), default=_ROWS_A_TICK)
        if numbers and apart > 0:
            missing = max(min(LEAST, rows) - len(numbers), 0)
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


def _value_candidates(scale: Scale, rows: int) -> Iterator[tuple[float, list[Exact]]]:
    """Round values on an axis, by the steps between them, each with a rank that tells which to prefer."""
    if scale.log:
        yield from _log_candidates(scale, rows)
    for rank, factors in enumerate((ROUND, LESS_ROUND), 2):
        for factor, power in _steps(scale.low, scale.high, factors):
            yield rank, _multiples(scale.low, scale.high, factor, power, rows)
    if scale.high / 2 - scale.low / 2 <= _FEW_ULPS / 2 * math.ulp(max(abs(scale.low), abs(scale.high))):
        for most in range(min(rows, 2 * LEAST), 0, -1):
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


def _log_candidates(scale: Scale, rows: int) -> Iterator[tuple[float, list[Exact]]]:
    """Powers of ten, every so many of them (counted from 1 where that will do), or round values between them."""
    first, last = Exact.of(scale.low).magnitude, Exact.of(scale.high).magnitude
    for stride in (1, 2, 3, 5, 10, 20, 25, 50, 100, 200):
        for shift in range(min(stride, 3)):
            powers = range(math.ceil((first - shift) / stride) * stride + shift, last + 1, stride)
            if len(powers) <= rows:
                yield 0.5 if shift else 0, _inside(scale, (Exact(1, power) for power in powers))
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


# Step indexes, from left to right


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

    def cell(number: int) -> int:
        return window.column(number, width * 2) // 2

    target, enough = max(width // CELLS_A_TICK, LEAST), min(LEAST, last - first + 1)
    best, best_score = Axis(), math.inf

    def least_score(candidate: tuple[float, list[int]]) -> float:
        penalty, numbers = candidate
        return penalty + score_of(min(len(numbers), target), target, enough)

    for candidates, gap in ((_step_candidates, GAP), (_even_steps, 1), (_step_candidates, 1)):
        # Most of them lose to the first few, and writing their labels took a tenth of the time of a chart.
        promising = sorted(candidates(first, last, width), key=least_score)
        for form in (_steps_in_full, _steps_beyond_offset):
            for candidate in promising:
                if least_score(candidate) >= best_score:
                    break
                penalty, numbers = candidate
                texts, offset = form(numbers)
                taken = _taken_by(offset, free)
                beside = numbers[bisect_left(numbers, taken, key=cell) :] if taken else numbers
                if 0 < len(beside) < len(numbers):
                    # What all labels have in common is longer where it has to suit some that it leaves no room for.
                    numbers, (texts, offset) = beside, form(beside)
                    taken = _taken_by(offset, free)
                ticks = laid_out(window, numbers, texts, width, taken, gap)
                score = score_of(len(ticks), target, enough)
                score += penalty + (
                    _WITHOUT_LAST if not ticks or ticks[-1].text != texts[-1] or numbers[-1] != last else 0
                )
                if score < best_score:
                    best, best_score = Axis(ticks, offset), score
            if best_score < TOO_FEW:
                return best
    return best


def _taken_by(offset: str, free: int) -> int:
    """Cells of an axis that its offset takes, of which some are left of it."""
    return max((len(offset) + 1 if offset else 0) - free, 0)


def _step_candidates(first: int, last: int, width: int) -> Iterator[tuple[float, list[int]]]:
    """Multiples of whole steps, with the last step index or without, and how much worse the less round ones are."""
    span = last - first
    digits = len(str(span))
    for power in range(max(digits - 4, 0), digits + 1):
        for factor in (*ROUND, *LESS_ROUND):
            step = factor * 10**power // 10
            if factor * 10**power % 10 or span // step + 1 > width:
                continue
            numbers = list(range(-(-first // step) * step, last + 1, step))
            penalty = 0 if factor in ROUND else NOT_ROUND
            if numbers and numbers[-1] != last:
                yield penalty, [*numbers, last]
                yield penalty, [*numbers[:-1], last]
            if numbers:
                yield penalty, numbers
    yield 0, [last]


def _even_steps(first: int, last: int, width: int) -> Iterator[tuple[float, list[int]]]:
    """As few steps as there have to be, up to the last one or nearly, at even distances however odd they are."""
    widest = (last - first) // (LEAST - 1)
    for step in dict.fromkeys(widest * part // width for part in range(width, 0, -1)):
        for end in (last, last - step // 2) if step else ():
            numbers = [end - step * place for place in reversed(range(LEAST))]
            if numbers[0] >= first:
                yield 2 * NOT_ROUND, numbers


def _steps_in_full(numbers: list[int]) -> tuple[list[str], str]:
    return [f"{number:,}" for number in numbers], ""


def _steps_beyond_offset(numbers: list[int]) -> tuple[list[str], str]:
    base, rest = split_offset([Exact(number, 0) for number in numbers])
    if not base.digits:
        return [_short(number) for number in rest], ""
    texts = write(rest, _ANY_ROOM, "+")
    return (texts, f"from {_short(base)}") if texts else _steps_in_full(numbers)


def log_step_axis(window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of a logarithmic axis of step indexes, which are positive; see `step_axis`."""
    powers = range(len(str(round(window.last))))
    decades = [10**power for power in powers]
    often, all_digits = (
        [factor * ten for ten in decades for factor in factors] for factors in ((1, 2, 5), range(1, 10))
    )
    sets = (often, decades, decades[::2], decades[::3], all_digits)
    return first_that_fits(window, width, sets, lambda number: f"{number:,}", partial(step_axis, window, width, free))
