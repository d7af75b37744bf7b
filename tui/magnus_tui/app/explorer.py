"""The application: themes, settings, the feed's workers, and the stack of screens."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

from msgspec.structs import replace
from rich.console import RenderableType
from textual import on
from textual.binding import BindingType
from textual.dom import DOMNode, NoScreen
from textual.driver import Driver
from textual.events import Event, Key
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker, WorkerFailed, active_worker, get_current_worker

from magnus_tracking.errors import ConfigurationError, MagnusTrackingError
from magnus_tui import keys, settings
from magnus_tui.app import routes
from magnus_tui.app.clipboard import copy_and_say
from magnus_tui.app.editing import edit_elsewhere
from magnus_tui.app.key_answers import KeyAnswers, collect_garbage
from magnus_tui.app.key_order import Handled, KeyOrder
from magnus_tui.app.screen_opener import ScreenOpener
from magnus_tui.app.store_updates import StoreUpdates
from magnus_tui.app.themes import FOLDER, ThemeChoice
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import CopyChanged, RunsChanged, StoreFailed, StoreSeen
from magnus_tui.feed.prefetch import SeriesFeed
from magnus_tui.format.text import clean, clean_lines, home_relative
from magnus_tui.runs.list_query import FirstLook, look_first
from magnus_tui.runs.screen import RunsScreen
from magnus_tui.screen import Awaiting, Explorer, LateScreen, Showing, read_styles
from magnus_tui.screen_requests import RunsListed, ScreenRequested
from magnus_tui.terminal.notification import notification
from magnus_tui.terminal.wire import SparingDriver, sparing
from magnus_tui.widgets.escape_guard import PrintableFilter
from magnus_tui.widgets.numbered_rows import Numbered

if TYPE_CHECKING:
    from magnus_tracking.stores import Store
    from magnus_tui.widgets.drawn_charts import DrawnCharts

T = TypeVar("T")
R = TypeVar("R")

_log = logging.getLogger(__name__)

_PRINTABLE = PrintableFilter()
_HIGH = 16
"""Lines of the terminal below which dialogs do without margins."""

_NEVER_WAIT = frozenset(
    ["back", "help", "interrupt", "palette", "quit", "repaint", "stop", *(f"tab_{place}" for place in range(1, 10))]
)
"""Verbs that act on nothing that is being read."""


class ExplorerApp(Explorer):
    """The explorer of one store.

    Attributes:
        settings: what the user chose.
        crash: what ended it, if that was a fault of ours.
        is_elsewhere: whether an editor has the terminal.
        has_store: whether the store is there, as far as is known.
        copying: what is going on with the copy of a store that lies elsewhere; empty when it is up to date.
        copy_problem: why it can't be brought up to date, in one line; None where nothing is amiss.
        places: what opens the store again.
        next_stores: what is opened when the explorer ends.
        on_leaving: called with the exit status as soon as it is about to end.
    """

    TITLE = "magnus-tui"
    # Those of the first screens, too: Textual reads what a screen brings only when it is pushed.
    CSS = read_styles(
        __file__,
        "explorer.tcss",
        "../widgets/widgets.tcss",
        "../widgets/metrics.tcss",
        "../runs/runs.tcss",
        "../dialogs/getting_started.tcss",
    )
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.APP), keys.QUIT_ANYWHERE]
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        store: Store | MagnusTrackingError,
        settings_file: Path | None = None,
        clock: Callable[[], datetime] | None = None,
        series: SeriesFeed | None = None,
        driver_class: type[Driver] | None = None,
        keeps_settings: bool = True,
    ) -> None:
        """Make the application.

        Args:
            store: what is explored, or why there is nothing to explore.
            settings_file: where the settings are, if not in the user's configuration folder.
            clock: gives the naive local time in the zone of the runs, if not this machine's clock.
            series: the series of the store's runs, if some are being read already.
            driver_class: what draws it, if not what Textual chooses.
            keeps_settings: whether what the user chooses is written into the settings; it is not where anybody may be
                at the keys.
        """
        super().__init__(driver_class=sparing(driver_class) if driver_class else None)
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (_HIGH, "-high")]
        # No widget has one, and each screen would have the widget that shows them.
        self._disable_tooltips = True
        self._key_order = KeyOrder(self, self._deliver)
        self._answers = KeyAnswers(self, self._key_order)
        self._opener = ScreenOpener(self, self._dress, self._key_order.press_first)
        self._just_opened: DOMNode | None = None
        self.crash: BaseException | None = None
        self.is_elsewhere = False
        self.on_leaving: Callable[[int], None] = lambda _: None
        self._store = store
        if isinstance(store, MagnusTrackingError):
            routes.getting_started_screen()  # imported before the event loop starts
        self._clock = clock
        self._feed = None if isinstance(store, MagnusTrackingError) else Feed(store, series)
        self.settings_file = settings_file or settings.settings_path()
        self.settings, self._settings_error = _load(self.settings_file)
        if self._feed is not None:
            self.settings = self.settings.of_store(home_relative(self._feed.store.place))
        settings.use_settings(self.settings)
        self._take_keys()
        self._settings_writer = settings.SettingsWriter(self.settings_file if keeps_settings else None)
        if self._feed is not None:
            self._feed.use_settings(self.settings)
        self._themes = ThemeChoice(self, self.settings_file.parent / FOLDER)
        self.following = self.settings.follow
        self._first = self._look_first()
        self.has_store = True
        self.next_stores: tuple[str, ...] = ()
        self.places: tuple[str, ...] = ()
        # Until the first listing is there.
        self.copying = "listing" if self._feed is not None and self._feed.store.is_copy else ""
        self.copy_problem: str | None = None
        self._updates = StoreUpdates(self, self._feed) if self._feed is not None else None

    def get_driver_class(self) -> type[Driver]:
        """Whichever driver Textual picks, but only what changes is sent to the terminal."""
        return sparing(super().get_driver_class())

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """The screens that show through the top one; Textual counts the one below an opaque screen as well.

        A change of the hidden list would paint the whole screen above it. Covered screens hold their layout until
        Textual resumes them.
        """
        return [] if self.screen.styles.background.a == 1 else super()._background_screens

    def _take_keys(self) -> None:
        """Use the user's keys, unless a key would then have two meanings."""
        chosen, wrong = keys.chosen_in(self.settings.keys)
        if wrong:
            self._settings_error = self._settings_error or f"{self.settings_file}: keys: {wrong[0]}"
            chosen = {}
        keys.choose(chosen)
        self.set_keymap(chosen)

    @on(RunsListed)
    def _list_runs(self, wanted: RunsListed) -> None:
        """Go back to the list, and show there what was asked for by name."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, RunsScreen):
            self.screen.list_asked(wanted)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Filter every line of every widget, so that text out of a store never drives the terminal."""
        return [*super().get_line_filters(), _PRINTABLE]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # widgets give true unless told otherwise
    ) -> None:
        """Say something for a moment, in a line of its own; its text is data, never markup.

        What a key is answered takes the place of what the key before was answered.
        """
        for said in [one for one in self._notifications if one.severity == severity == "information"]:
            self._unnotify(said, refresh=False)
        super().notify(clean(message), title=clean(title), severity=severity, timeout=timeout, markup=False)

    @property
    def feed(self) -> Feed:
        """The only door to the core."""
        assert self._feed is not None, "screens that ask for the feed are only opened on a store"
        return self._feed

    @property
    def updates(self) -> StoreUpdates:
        """What keeps the index up to date."""
        assert self._updates is not None, "screens that ask for updates are only opened on a store"
        return self._updates

    def now(self) -> datetime:
        """The time now, naive, in the zone in which the runs' times are read."""
        return self._clock() if self._clock else self.settings.now()

    def get_default_screen(self) -> Screen[None]:
        """The list of runs, so that it is the first thing painted; without a store, why there is none."""
        if isinstance(self._store, MagnusTrackingError):
            return routes.getting_started_screen()(self._store)
        assert self._first is not None
        screen = RunsScreen(self.feed, self._first)
        self._dress(screen)
        return screen

    # Keys, and the screens that they open

    async def on_event(self, event: Event) -> None:
        """Hand on keys in order, unless they wait for a screen that is being opened."""
        if isinstance(event, Key):
            self._answers.pressed()
        await self._key_order.take(event)
        self._answers.look()

    def let_answer(self) -> None:
        """Wait, in a thread that works, until keys are answered; see `Explorer.let_answer`."""
        self._answers.wait()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        self._answers.painted()

    async def _deliver(self, event: Event) -> None:
        if not self._opener.keeps(event, self._must_wait):
            await super().on_event(event)

    def _must_wait(self, key: str) -> bool:
        """Whether what a key acts on is only being read, because the keys before it asked for it."""
        focused = self.focused or self.screen
        verb = keys.verb_of(key)
        if isinstance(focused, Input) or verb is None or verb in _NEVER_WAIT:
            return False
        nodes = (cast(object, node) for node in focused.ancestors_with_self)
        return any(isinstance(node, Awaiting) and node.awaits(verb) for node in nodes)

    @on(Handled)
    async def _key_handled(self, message: Handled) -> None:
        await self._key_order.handled(message)
        self._answers.look()

    @on(ScreenRequested)
    def _screen_requested(self, request: ScreenRequested) -> None:
        self._opener.push(routes.screen_for(self.feed, request), None, instead=request.instead)

    def open_screen(self, late: LateScreen[T], then: Callable[[T | None], Any] | None = None) -> None:
        """Open a screen; see `Explorer.open_screen`."""
        self._opener.push(late, then)

    def before_next_key(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Do something before the next key is heard; see `Explorer.before_next_key`."""
        self._opener.before_next_key(prepare, then)

    def _dress(self, screen: Screen[Any]) -> None:
        """Give a screen what it is styled by before it is opened, so that it is styled once.

        Textual styles it, and all in it, as each is mounted, again before the first frame, and a third time once it
        knows whether the screen is low: half of what opening a run takes the event loop.
        """
        self._load_screen_css(screen)
        for name in screen._get_breakpoint_classes(self.size.height, self.VERTICAL_BREAKPOINTS or []):
            screen.add_class(name, update=False)
        self._just_opened = screen

    def update_styles(self, node: DOMNode, animate: bool = True) -> None:
        """Style a widget and all in it anew, but not a screen that was just opened; see `_dress`.

        Where a class of it changes before its first frame, that frame's own styling, which follows, takes that in. What
        is not mounted yet is styled when it is.
        """
        if node is self._just_opened:
            self._just_opened = None
        elif node.parent is not None or node is self:
            super().update_styles(node, animate)

    # Reading the store

    def _look_first(self) -> FirstLook | None:
        """What the first screen shows, read before there is an event loop; its thread ends with its connection."""
        if self._feed is None:
            return None
        with ThreadPoolExecutor(1) as executor:
            return executor.submit(look_first, self._feed, self.settings).result()

    def open_stores(self, places: tuple[str, ...]) -> None:
        """End, and open other stores instead of this one, in a new process."""
        self.next_stores = places
        self.exit()

    def on_mount(self) -> None:
        """Start verifying the store once the first frame is out."""
        if self._settings_error:
            self.call_after_refresh(self._say_settings_error, self._settings_error)
        self.theme_changed_signal.subscribe(self, self._themes.chosen)
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())
        self.call_after_refresh(self._painted)

    def action_repaint(self) -> None:
        """Paint everything again: something else was on the terminal."""
        self._forget_shown()
        self.refresh(layout=True)

    def _forget_shown(self) -> None:
        if isinstance(self._driver, SparingDriver):
            self._driver.forget_shown()

    def on_resize(self) -> None:
        """Paint everything again: after a resize, even there and back, nobody knows what the terminal shows."""
        self._forget_shown()
        self.refresh()

    def _painted(self) -> None:
        """Do what had to wait for the first frame."""
        collect_garbage()
        self.run_worker(self._import_late, group="modules", thread=True, description="modules of other screens")
        self.run_worker(self._themes.read_others, group="themes", thread=True, description="themes")
        if self._feed is not None:
            self.updates.verify()

    def _import_late(self) -> None:
        worker = get_current_worker()

        def should_stop() -> bool:
            self._answers.wait_for_rest(lambda: worker.is_cancelled)
            return worker.is_cancelled

        for kind in routes.import_late_modules(should_stop):
            if should_stop():
                return
            self.call_from_thread(self._take_styles, kind)

    def _take_styles(self, kind: type[Widget]) -> None:
        """Take in the styles of another screen, or of a widget of one.

        Textual would read all styles anew as each screen is first opened, and those of each widget as it is mounted: a
        quarter of a frame from the key that opens a dialog. Those of all at once would take three frames here.
        """
        known = len(self.stylesheet.source)
        if issubclass(kind, Screen) and vars(kind).get("CSS"):
            place = inspect.getfile(kind), f"{kind.__name__}.CSS"
            if not self.stylesheet.has_source(*place):
                self.stylesheet.add_source(kind.CSS, read_from=place, is_default_css=False)
        for place, styles, order, scope in kind._get_default_css(kind.__new__(kind)):
            self.stylesheet.add_source(styles, place, is_default_css=True, tie_breaker=order, scope=scope)
        if len(self.stylesheet.source) > known:
            self.stylesheet.parse()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what the workers do, for ``--debug``."""
        _log.debug("worker %s (%s): %s", event.worker.group, event.worker.description[:80], event.state.name)

    def _say_settings_error(self, error: str) -> None:
        _log.debug("settings: %s", error)
        self.notify(f"settings: {error}", severity="error", timeout=10)

    def complete_metrics(self) -> None:
        """Read what a question looked at and a first reading left out; see `Explorer.complete_metrics`."""
        self.updates.complete()

    def prepare_filter(self) -> None:
        """Make ready what a filter needs now, because one is about to be typed."""
        if self._updates is not None:
            self._updates.prepare_filter()

    def toggle_following(self) -> None:
        """Follow changes of the store from now on, or no longer."""
        self.following = not self.following
        self.updates.follow(on=self.following)

    async def on_unmount(self) -> None:
        """Let go of the threads and of the index; what was chosen last is written."""
        if self._updates is not None:
            self._updates.stop()
        # A thread of its own: those that read may all be waiting for a store that does not answer.
        with ThreadPoolExecutor(1) as executor:
            await asyncio.get_running_loop().run_in_executor(executor, self._let_go)

    def _let_go(self) -> None:
        # There is no screen any more on which a file that can't be written could be told of.
        with contextlib.suppress(ConfigurationError):
            self._settings_writer.write()
        if self._feed is not None:
            self._feed.close()

    @property
    def _whole_screens(self) -> list[Screen[Any]]:
        """The open screens, also those below the top, but not one that is still being made or is being taken apart."""
        return [screen for screen in self.screen_stack if screen.is_mounted and screen.display]

    def on_runs_changed(self, event: RunsChanged) -> None:
        """Tell every screen that shows runs."""
        for screen in self._whole_screens:
            handler = getattr(screen, "runs_changed", None)
            if handler is not None:
                handler(event)

    def on_drawn_charts_look_chosen(self, event: DrawnCharts.LookChosen) -> None:
        """Draw charts so from now on, on all screens and in later sessions."""
        self.remember(charts=event.look.chosen())

    def on_store_failed(self, event: StoreFailed) -> None:
        """Say what can't be done, once, without stopping anything."""
        self.notify(event.notice, severity="warning", timeout=10)

    def on_copy_changed(self, event: CopyChanged) -> None:
        """Show the state of a store's copy; report a problem once, for as long as it stays the same."""
        if event.problem is not None and event.problem != self.copy_problem:
            self.notify(event.problem, severity="warning", timeout=10)
        if event.problem is not None or not event.said:
            self.copy_problem = event.problem
        if event.said != self.copying or event.problem is not None:
            self.copying = event.said
            self._say_counts()

    def on_store_seen(self, event: StoreSeen) -> None:
        """Say what became of the store, on whatever screen is open; the list shows for how long it is gone."""
        self.has_store = event.is_there
        severity: Literal["information", "warning"] = "information" if event.is_there else "warning"
        self.notify(event.said, severity=severity, timeout=10)
        self._say_counts()

    def _say_counts(self) -> None:
        for screen in self._whole_screens:
            if isinstance(screen, RunsScreen):
                screen.say_counts()

    def remember(self, **changes: Any) -> None:
        """Keep a choice of the user in the settings file, and for this session in any case."""
        kept = changes
        if self._feed is not None:
            kept = self.settings.kept_for(home_relative(self._feed.store.place), changes)
        self.settings = replace(self.settings, **{**kept, **changes})
        self._settings_writer.keep(**kept)
        self.run_worker(self._write_settings, group="settings", thread=True, description="the settings file")

    def _write_settings(self) -> None:
        self.let_answer()
        try:
            self._settings_writer.write()
        except ConfigurationError as error:
            self.call_from_thread(self.notify, f"not remembered: {error}", severity="warning")

    def call_from_thread(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run on the event loop what shows the result of a worker.

        The user may leave a screen after its worker has looked whether it is still there: that its parts are gone then
        is no fault.
        """
        worker = active_worker.get(None)

        def show() -> Any:
            try:
                return callback(*args, **kwargs)
            except Exception as error:
                if worker is None or not self._is_left(worker.node):
                    raise
                _log.debug("of a screen that was left: %r", error, exc_info=error)
                return None

        return super().call_from_thread(show)

    def _is_left(self, node: DOMNode) -> bool:
        """Whether a screen, or the screen that a widget was on, is no longer on the stack."""
        if node is self:
            return False
        try:
            return node.screen not in self.screen_stack
        except NoScreen:
            return True

    # How it ends

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """End; the process ends a moment later even if something can't be waited for."""
        self.on_leaving(return_code)
        super().exit(result, return_code, message)

    def leave_soon(self, status: int) -> None:
        """End with an exit status, from a signal handler or another thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(partial(self.exit, return_code=status))

    def _handle_exception(self, error: Exception) -> None:
        """End by a fault of ours; Textual would fill the terminal with a traceback.

        Once it is ending, screens are taken apart while workers may still use them. What fails because of that is not a
        fault, and does not change how it ends.
        """
        if self._exit:
            _log.debug("while ending: %r", error, exc_info=error)
            return
        if self.is_headless:
            super()._handle_exception(error)
            return
        self.crash = self.crash or (error.error if isinstance(error, WorkerFailed) else error)
        self._return_code = 1
        self.on_leaving(1)
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:
        """End by a fault of Textual's, which it has put into words."""
        self._handle_exception(RuntimeError(" ".join(str(one) for one in renderables)))

    def action_interrupt(self) -> None:
        """Copy what is selected, as this key does in many programs; where nothing is, name the key that quits."""
        typed = self.focused if isinstance(self.focused, Input) else None
        selected = typed.selected_text if typed else self.screen.get_selected_text()
        if selected:
            self.copy_and_say(selected)
        else:
            self.notify(f"{'ctrl+q' if typed else 'q'} quits", timeout=3)

    def copy_and_say(self, text: str) -> None:
        """Copy `text` and say where to; see `Explorer.copy_and_say`."""
        copy_and_say(self, text)

    def copy_to_clipboard(self, text: str) -> None:
        """Put text on the clipboard as it may be pasted anywhere: without what a terminal would obey."""
        super().copy_to_clipboard(clean_lines(text))

    def call_back(self, text: str) -> None:
        """Say something to a user who may be looking elsewhere: in a toast, by the bell and as a notification."""
        self.notify(text)
        if self._driver is not None:
            self._driver.write(notification(text))

    def edit_file(self, path: str) -> None:
        """Open a file in the user's ``$EDITOR``, giving it the terminal meanwhile."""
        work: Callable[[], Any] = partial(edit_elsewhere, self, Path(path))
        self.run_worker(work, group="edit", exclusive=True, description="an editor")

    def action_command_palette(self) -> None:
        """Find what can be done here, or a run, step, metric or store, by its name."""
        self.open_screen(routes.palette_of(self._feed))

    def search_themes(self) -> None:
        """Choose the theme."""
        self.open_screen(routes.themes())

    def action_go_to(self) -> None:
        """Go to a row, line or step of what has the focus by its number; where it has none, open the palette."""
        numbered = cast(object, self.focused or self.screen)
        if isinstance(numbered, Numbered):
            counted, go = numbered.numbered, numbered.go_to_number

            def go_there(number: int | None) -> None:
                reached = go(number) if number is not None else None
                if reached is not None and reached != number:
                    said = f"there is no {counted} {number:,}; this is {counted} {reached:,}"
                    self.notify(said, timeout=3)

            self.open_screen(routes.go_to(counted), go_there)
        else:
            self.action_command_palette()

    def action_save(self) -> None:
        """Copy or save what is seen, as it is now."""
        screen = cast(object, self.screen)
        seen = screen.seen() if isinstance(screen, Showing) else None
        is_read = self._feed.is_read if self._feed is not None else lambda _: False
        self.open_screen(routes.save(seen, self.screen._compositor.render_strips(), is_read))

    def action_help(self) -> None:
        """Show the keys of the screen that is on top."""
        self.open_screen(routes.keys_of(self.screen))


def _load(path: Path) -> tuple[settings.Settings, str | None]:
    try:
        return settings.load_settings(path), None
    except ConfigurationError as error:
        return settings.Settings(), str(error)
