"""What a benchmark found, and the table that shows it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured cost, beside the cost that it is compared with.

    Attributes:
        question: what was measured.
        cost: its samples, in milliseconds.
        floor_name: what it is compared with.
        floor: the samples of that, taken in turn with `cost`; empty where nothing is compared.
        bound: the ratio of the medians that is asked for, or None.
        at_least: whether the ratio must be at least `bound`, of floor to cost: how many times sooner it is.
    """

    question: str
    cost: Sequence[float]
    floor_name: str = ""
    floor: Sequence[float] = ()
    bound: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Of the medians; None where nothing is compared."""
        if not self.floor:
            return None
        cost, floor = statistics.median(self.cost), statistics.median(self.floor)
        return floor / cost if self.at_least else cost / floor

    @property
    def holds(self) -> bool | None:
        """Whether the ratio is as asked for; None where nothing was asked for."""
        ratio = self.ratio
        if ratio is None or self.bound is None:
            return None
        return ratio >= self.bound if self.at_least else ratio <= self.bound


_HEADINGS = ("question", "median ms", "compared with", "its median ms", "ratio", "asked for", "")


def as_table(findings: Sequence[Finding]) -> Table:
    """The findings as a table of medians and ratios."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in _HEADINGS:
        table.add_column(name, justify="left" if name in ("question", "compared with", "") else "right")
    for finding in findings:
        table.add_row(*_cells(finding))
    return table


def as_markdown(findings: Sequence[Finding]) -> str:
    """The same table as Markdown has it."""
    rows = [_HEADINGS, ("---", "--:", "---", "--:", "--:", "--:", "---"), *map(_cells, findings)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def _cells(finding: Finding) -> tuple[str, ...]:
    ratio, holds = finding.ratio, finding.holds
    return (
        finding.question,
        f"{statistics.median(finding.cost):,.1f}",
        finding.floor_name,
        f"{statistics.median(finding.floor):,.1f}" if finding.floor else "",
        "" if ratio is None else f"{ratio:.2f}",
        "" if finding.bound is None else f"{'≥' if finding.at_least else '≤'} {finding.bound:g}",
        "" if holds is None else "holds" if holds else "missed",
    )
