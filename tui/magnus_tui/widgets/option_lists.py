"""Lists of options in dialogs, which can be filtered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.widgets import Checkbox, OptionList, SelectionList
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from magnus_tui import keys
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.filtering_screen import Filtered, matcher


class _Name(Content):
    """A text of an option. Textual asks six times how high each of thousands is while a dialog opens."""

    def get_height(self, rules: RulesMap, width: int) -> int:
        """One line where it fits into one."""
        return 1 if self.cell_length <= width or width < 1 else super().get_height(rules, width)


class _Tick(Selection[str]):
    """A name to be ticked."""

    @property
    def prompt(self) -> Content:
        """What is shown of it."""
        return _Name(clean(self.value))


_TICK = 4
"""Cells that a tick takes, with its sides and the gap behind it."""

_AT_FIRST = 100
"""Options that are made before a dialog is painted: no terminal shows more. Thousands take longer than a frame."""


def _look(options: OptionList, place: int) -> Style:
    """What a line of a list of options is drawn with."""
    is_here, is_below_mouse = place == options.highlighted, place == options._mouse_hovering_over
    state = "-highlighted" if is_here else "-hover" if is_below_mouse else ""
    looks = ("option-list--option", f"option-list--option{state}") if state else ("option-list--option",)
    return options.get_visual_style(*looks).rich_style


class FilteredOptions(OptionList, inherit_bindings=False):
    """A list of options to choose one from; the id of each is its position among all of them.

    The key that chooses is the dialog's, whose footer names it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OPTIONS)]

    def __init__(self, shown: Iterable[str] = ()) -> None:
        """Make the list.

        Args:
            shown: the text of each option.
        """
        super().__init__()
        self._every: Sequence[str] = ()
        self.show(shown)

    def show(self, shown: Iterable[str]) -> None:
        """Show other options."""
        self._every = list(shown)
        self._fill("")

    def render_line(self, y: int) -> Strip:
        """A line; where each option has one, it is drawn in a fifth of Textual's time."""
        place = self.scroll_offset.y + y
        if place >= self.option_count or len(self._lines) != self.option_count:
            return super().render_line(y)
        shown, room = (
            clean(self._every[int(self.get_option_at_index(place).id or 0)]),
            self.scrollable_content_region.width,
        )
        line = Segment(shown + " " * (room - cell_len(shown)), _look(self, place))
        return Strip([line], room).apply_meta({"option": place})

    def _fill(self, text: str) -> int:
        holds = matcher(text)
        kept = [Option(_Name(clean(one)), id=str(place)) for place, one in enumerate(self._every) if holds(one)]
        self.clear_options().add_options(kept)
        self.highlighted = 0 if kept else None
        return len(kept)

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        # Textual looks for the line of an option in a list that has no room, or whose lines are just being made anew.
        with suppress(LookupError):
            super()._move_page(direction)

    def filter_lines(self, text: str) -> None:
        """Show only the options that hold every word of `text`."""
        kept = self._fill(text)
        self.post_message(Filtered(f"{kept:,} of {len(self._every):,}", is_empty=not kept))


class FilteredTicks(SelectionList[str], inherit_bindings=False):
    """Options to be ticked; what is ticked stays so while it is filtered away.

    The keys that tick are the dialog's, whose footer names them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OPTIONS)]

    def __init__(self, names: Sequence[str], ticked: Iterable[str], *, id: str | None = None) -> None:
        """Make the list.

        Args:
            names: what can be ticked.
            ticked: what is ticked at first.
            id: the widget's id.
        """
        self._names = names
        ticks, first = set(ticked), names[:_AT_FIRST]
        self._hidden_ticks = ticks.difference(first)
        self._is_whole = len(first) == len(names)
        super().__init__(*(_Tick("", name, name in ticks) for name in first), id=id)

    def on_mount(self) -> None:
        """Make the options that are out of sight once those in sight are painted."""
        if not self._is_whole:
            self.call_after_refresh(self._add_rest)

    def _add_rest(self) -> None:
        self._is_whole = True
        self.add_options(_Tick("", name, name in self._hidden_ticks) for name in self._names[_AT_FIRST:])
        self._hidden_ticks = set()

    def awaits(self, _verb: str) -> bool:
        """Keys wait until all options are there."""
        return not self._is_whole

    def render_line(self, y: int) -> Strip:
        """A line with its tick, if it has one: Textual tells ticked and not by the colour of the same sign.

        Names are plain, and each has one line, which is drawn in a fifth of Textual's time.
        """
        place = self.scroll_offset.y + y
        if place >= self.option_count:
            return super().render_line(y)
        name = self.get_option_at_index(place).value
        is_ticked = name in self._selected
        ticked, here = "-selected" if is_ticked else "", "-highlighted" if place == self.highlighted else ""
        sign, text = self.get_component_rich_style(f"selection-list--button{ticked}{here}"), _look(self, place)
        side = Style.from_color(sign.bgcolor, text.bgcolor)
        room = self.scrollable_content_region.width - _TICK
        shown = truncate(clean(name), room)
        segments = [
            Segment(Checkbox.BUTTON_LEFT, side),
            Segment("x" if is_ticked else " ", sign),
            Segment(Checkbox.BUTTON_RIGHT, side),
            Segment(" " + shown + " " * (room - cell_len(shown)), text),
        ]
        return Strip(segments, room + _TICK).apply_meta({"option": place})

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        with suppress(LookupError):
            super()._move_page(direction)

    def _on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        # Typed fast enough, the next letter has filtered away what this tells of, which Textual looks up.
        if event.option_index >= self.option_count:
            event.prevent_default().stop()

    @property
    def ticked(self) -> list[str]:
        """What is ticked, in the order of the list."""
        ticks = self._hidden_ticks | set(self.selected)
        return [name for name in self._names if name in ticks]

    def filter_lines(self, text: str) -> None:
        """Show only the options that hold every word of `text`."""
        ticks, holds = set(self.ticked), matcher(text)
        kept = [name for name in self._names if holds(name)]
        self._hidden_ticks = ticks - set(kept)
        self.clear_options()
        self.add_options(_Tick("", name, name in ticks) for name in kept)
        self.highlighted = 0 if kept else None
        self.post_message(Filtered(f"{len(kept):,} of {len(self._names):,}", is_empty=not kept))
