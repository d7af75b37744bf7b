"""The line in which what has the focus is filtered: what is asked, how to go on, and how much obeys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from magnus_tui import keys
from magnus_tui.format.text import clean, truncate, truncate_entries
from magnus_tui.widgets.line_input import LineInput
from magnus_tui.widgets.query_problem import QueryProblem

if TYPE_CHECKING:
    from magnus_tui.screen import Explorer

_WORDS = "words to find in a line; enter applies, esc clears"
_INDENT = 3
_MOST_SAID = 65
"""Hundredths of the line that what is said at the right takes at most; the style sheet cuts there."""


class Offer(Protocol):
    """What could stand where the cursor is; see `magnus_tracking.query.Completion`."""

    @property
    def start(self) -> int:
        """Where in the query it begins."""

    @property
    def text(self) -> str:
        """What is put there."""

    def applied(self, query: str) -> str:
        """The query with the offer in it."""


class Completer(Protocol):
    """What knows how a query can go on; called from worker threads."""

    def offers(self, query: str, cursor: int) -> Sequence[Offer]:
        """What could stand at the cursor, the likeliest first."""

    def examples(self) -> str:
        """Some whole queries, and how they are joined, in a line."""


class FilterInput(LineInput):
    """The line that is typed; its own arrows would scroll, which a line can't."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OFFERS)]

    class OfferWanted(Message):
        """Another of what could stand here is to be chosen.

        Attributes:
            step: 1 for the next one, -1 for the one before.
        """

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, placeholder: str, *, completes: bool) -> None:
        """Make the line.

        Args:
            placeholder: what it says while it is empty.
            completes: whether there is something to choose.
        """
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self._completes = completes
        self._says = placeholder

    def on_resize(self) -> None:
        """Fit what it says while it is empty; Textual would break it after the last word that fits."""
        self.say(self._says)

    def say(self, said: str) -> None:
        """Say something while it is empty; where it is too long, whole entries, which have two spaces between them."""
        self._says = said
        self.placeholder = truncate_entries(said, self.content_size.width) if self.content_size.width else said

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only with a completer there is something to choose."""
        return self._completes or action not in ("next_offer", "previous_offer")

    def action_next_offer(self) -> None:
        """Choose the next."""
        self.post_message(self.OfferWanted(1))

    def action_previous_offer(self) -> None:
        """Choose the previous."""
        self.post_message(self.OfferWanted(-1))


class FilterBar(Vertical):
    """A query that is applied as it is typed; it stays visible while it filters.

    With a completer, two lines below it say while it is typed how it can go on, and give examples.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.TYPING)]

    class Changed(Message):
        """Another query was typed."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Kept(Message):
        """Enter was pressed: the query stays, the list gets the focus."""

    class Left(Message):
        """The bar was left: the query goes, the list gets the focus."""

    def __init__(self, completer: Completer | None = None, *, hides: bool = False) -> None:
        """Make the bar.

        Args:
            completer: knows how a query can go on; None where only words are typed.
            hides: whether the bar takes no room until it is used.
        """
        super().__init__()
        self._completer = completer
        said = _WORDS if hides else f"filter: press {keys.shown('filter')}"
        self._usual = said
        self._input = FilterInput(said, completes=completer is not None)
        self._input.can_focus = False
        self._said = Static(markup=False)
        self._offered = Static(markup=False, classes="filter-offers")
        self._offered.display = False
        self._hides = hides
        self._offers: Sequence[Offer] = ()
        self._offers_for: tuple[str, int] | None = None
        self._examples = ""
        self._chosen = -1
        self.display = not hides
        self._says: tuple[Text, tuple[str, ...]] = Text(), ()

    def compose(self) -> ComposeResult:
        """The line, unless it takes no room yet; below, what is wrong with the query, and how to go on."""
        if not self._hides:
            with Horizontal():
                yield from self._line()
        if self._completer is not None:
            yield QueryProblem(self.cell_of)
            yield self._offered

    def _line(self) -> Sequence[Widget]:
        """A slash, the query, and what it found."""
        return Static("/", id="slash", markup=False), self._input, self._said

    def on_mount(self) -> None:
        """Show what is offered in the colours of another theme, once there is one."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show_offers())

    @property
    def query_text(self) -> str:
        """The query as it stands."""
        return self._input.value

    @query_text.setter
    def query_text(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    @property
    def is_typing(self) -> bool:
        """Whether the query is being typed."""
        return self._input.has_focus

    def greet(self, said: str | None) -> None:
        """Say something where the query will stand, until one does; None for what is usual."""
        self._input.say(said or self._usual)

    def cell_of(self, position: int) -> int | None:
        """The cell of the screen's line at which the query's character at `position` stands; None out of sight."""
        cell = cell_len(clean(self.query_text[:position])) - round(self._input.scroll_x)
        room = self._input.content_region
        return room.x + cell if 0 <= cell <= room.width else None

    def when_scrolled(self, then: Callable[[], None]) -> None:
        """Call `then` whenever the query was scrolled to the side."""
        self.watch(self._input, "scroll_x", then, init=False)

    def start(self) -> None:
        """Let the query be typed."""
        if self._input.parent is None:
            # A screen opens sooner without a line that is not asked for yet. Mounted so, it can have the focus at once.
            line = Horizontal()
            self.mount(line)
            line.mount(*self._line())
        self.display = True
        self._input.can_focus = True
        self._input.focus()
        if self._completer is not None:
            # Room for offers moves all that is below: after the frame that shows that the key was heard.
            self.call_after_refresh(self._make_room)
            self._look_up()

    def _make_room(self) -> None:
        self._offered.display = self.is_typing

    def stop(self) -> None:
        """Give the keys back to the list."""
        self._input.can_focus = False
        self._offered.display = False

    def reset(self) -> None:
        """Give the keys back, without a query, and without the room that it took."""
        self.query_text = ""
        self.say(Text())
        self.stop()
        self.display = not self._hides

    def say(self, text: Text, *hints: str) -> None:
        """Say something at the right: how many runs obey.

        Args:
            text: what is said in any case.
            hints: what is said behind it, each as far as there is room for it and those before it.
        """
        if (text, hints) != self._says:
            self._says = text, hints
            self._show_said()

    def _show_said(self) -> None:
        text, hints = self._says
        room = self.size.width * _MOST_SAID // 100
        kept = truncate_entries(text.plain, room) if room else text.plain
        said = text.copy() if kept == text.plain else Text.assemble(text[: len(kept) - 1], "…")
        for hint in hints:
            if said.cell_len + cell_len(hint) + 3 > room:
                break
            said.append(f" · {hint}", self.app.theme_variables.get("dim", ""))
        self._said.update(said)

    def on_resize(self) -> None:
        """Say the hints that there is room for now."""
        self._show_said()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the query on, and look up how it could go on."""
        event.stop()
        self.post_message(self.Changed(event.value))
        if self.is_typing and self._completer is not None:
            self._look_up()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the query; where an offer was chosen with the arrows, take that first."""
        event.stop()
        if self._chosen >= 0:
            self.action_complete()
            return
        self.stop()
        self.post_message(self.Kept())

    def action_leave(self) -> None:
        """Out of the bar."""
        self.post_message(self.Left())

    # How to go on

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only with a completer there is something to choose."""
        return self._completer is not None or action != "complete"

    @property
    def _place(self) -> tuple[str, int]:
        return self._input.value, self._input.cursor_position

    def _look_up(self) -> None:
        completer, place = self._completer, self._place
        assert completer is not None

        def look_up() -> None:
            worker = get_current_worker()
            cast("Explorer", self.app).let_answer()
            found, examples = completer.offers(*place), self._examples or completer.examples()
            if not worker.is_cancelled:
                self.app.call_from_thread(self._offer, place, found, examples)

        self.run_worker(look_up, group="offers", exclusive=True, thread=True, description="how a query goes on")

    def _offer(self, place: tuple[str, int], offers: Sequence[Offer], examples: str) -> None:
        self._offers, self._offers_for, self._examples, self._chosen = offers, place, examples, -1
        self._show_offers()

    def _show_offers(self) -> None:
        """Show as many offers as have room, the chosen one among them, and the examples below."""
        variables = self.app.theme_variables
        dim = variables.get("dim", "")
        room = self.size.width - _INDENT - 2
        line = Text(" " * (_INDENT - 1), no_wrap=True)
        first = self._first_shown(room)
        for place, offer in enumerate(self._offers[first:], first):
            text = clean(offer.text)
            if place > first and line.cell_len + cell_len(text) + 2 > room:
                line.append(" …", dim)
                break
            line.append(" ")
            line.append(truncate(text, room), "reverse" if place == self._chosen else variables.get("accent", ""))
            line.append(" ")
        line.append("\n" + " " * _INDENT + truncate_entries(self._examples, room), dim)
        self._offered.update(line)

    def _first_shown(self, room: int) -> int:
        """The first offer to show, so that the chosen one is seen."""
        first, used = max(self._chosen, 0), 0
        while first > 0 and used < room - cell_len(clean(self._offers[first].text)) - 2:
            used += cell_len(clean(self._offers[first].text)) + 2
            first -= 1
        return first

    def on_filter_input_offer_wanted(self, event: FilterInput.OfferWanted) -> None:
        """Choose another of what could stand here."""
        self._choose(event.step)

    def _choose(self, by: int) -> None:
        if self._offers and self._offers_for == self._place:
            self._chosen = max(-1, min(self._chosen + by, len(self._offers) - 1))
            self._show_offers()

    def action_complete(self) -> None:
        """Put what was chosen, or else the first offer, where the cursor is."""
        if self._offers_for == self._place:
            self._take(self._offers)
        elif self._completer is not None:
            # What was chosen stood elsewhere in the query.
            self._chosen, completer, place = -1, self._completer, self._place
            cast("Explorer", self.app).before_next_key(lambda: completer.offers(*place), self._take)

    def _take(self, offers: Sequence[Offer]) -> None:
        if offers:
            offer = offers[max(self._chosen, 0)]
            self._chosen = -1
            self._input.value = offer.applied(self._input.value)
            self._input.cursor_position = offer.start + len(offer.text)
