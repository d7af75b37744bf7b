"""Which rows of a comparison are looked at: what the user chose, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magnus_tracking.analysis.compare.comparison import Comparison, is_ignored
from magnus_tui import format, keys
from magnus_tui.format.text import clean

_MOST_NAMED = 6
"""Ignored rows that are named; few lines have room for more."""


@dataclass
class RowFilter:
    """What the user chose to see.

    Attributes:
        all_rows: whether rows that do not differ are shown.
        by_difference: whether the most different rows come first.
        with_ignored: whether ignored rows are shown.
        filter: words that every shown row holds.
    """

    all_rows: bool = False
    by_difference: bool = False
    with_ignored: bool = False
    filter: str = ""

    def kept(self, whole: Comparison, ignored: Sequence[str]) -> Comparison:
        """The rows that are not ignored, or all where those are shown."""
        return whole if self.with_ignored else whole.ignoring(ignored)

    def shown(self, whole: Comparison, ignored: Sequence[str]) -> Comparison:
        """The rows to be shown, in their order."""
        kept = self.kept(whole, ignored)
        shown = (kept if self.all_rows else kept.changed()).matching(self.filter)
        return shown.most_different_first() if self.by_difference else shown

    def words(self, whole: Comparison, shown: Comparison, ignored: Sequence[str]) -> str:
        """What is shown, in a few words."""
        said = [f"{len(shown.rows):,} of {format.count(len(whole.rows), 'row')}"]
        said.append("all rows" if self.all_rows else "differences only")
        if self.by_difference:
            said.append("most different first")
        left_out = len(whole.rows) - len(whole.ignoring(ignored).rows)
        if left_out:
            said.append(f"{left_out:,} ignored{', shown' if self.with_ignored else ''}")
        return " · ".join(said)

    def hint(self, whole: Comparison, ignored: Sequence[str]) -> str | None:
        """Which rows are ignored, and what brings them back; None where no row is."""
        left_out = [row.name for row in whole.rows if is_ignored(row, ignored)] if ignored else []
        if not left_out:
            return None
        if self.with_ignored:
            return f"filter  {keys.shown('ignore')} stops ignoring a row"
        named = ", ".join(map(clean, left_out[:_MOST_NAMED]))
        # The names are an entry of their own: with little room the key is said without them.
        return f"filter  {keys.shown('show_ignored')} shows  {named}{', …' * (len(left_out) > _MOST_NAMED)}"

    def why_empty(self, whole: Comparison, ignored: Sequence[str]) -> str:
        """Why no row is shown, and what to press."""
        if self.filter and not self.all_rows:
            return (
                f"no differing row matches; {keys.shown('all_rows')} shows all rows, "
                f"{keys.shown('back')} clears the filter"
            )
        if self.filter:
            return f"no row matches; {keys.shown('back')} clears the filter"
        kept = self.kept(whole, ignored)
        if not self.all_rows and kept.rows:
            return f"no differences in {format.count(len(kept.rows), 'row')}; {keys.shown('all_rows')} shows them all"
        return f"every row is ignored; {keys.shown('show_ignored')} shows them"
