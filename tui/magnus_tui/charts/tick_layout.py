"""How the ticks of an axis and their labels are laid out, and which of several layouts is best."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from magnus_tui.charts.window import Window

LEAST = 4
"""Ticks that an axis has wherever the range and the room allow."""
CELLS_A_TICK = 10
"""Cells that are pleasant to read between two ticks of steps or times."""
GAP = 2
"""Blank cells between two labels of one line."""
ROUND, LESS_ROUND = (10, 20, 25, 50), (15, 30, 40, 60, 80)
"""Steps between ticks, in tenths of a power of ten; the second where none of the first fits."""
TOO_FEW, NOT_ROUND = 100, 10
"""How much worse an axis is for each tick that it lacks, and for odd steps."""


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


def laid_out(
    window: Window, values: Sequence[float], texts: Sequence[str], width: int, taken: int, gap: int = GAP
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


def score_of(ticks: int, target: int, enough: int) -> float:
    """How far the number of ticks is from the wanted one; too few are worse than anything else."""
    return TOO_FEW * max(enough - ticks, 0) + abs(math.log(ticks / target)) if ticks else math.inf


def first_that_fits(
    window: Window, width: int, sets: Sequence[Sequence[int]], text: Callable[[int], str], even: Callable[[], Axis]
) -> Axis:
    """Ticks at the first set of round numbers that fits and has enough of them.

    Where none has, as on a part of a decade, as many round numbers are taken as fit, or else ticks in even steps.
    """
    found = []
    for numbers in sets:
        there = [number for number in numbers if window.first <= number <= window.last]
        ticks = laid_out(window, there, list(map(text, there)), width, 0)
        if len(ticks) == len(there):
            found.append(Axis(ticks))
            if len(ticks) >= LEAST:
                return found[-1]
    kept: list[int] = []
    for number in dict.fromkeys(number for numbers in sets[1:] for number in numbers):
        more = sorted([*kept, number])
        if (
            window.first <= number <= window.last
            and laid_out(window, more, list(map(text, more)), width, 0)[len(kept) :]
        ):
            kept = more
    found.append(Axis(laid_out(window, kept, list(map(text, kept)), width, 0)))
    if len(found[-1].ticks) < LEAST:
        found.append(even())
    return max(found, key=lambda axis: len(axis.ticks))
