"""The keys of the explorer: one table that feeds bindings, footer, help, palette and documentation.

A verb has its keys once, and a key has one verb on all screens; what it acts on is what has the focus. The tables below
say which verbs a screen knows, and what each does there, the most useful first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct
from textual.binding import Binding
from textual.keys import _character_to_key, format_key


class Verb(Struct, frozen=True):
    """What a key means on every screen.

    Attributes:
        name: by which tables and the settings file name it.
        keys: Textual's names of its keys, with commas between them.
        help: what it means, in a sentence that holds everywhere.
        display: how its keys are shown, where the first one's name would not do.
        typed: whether it holds only while a line is typed, when keys stand for characters.
    """

    name: str
    keys: str
    help: str
    display: str | None = None
    typed: bool = False


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("down", "j,down", "Move down", "j ↓"),
        Verb("up", "k,up", "Move up", "k ↑"),
        Verb("left", "h,left", "Move left (in a table, by a column); in a tree, fold", "h ←"),
        Verb("right", "l,right", "Move right (in a table, by a column); in a tree, unfold", "l →"),
        Verb("page_down", "pagedown,ctrl+f", "Move a page down", "PgDn"),
        Verb("page_up", "pageup,ctrl+b", "Move a page up", "PgUp"),
        Verb("half_down", "ctrl+d", "Move half a page down"),
        Verb("half_up", "ctrl+u", "Move half a page up"),
        Verb("first", "g,home", "Move to the beginning", "g Home"),
        Verb("last", "G,end", "Move to the end", "G End"),
        Verb("whole", "0", "Go to the start of the line; on a chart or timeline, show everything"),
        Verb("line_end", "dollar_sign", "Go to the end of the line, or to the last column", "$"),
        Verb("open", "enter", "Go in: open, choose, apply"),
        Verb("back", "escape", "Go back, exactly one level", "esc"),
        Verb("filter", "slash", "Filter or search the pane in focus"),
        Verb("go_to", "colon", "Go to a step, line, row or run by number; elsewhere, open the palette"),
        Verb("value", "asterisk", "Narrow down to the value or bar under the cursor"),
        Verb("next", "n", "Go to the next failure, match or difference"),
        Verb("previous", "N", "Go to the previous failure, match or difference"),
        Verb("failed_only", "exclamation_mark", "Show failures only, or everything again"),
        Verb("mark", "space", "Mark or unmark what is under the cursor"),
        Verb("mark_all", "a", "Mark everything shown"),
        Verb("unmark", "u", "Unmark everything"),
        Verb("sort", "s", "Sort by what is under the cursor"),
        Verb("reverse", "S", "Reverse the order"),
        Verb("best", "B", "Jump to what stands out: the best run, the best value, the slowest step"),
        Verb("direction", "M", "Switch what is better for a metric: lower, higher, or as its name says"),
        Verb("group", "b", "Group by a tag, a pipeline or a parameter"),
        Verb("columns", "o", "Choose the columns"),
        Verb("queries", "Q", "Recall a saved query, or save this one"),
        Verb("compare", "c", "Compare the marked runs, or a failed run with the last success"),
        Verb("compare_inside", "C", "Compare the branches or the attempts of a step"),
        Verb("failures", "f", "Show the failures of the store by cause"),
        Verb("view", "v", "Switch to another view of the same data"),
        Verb("timeline", "t", "Show the run over time"),
        Verb("preview", "p", "Switch the side pane, or hide it"),
        Verb("pane", "tab,shift+tab", "Go to the other pane"),
        Verb("divider_left", "less_than_sign", "Move the divider between two panes to the left", "<"),
        Verb("divider_right", "greater_than_sign", "Move the divider between two panes to the right", ">"),
        Verb("alone", "z", "Show this pane alone, or all panes again"),
        Verb("next_attempt", "right_square_bracket", "Show the next attempt", "]"),
        Verb("previous_attempt", "left_square_bracket", "Show the previous attempt", "["),
        Verb("next_run", "right_curly_bracket", "Open the next run of the pipeline", "}"),
        Verb("previous_run", "left_curly_bracket", "Open the previous run of the pipeline", "{"),
        Verb("follow", "F", "Follow what is newest, or stop following"),
        Verb("hide_finished", "H", "Hide or show what finished without a failure"),
        Verb("zoom_in", "plus,equals_sign", "Zoom in; in a list, unfold all", "+"),
        Verb("zoom_out", "minus", "Zoom out; in a list, fold all"),
        Verb("log", "L", "Switch the axis of values between linear and logarithmic"),
        Verb("log_x", "X", "Switch the axis of steps or time between linear and logarithmic"),
        Verb("x_axis", "x", "Draw against steps, the time since the start, or the clock"),
        Verb("outliers", "O", "Crop outliers from the axis, or show them all"),
        Verb("smooth", "m", "Smooth more, then not at all"),
        Verb("all_rows", "d", "Show all rows, or differences only"),
        Verb("ignore", "i", "Ignore what is under the cursor, or stop ignoring it"),
        Verb("show_ignored", "I", "Show or hide what is ignored"),
        Verb("log_difference", "D", "Show what differs between two logs"),
        Verb("wrap", "W", "Wrap long lines, or cut them again"),
        Verb("forget", "delete,backspace", "Forget what is under the cursor", "del"),
        Verb("copy", "y", "Copy what is under the cursor"),
        Verb("save", "w", "Copy or save what is on the screen: as CSV, JSON, Markdown or a picture"),
        Verb("edit", "e", "Open the file behind this in $EDITOR"),
        *(Verb(f"tab_{place}", str(place), f"Show tab {place}") for place in range(1, 10)),
        Verb("help", "question_mark,f1", "Show the keys, the query language and what the signs mean", "?"),
        Verb("palette", "ctrl+p", "Find any command, run, step or metric by its name", "ctrl+p"),
        Verb("quit", "q,ctrl+q", "Quit the explorer, or close the help", "q"),
        Verb("stop", "ctrl+z", "Suspend the explorer; fg in the shell brings it back", "ctrl+z"),
        Verb("repaint", "ctrl+l", "Repaint the whole screen", "ctrl+l"),
        Verb("interrupt", "ctrl+c", "Copy the text selected with the mouse", "ctrl+c"),
        Verb("complete", "tab", "Complete the word being typed", typed=True),
        Verb("next_offer", "down", "Choose the next suggestion", "↓", typed=True),
        Verb("previous_offer", "up,shift+tab", "Choose the previous suggestion", "↑", typed=True),
    )
}
"""Every verb by its name; no two have a key in common, unless one of them holds only while a line is typed."""


class Key(Struct, frozen=True):
    """What a verb does in one place.

    Attributes:
        verb: name of the verb.
        action: the action that the binding runs.
        label: what it does, in a word or two, for the footer and the palette.
        help: what it does, in a sentence, for the help screen.
        shown: whether it comes first in the footer, or where there is room; None for never.
        pair: how it is shown together with the key beside it, where one entry of the footer stands for both.
        priority: whether it wins over the focused widget.
    """

    verb: str
    action: str
    label: str
    help: str
    shown: bool | None = False
    pair: str | None = None
    priority: bool = False

    @property
    def keys(self) -> str:
        """Textual's names of its keys, with commas between them."""
        return _chosen.get(self.verb, VERBS[self.verb].keys)

    @property
    def display(self) -> str:
        """How its keys are shown."""
        return shown(self.verb)


FIRST, LATER = Binding.Group("first"), Binding.Group("later")
"""What the footer shows first, and what it shows where there is room."""

_WRITTEN = {
    "enter": "enter",
    "escape": "esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "delete": "del",
    "question_mark": "?",
    "f1": "F1",
}
"""Keys whose names we write differently from Textual."""

_chosen: dict[str, str] = {}
"""The keys that the user chose, by verb."""


def choose(chosen: Mapping[str, str]) -> None:
    """Take over the user's keys, by verb; texts and helps name them from now on.

    The bindings follow by Textual's keymap.
    """
    _chosen.clear()
    _chosen.update(chosen)


def chosen_in(table: Mapping[str, str | Sequence[str]]) -> tuple[dict[str, str], list[str]]:
    """The keys that a settings file gives to verbs, and what is wrong with them.

    Args:
        table: by verb, a key or several, as Textual names them or as they are typed: ``ctrl+o``, ``?``.
    """
    chosen = {
        verb: ",".join(
            key if len(key) > 1 else _character_to_key(key) for key in ([given] if isinstance(given, str) else given)
        )
        for verb, given in table.items()
    }
    return chosen, clashes(chosen)


def clashes(chosen: Mapping[str, str]) -> list[str]:
    """What is wrong with keys by verb: verbs that do not exist, and keys that would have two meanings."""
    wrong = [f"{name!r} is not a verb; the verbs are {', '.join(VERBS)}" for name in chosen if name not in VERBS]
    owners: dict[tuple[bool, str], str] = {}
    for verb in VERBS.values():
        for key in chosen.get(verb.name, verb.keys).split(","):
            other = owners.setdefault((verb.typed, key), verb.name)
            if other != verb.name:
                wrong.append(f"{written(key)!r} would mean both {other} and {verb.name}: give one of them another key")
    return wrong


def written(key: str) -> str:
    """A key as texts write it: ``esc``, ``PgDn``, ``?``."""
    return _WRITTEN.get(key) or format_key(key)


def is_character(key: str) -> bool:
    """Whether a key puts a character into a line that is typed."""
    text = written(key)
    return len(text) == 1 and text.isascii()


def is_first(key: str, binding: Binding) -> bool:
    """Whether a key is the one that stands for its binding's verb, and so is shown as that is."""
    verb = binding.id
    if verb is None:
        return False
    return key == (_chosen.get(verb) or VERBS[verb].keys if verb in VERBS else key).split(",")[0]


def verb_of(key: str) -> str | None:
    """The verb that a key has on all screens; None for a key without one."""
    named = (verb.name for verb in VERBS.values() if not verb.typed)
    return next((name for name in named if key in _chosen.get(name, VERBS[name].keys).split(",")), None)


def shown(verb: str) -> str:
    """How the keys of a verb are written in texts: those in force."""
    if verb in _chosen:
        return " ".join(map(written, _chosen[verb].split(",")))
    return VERBS[verb].display or written(VERBS[verb].keys.split(",")[0])


def bindings(*tables: Iterable[Key]) -> list[Binding]:
    """Textual's bindings for the tables of keys; their ids are the verbs, by which a keymap gives them other keys."""
    return [
        Binding(
            VERBS[key.verb].keys,
            key.action,
            key.label,
            show=key.shown is not None,
            key_display=key.pair or VERBS[key.verb].display or written(VERBS[key.verb].keys.split(",")[0]),
            tooltip=key.help,
            priority=key.priority,
            id=key.verb,
            group=FIRST if key.shown else LATER,
        )
        for table in tables
        for key in table
    ]


Tables = Sequence[tuple[str, Sequence[Key]]]
"""The keys of a screen: headings, and the keys below each."""

APP = (
    Key(
        "help", "help", "help", "Show the keys of this screen, the query language, and what the signs mean", shown=True
    ),
    Key("go_to", "go_to", "go to", "Go to a row, line, step or run by number; elsewhere, open the palette"),
    Key("save", "save", "save", "Copy or save what is on the screen: as CSV, JSON, Markdown or a picture (SVG)"),
    Key("palette", "command_palette", "palette", "Find any command, run, step, metric or store by its name"),
    Key("quit", "quit", "quit", "Quit the explorer", shown=True),
    Key("stop", "suspend_process", "stop", "Suspend the explorer; fg in the shell brings it back", priority=True),
    Key("repaint", "repaint", "repaint", "Repaint the whole screen", shown=None, priority=True),
    Key("interrupt", "interrupt", "interrupt", "Copy the text selected with the mouse", shown=None, priority=True),
)

QUIT_ANYWHERE = replace(
    next(binding for binding in bindings(APP) if binding.id == "quit"), key="ctrl+q", priority=True, id=None
)
"""Quits from dialogs, too, where the keys of the screen below do not work."""

MOVE = (
    Key("down", "cursor_down", "down", "Move down", shown=None),
    Key("up", "cursor_up", "up", "Move up", shown=None),
    Key("page_down", "page_down", "page down", "Move a page down", shown=None),
    Key("page_up", "page_up", "page up", "Move a page up", shown=None),
    Key("half_down", "half_down", "half down", "Move half a page down", shown=None),
    Key("half_up", "half_up", "half up", "Move half a page up", shown=None),
    Key("first", "first", "first", "Move to the first row", shown=None),
    Key("last", "last", "last", "Move to the last row", shown=None),
)

OPTIONS = tuple(key for key in MOVE if key.verb not in ("half_down", "half_up"))
"""The keys that move in the lists of dialogs, which are seldom longer than half a page."""

COLUMNS = (
    Key("left", "column_left", "column left", "Go a column left; columns beyond the edge scroll in", shown=None),
    Key("right", "column_right", "column right", "Go a column right; columns beyond the edge scroll in", shown=None),
    Key("whole", "column_first", "column first", "Go to the first column", shown=None),
    Key("line_end", "column_last", "column last", "Go to the last column", shown=None),
)
"""The keys that move among the columns of a table."""

RUNS = (
    Key("open", "open", "open", "Open the run under the cursor; fold or unfold a group", shown=True),
    Key("mark", "mark", "mark", "Mark or unmark the run under the cursor, and move on to the next", shown=True),
    Key(
        "compare",
        "compare",
        "compare",
        "Compare the marked runs, or the marked one with this; without marks, a failed run with its last success",
        shown=True,
    ),
    Key("failed_only", "failed_only", "failed", "Show failed runs only, or all runs again", shown=True),
    Key("sort", "sort", "sort", "Sort by the column under the cursor; again to reverse", shown=True),
    Key("failures", "failures", "failures", "Show the failures of the whole store, grouped by cause", shown=True),
    Key(
        "best",
        "best",
        "best",
        "Go to the best run by the metric the list is sorted by, or else the first one shown",
        shown=True,
    ),
    Key("group", "group", "group", "Group by tag, pipeline or a parameter", shown=True),
    Key("columns", "columns", "columns", "Choose which parameters and metrics are columns", shown=True),
    Key(
        "preview",
        "preview",
        "preview",
        "Show facts about the run beside the list, then charts of it and the marked runs, then neither",
        shown=True,
    ),
    # The line of the filter names its key, too.
    Key("filter", "filter", "filter", "Filter as you type; enter applies, esc clears"),
    Key("next", "next_failure", "next failed", "Move to the next failed run"),
    Key("view", "history", "history", "Chart a metric over the runs of this pipeline"),
    Key("value", "only_value", "this value", "Filter by the value under the cursor, in its row and column"),
    Key("mark_all", "mark_all", "mark all", "Mark all listed runs"),
    Key("unmark", "unmark_all", "unmark", "Unmark all runs"),
    Key("queries", "queries", "queries", "Recall a saved query, or save this one"),
    Key("pane", "other_pane", "charts", "Move between the list and the charts beside it"),
    Key("divider_left", "divider_left", "wider", "Make the pane beside the list wider"),
    Key("divider_right", "divider_right", "narrower", "Make the pane beside the list narrower", shown=None),
    Key("back", "back", "back", "Clear the filter, then sort by newest first again", shown=None),
    Key("reverse", "reverse", "reverse", "Reverse the order"),
    Key("previous", "previous_failure", "previous failure", "Move to the previous failed run", shown=None),
    Key(
        "direction",
        "direction",
        "min or max",
        "Switch what is better for the metric: lower, higher, or as its name says",
    ),
    Key("zoom_out", "fold_all", "fold all", "Fold all groups"),
    Key("zoom_in", "unfold_all", "unfold all", "Unfold all groups"),
    Key("copy", "copy", "copy", "Copy the id of the run under the cursor"),
    Key("edit", "edit", "edit", "Open the run's file in $EDITOR"),
    Key("follow", "follow", "follow", "Follow changes to the store, or stop following", shown=True),
    Key("alone", "alone", "alone", "Show the pane in focus alone, or all panes again"),
)

RUN = (
    Key("back", "back", "back", "Go back, exactly one level", shown=True),
    Key("follow", "follow", "follow", "Keep what is newest in view; moving away pauses it", shown=True),
    Key("next", "next_failure", "failed", "Move to the next failed attempt", shown=True),
    Key("previous", "previous_failure", "previous failure", "Move to the previous failed attempt", shown=None),
    Key(
        "failures",
        "failures",
        "failures",
        "Show where else this failure has happened: its cause, in all runs",
        shown=True,
    ),
    Key("filter", "filter", "filter", "Filter the pane in focus, or search the log", shown=True),
    Key("previous_attempt", "previous_attempt", "previous attempt", "Show the previous attempt", shown=None),
    Key("next_attempt", "next_attempt", "attempt", "Show the next attempt", shown=True, pair="[ ]"),
    Key("pane", "other_pane", "pane", "Move between the steps and the details", shown=True),
    Key("alone", "alone", "alone", "Show the pane in focus alone, or both again", shown=True),
    Key("timeline", "timeline", "time", "Show where the run's time went, and what waited", shown=True),
    Key("compare", "compare_last_success", "compare", "Compare with the last success of this pipeline", shown=True),
    Key("compare_inside", "compare_inside", "attempts", "Compare the attempts, or the branches, of this step"),
    Key("best", "slowest", "slowest", "Move to the slowest step, then to the next slowest"),
    Key(
        "previous_run",
        "previous_run",
        "previous run",
        "Open the run of this pipeline that started before this one",
        shown=None,
    ),
    Key("next_run", "next_run", "run", "Open the run of this pipeline that started after this one", pair="{ }"),
    Key("hide_finished", "hide_finished", "hide finished", "Hide or show steps that finished without a failure"),
    Key("copy", "copy", "copy", "Copy what is under the cursor"),
    Key("edit", "edit", "edit", "Open the file behind this in $EDITOR"),
)
"""The keys of the run screen."""

JSON = (
    Key("open", "switch", "fold", "Unfold or fold the row under the cursor", shown=True),
    Key("right", "unfold", "unfold", "Unfold the row, or move into it", shown=None),
    Key("left", "fold", "fold", "Fold the row, or move to the one around it", shown=None),
)
"""The keys of a JSON tree."""

LOG = (
    Key("next", "next_error", "error", "Go to the next error, or the next match of the search", shown=True),
    Key("previous", "previous_error", "previous error", "Go to the previous error or match", shown=None),
    Key("open", "curve", "curve", "Show what was tracked when the line under the cursor was written", shown=True),
    Key("view", "other_log", "other log", "Show the step's next log, if it has several"),
    Key("wrap", "wrap", "wrap", "Wrap long lines, or cut them again"),
)
"""The keys of an execution log."""

SIDE = (
    Key("right", "side_right", "right", "Scroll long lines to the right", shown=None),
    Key("left", "side_left", "left", "Scroll back to the left", shown=None),
    Key("whole", "side_first", "first", "Scroll back to the start of the lines", shown=None),
    Key("line_end", "side_last", "last", "Show the end of the line under the cursor", shown=None),
)
"""The keys that move long lines aside."""

CHOICE = (
    Key("open", "choose", "choose", "Choose what is under the cursor", shown=True),
    Key("filter", "filter", "filter", "Filter the list", shown=True),
    Key("back", "cancel", "cancel", "Clear the filter, then cancel", shown=True),
)
"""The keys of dialogs in which one of several is chosen."""

TICKS = (
    Key("mark", "tick", "tick", "Tick or untick what is under the cursor", shown=True),
    Key("mark_all", "tick_all", "tick all", "Tick everything shown"),
    Key("unmark", "untick_all", "untick", "Untick everything shown"),
    Key("open", "keep", "keep", "Apply what is ticked", shown=True, priority=True),
    Key("filter", "filter", "filter", "Filter the list", shown=True),
    Key("back", "cancel", "cancel", "Clear the filter, then cancel", shown=True),
)
"""The keys of dialogs in which several are ticked."""

LINE = (Key("open", "submit", "keep", "Apply what is typed, and go back to the list", shown=True),)
"""The keys of every line in which something is typed."""

OFFERS = (
    Key("next_offer", "next_offer", "choose", "Choose the next suggestion", pair="↓ ↑"),
    Key("previous_offer", "previous_offer", "previous", "Choose the previous suggestion", shown=None),
)
"""The keys that choose among what could stand in a filter."""

TYPING = (
    Key("complete", "complete", "complete", "Complete with the chosen suggestion, or the first", shown=True),
    Key("back", "leave", "clear", "Clear the filter, and go back to the list", shown=True),
)
"""The keys of a line in which a filter is typed."""

SAVE = (
    Key("open", "write", "save", "Save it to the named file", shown=True),
    Key("pane", "app.focus_next", "name", "Go to the file name, or back to the formats", shown=True),
    Key("copy", "copy", "copy", "Copy it to the clipboard", shown=True),
    Key("back", "cancel", "back", "Go back, and cancel what is being written", shown=True),
)
"""The keys of the dialog that saves what is seen."""

FILE_NAME = (Key("open", "submit", "save", "Save it to the named file", shown=True),)
"""The keys of the line in which the name of a file is typed."""

GO_TO = (
    Key("open", "submit", "go", "Go there", shown=True),
    Key("back", "cancel", "stay", "Stay where you are", shown=True),
)
"""The keys of the line in which a number is typed."""

TREE = (
    Key("open", "enter", "open", "Fold or unfold, or go to the details", shown=True),
    Key("right", "unfold", "unfold", "Show what is below this row", shown=None),
    Key("left", "fold", "fold", "Hide what is below this row, or go to the row above", shown=None),
    Key(
        "compare_inside",
        "screen.compare_inside",
        "attempts",
        "Compare the attempts, or the branches, of this step",
        shown=True,
    ),
)
"""The keys of a tree of steps."""

METRICS = (
    Key("open", "open", "open", "Open the curve under the cursor, or the marked ones, as a full chart", shown=True),
    Key("mark", "mark", "mark", "Mark or unmark a curve; marked ones open together", shown=True),
    Key("mark_all", "mark_all", "mark all", "Mark all curves"),
    Key("unmark", "unmark_all", "unmark", "Unmark all curves"),
    Key("view", "table", "table", "Show the values as a table, or the curves again", shown=True),
    Key("back", "back", "back", "Go back to the grid of curves, then out of it", shown=True),
    Key("left", "left", "left", "Move left: to the next curve, column or step of the crosshair", shown=None),
    Key("right", "right", "right", "Move right: to the next curve, column or step of the crosshair", shown=None),
    Key("up", "up", "up", "Move up", shown=None),
    Key("down", "down", "down", "Move down", shown=None),
    Key("page_up", "page_up", "page up", "Show the previous page", shown=None),
    Key("page_down", "page_down", "page down", "Show the next page", shown=None),
    Key("first", "first", "first", "Go to the beginning", shown=None),
    Key("last", "last", "last", "Go to the end", shown=None),
    Key("zoom_in", "zoom_in", "zoom", "Zoom in around the crosshair", shown=True, pair="+ -"),
    Key("zoom_out", "zoom_out", "zoom out", "Zoom out", shown=None),
    Key("whole", "zoom_whole", "whole", "Show the whole series"),
    Key("log", "log", "log", "Switch the axis of values between linear and logarithmic", shown=True),
    Key("smooth", "smooth", "smooth", "Smooth by 0.6, 0.9, 0.97, then not at all", shown=True),
    Key(
        "x_axis",
        "axis",
        "step/time",
        "Draw against steps, the time since the run started, or the clock",
        shown=True,
    ),
    Key("outliers", "clip", "outliers", "Crop the outer 1 % or 5 % of values (marked ▲ ▼), or none"),
    Key("log_x", "log_x", "log x", "Switch the axis of steps or time between linear and logarithmic"),
    Key("copy", "copy", "copy", "Copy the value under the cursor"),
)
"""The keys of the metrics of a run, in all three ways in which they are shown."""


def _only(table: Iterable[Key], actions: str) -> tuple[Key, ...]:
    wanted = actions.split()
    return tuple(key for key in table if key.action in wanted)


METRICS_EVERYWHERE = _only(METRICS, "table back copy")
_METRICS_MOVE = "table back left right page_up page_down first last copy"
METRICS_GRID = _only(METRICS, f"open mark mark_all unmark_all up down log smooth axis clip log_x {_METRICS_MOVE}")
METRICS_TABLE = (
    *_only(METRICS, f"open {_METRICS_MOVE}"),
    *_only(MOVE, "cursor_up cursor_down"),
    *_only(COLUMNS, "column_first column_last"),
)
CHART_LOG = Key("open", "moment", "log", "Show the log around the moment at the crosshair", shown=True)
CHART_STEP = Key("go_to", "app.go_to", "step", "Go to a step by number", shown=True)
METRICS_CHART = (
    CHART_LOG,
    CHART_STEP,
    *_only(METRICS, f"zoom_in zoom_out zoom_whole log smooth axis clip log_x {_METRICS_MOVE}"),
)

FAILURES = (
    Key("open", "choose", "open", "Go into the cause, or open the attempt at its traceback", shown=True),
    Key("back", "back", "back", "Leave the cause, or go back to the runs", shown=True),
    Key("filter", "filter", "filter", "Filter the list", shown=True),
    Key("tab_1", "show_causes", "causes", "Show the causes of all failures", shown=True),
    Key("tab_2", "show_flaky", "flaky", "Show steps that failed and then passed at the same commit", shown=True),
    Key("copy", "copy", "copy", "Copy the cause, or the run's id", shown=True),
)
"""The keys of the failures of a store."""

COMPARE = (
    Key("open", "open", "open", "Open the run of the column under the cursor", shown=True),
    Key("all_rows", "all_rows", "all", "Show all rows, or differences only", shown=True),
    Key("mark", "baseline", "baseline", "Use the column under the cursor as the baseline", shown=True),
    Key("preview", "chart", "charts", "Show or hide the charts of all metrics", shown=True),
    Key("sort", "sort", "sort", "Sort by how much rows differ, or by section again", shown=True),
    Key("back", "back", "back", "Go back, exactly one level", shown=True),
    Key("filter", "filter", "filter", "Filter rows as you type; enter applies, esc clears", shown=True),
    Key("ignore", "ignore", "ignore", "Ignore the key under the cursor from now on, or stop ignoring it", shown=True),
    Key("pane", "other_pane", "pane", "Move between the table and the charts"),
    Key("divider_left", "divider_left", "wider", "Make the charts beside the table wider"),
    Key("divider_right", "divider_right", "narrower", "Make the charts beside the table narrower", shown=None),
    Key("alone", "alone", "alone", "Show the table or the curves alone, or both again"),
    Key("show_ignored", "show_ignored", "ignored", "Show or hide the ignored rows"),
    Key("log_difference", "log_difference", "log diff", "Show what differs between the logs of two attempts of a step"),
    Key(
        "direction",
        "direction",
        "min or max",
        "Switch what is better for this metric: lower, higher, or as its name says",
    ),
    Key("copy", "copy", "copy", "Copy the value under the cursor"),
)
"""The keys of a comparison."""

OVERLAID = (
    Key("back", "back", "back", "Go back to the grid of charts, to the last values, then to the runs", shown=True),
    Key("copy", "copy", "copy", "Copy the runs' readings from the chart under the cursor"),
)
"""The keys of the curves of several runs, in both ways in which they are shown."""

OVERLAID_GRID = (
    Key("open", "open", "open", "Show the metric under the cursor as a full chart", shown=True),
    CHART_STEP,
    *_only(METRICS, "left right up down page_up page_down first last log smooth axis clip log_x"),
)
"""The keys of the grid of the curves of several runs."""

OVERLAID_CHART = (
    Key("down", "next_metric", "metric", "Show the curves of the next metric", shown=True, pair="↓ ↑"),
    Key("up", "previous_metric", "metric before", "Show the curves of the previous metric", shown=None),
    OVERLAID[0],
    *(key for key in METRICS_CHART if key not in (*METRICS_EVERYWHERE, CHART_LOG)),
)
"""The keys of a full chart of the curves of several runs."""

QUERIES = (
    Key("open", "choose", "recall", "Recall the query under the cursor", shown=True),
    Key("pane", "app.focus_next", "name", "Go to the name field, or back to the list", shown=True),
    Key("filter", "filter", "filter", "Filter the list", shown=True),
    Key("forget", "forget", "forget", "Forget the query under the cursor", shown=True),
    Key("back", "cancel", "cancel", "Clear the filter, then go back to the list", shown=True),
)
"""The keys of the saved queries."""

HISTORY = (
    Key("open", "open", "open", "Open the run at the crosshair", shown=True),
    Key("left", "left", "before", "Go to the previous run", shown=None),
    Key("right", "right", "run", "Go to the next run", shown=True, pair="← →"),
    Key("go_to", "app.go_to", "number", "Go to a run by its number", shown=True),
    Key(
        "x_axis",
        "axis",
        "order/time",
        "Draw one run after the other, or each at the time at which it started",
        shown=True,
    ),
    Key("back", "back", "back", "Go back to the runs", shown=True),
    Key("log", "log", "log", "Switch the axis of values between linear and logarithmic", shown=True),
    Key("smooth", "trend", "trend", "Draw a trend line, or only the runs", shown=True),
    Key("copy", "copy", "copy", "Copy the id of the run at the crosshair"),
)
"""The keys of a metric's history over runs."""

HELP = (
    Key("filter", "filter", "search", "Search the help: a line must contain every word", shown=True),
    Key("back", "close", "close", "Clear the search, then go back to the screen", shown=True),
    Key("help", "close", "close", "Go back to the screen", shown=None),
    Key("quit", "close", "close", "Go back to the screen", shown=None),
)
"""The keys of the help screen."""

TIMELINE = (
    Key("zoom_in", "zoom_in", "zoom in", "Show half as much time, around the bar under the cursor", shown=None),
    Key("zoom_out", "zoom_out", "zoom", "Show twice as much time", shown=True, pair="+ -"),
    Key("whole", "zoom_whole", "whole", "Show the whole run"),
    Key("left", "earlier", "earlier", "Show earlier times", shown=None),
    Key("right", "later", "move", "Show later times", shown=True, pair="← →"),
    Key("value", "zoom_to", "to bar", "Zoom to the bar under the cursor, or to the whole run again", shown=True),
    Key("best", "slowest", "slowest", "Move to the slowest step, then to the next slowest", shown=True),
)
"""The keys of a timeline."""

TIMELINE_SCREEN = (
    Key("open", "choose", "go to", "Fold or unfold what is nested, or go to the step in the run", shown=True),
    Key("copy", "copy", "copy", "Copy the internal name under the cursor"),
    Key("back", "back", "back", "Go back to the run", shown=True),
)
"""The keys of the screen around a timeline."""

LOG_DIFFERENCE = (
    Key("next", "next_difference", "next", "Move to the next difference", shown=True),
    Key("previous", "previous_difference", "previous difference", "Move to the previous difference", shown=None),
    Key("copy", "copy", "copy", "Copy the line under the cursor"),
    Key("back", "back", "back", "Go back to the comparison", shown=True),
)
"""The keys of the difference between two logs."""
