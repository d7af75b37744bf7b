"""The keys of the explorer: one table that feeds bindings, footer, help screen and README."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that can be done by a key.

    Attributes:
        keys: Textual's names of the keys, with commas between them.
        action: the action that the binding runs.
        label: what it does, in a word or two, for the footer.
        help: what it does, in a sentence, for the help screen.
        shown: whether the footer has room for it.
        display: how the keys are shown, where Textual's names would not be understood.
        priority: whether it wins over the focused widget.
    """

    keys: str
    action: str
    label: str
    help: str
    shown: bool = False
    display: str | None = None
    priority: bool = False


def bindings(*tables: Iterable[Key]) -> list[Binding]:
    """Textual's bindings for the tables of keys."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.shown,
            key_display=key.display,
            tooltip=key.help,
            priority=key.priority,
        )
        for table in tables
        for key in table
    ]


APP = (
    Key("question_mark,f1", "help", "help", "Show the keys of this screen", shown=True, display="?"),
    Key("ctrl+p", "command_palette", "palette", "Find any command by its name", display="ctrl+p"),
    Key("q,ctrl+q", "quit", "quit", "Leave the explorer", shown=True, display="q"),
    Key("ctrl+z", "suspend_process", "stop", "Return to the shell for a while (fg comes back)", display="ctrl+z"),
    Key("ctrl+c", "interrupt", "copy", "Copy what is selected with the mouse", display="ctrl+c", priority=True),
)

MOVE = (
    Key("j,down", "cursor_down", "down", "Move down", display="j ↓"),
    Key("k,up", "cursor_up", "up", "Move up", display="k ↑"),
    Key("pagedown,ctrl+d", "page_down", "page down", "Move a page down", display="PgDn"),
    Key("pageup,ctrl+u", "page_up", "page up", "Move a page up", display="PgUp"),
    Key("g,home", "first", "first", "Move to the first row", display="g Home"),
    Key("G,end", "last", "last", "Move to the last row", display="G End"),
)

COLUMNS = (
    Key("left,h", "column_left", "column left", "Move the column cursor left", display="h ←"),
    Key("right,l", "column_right", "column right", "Move the column cursor right", display="l →"),
)
"""The keys that move among the columns of a table."""

RUNS = (
    Key("enter", "open", "open", "Open the run under the cursor", shown=True),
    Key("space", "mark", "mark", "Mark or unmark the run under the cursor", shown=True),
    Key("u", "unmark_all", "unmark all", "Unmark all runs"),
    Key(
        "c",
        "compare",
        "compare",
        "Compare the marked runs; without marks, a failed run with the last success of its pipeline",
        shown=True,
    ),
    Key("slash", "filter", "filter", "Filter as you type; enter keeps it, esc clears it", shown=True, display="/"),
    Key("escape", "back", "back", "Clear the filter"),
    Key("s", "sort", "sort", "Sort by the column under the column cursor; again to reverse", shown=True),
    Key("S", "reverse", "reverse", "Reverse the order", display="S"),
    Key("exclamation_mark", "failed_only", "failed", "Show failed runs only, on and off", shown=True, display="!"),
    Key("n", "next_failure", "next failure", "Move to the next failed run"),
    Key("N", "previous_failure", "previous failure", "Move to the previous failed run"),
    Key("f", "failures", "failures", "Failures of the whole store, grouped by cause", shown=True),
    Key("o", "columns", "columns", "Choose the parameters and metrics that are columns", shown=True),
    Key("b", "group", "group", "Group by tag, by pipeline or by a parameter"),
    Key("v", "history", "history", "A metric over the runs of this pipeline, as a curve against time"),
    Key("B", "best", "best", "Say whether the least or the greatest of a metric is best", display="B"),
    Key("Q", "queries", "queries", "Recall a saved query, or save this one", display="Q"),
    Key("p", "preview", "preview", "Show or hide the preview of the run under the cursor", shown=True),
    Key("y", "copy", "copy", "Copy the id of the run under the cursor"),
    Key("e", "edit", "edit", "Open the run's file in $EDITOR"),
    Key("F", "follow", "follow", "Take in changes of the store as they happen, on and off", shown=True, display="F"),
)

RUN = (
    Key("escape", "back", "back", "Back, exactly one layer", shown=True, display="esc"),
    Key("F", "follow", "follow", "Keep what is newest in view; moving away pauses, F resumes", shown=True, display="F"),
    Key("n", "next_failure", "fail", "Move to the next failed attempt", shown=True),
    Key("N", "previous_failure", "previous failure", "Move to the previous failed attempt"),
    Key("left_square_bracket", "previous_attempt", "previous attempt", "Show the previous attempt", display="["),
    Key("right_square_bracket", "next_attempt", "attempt", "Show the next attempt", shown=True, display="[ ]"),
    Key("tab,shift+tab", "other_pane", "pane", "Move between the steps and the details", shown=True, display="tab"),
    Key("H", "hide_finished", "hide finished", "Hide or show steps that finished well", display="H"),
    Key("t", "timeline", "time", "Show the run over time: where it went, what waited", shown=True),
    Key("c", "compare_last_success", "compare", "Compare with the last success of this pipeline", shown=True),
    Key("C", "compare_inside", "compare inside", "Compare the branches, or the attempts, of this step", display="C"),
    Key("y", "copy", "copy", "Copy what is under the cursor"),
    Key("e", "edit", "edit", "Open the file behind this in $EDITOR"),
)
"""The keys of the run screen."""

JSON = (
    Key("enter,space", "switch", "fold", "Open or close the row under the cursor", shown=True, display="enter"),
    Key("right,l", "unfold", "unfold", "Open the row, or move into it", display="l →"),
    Key("left,h", "fold", "fold", "Close the row, or move to the one around it", display="h ←"),
)
"""The keys of a JSON tree."""

LOG = (
    Key("n", "next_error", "error", "Go to the next error, or the next match of the search", shown=True),
    Key("N", "previous_error", "previous error", "Go to the previous error or match", display="N"),
    Key("slash", "search", "search", "Search in the log; enter keeps it, esc clears it", shown=True, display="/"),
    Key("o", "other_log", "other log", "Show the next log of the step, where there are several"),
)
"""The keys of an execution log."""

SIDE = (
    Key("right,l", "side_right", "right", "Show what lies to the right of long lines", display="l →"),
    Key("left,h", "side_left", "left", "Back to the left", display="h ←"),
)
"""The keys that move long lines aside."""

CHOICE = (
    Key("enter", "keep", "keep", "Keep what is ticked", shown=True, priority=True),
    Key("escape", "cancel", "cancel", "Leave it as it was", shown=True),
)
"""The keys of dialogs in which something is chosen."""

TREE = (
    Key("enter,space", "enter", "open", "Fold or unfold, or go on to the details", shown=True, display="enter"),
    Key("right,l", "unfold", "unfold", "Show what is below this row", display="l →"),
    Key("left,h", "fold", "fold", "Hide what is below this row, or go to the row above", display="h ←"),
)
"""The keys of a tree of steps."""

METRICS = (
    Key("enter", "open", "open", "Open the curve under the cursor, or the marked ones, as a full chart", shown=True),
    Key("space", "mark", "mark", "Mark or unmark a curve; marked ones open together", shown=True),
    Key("u", "unmark_all", "unmark all", "Unmark all curves"),
    Key("t", "table", "table", "Show the values as a table, or the curves again", shown=True),
    Key("escape", "back", "back", "Back to the grid of curves, then out of it", shown=True, display="esc"),
    Key("left,h", "left", "left", "Left: the next curve, column or step of the crosshair", display="h ←"),
    Key("right,l", "right", "right", "Right: the next curve, column or step of the crosshair", display="l →"),
    Key("up,k", "up", "up", "Up", display="k ↑"),
    Key("down,j", "down", "down", "Down", display="j ↓"),
    Key("pageup", "page_up", "page up", "The page before", display="PgUp"),
    Key("pagedown", "page_down", "page down", "The next page", display="PgDn"),
    Key("home,g", "first", "first", "To the first", display="g Home"),
    Key("end,G", "last", "last", "To the last", display="G End"),
    Key("plus,equals_sign", "zoom_in", "zoom in", "Zoom in around the crosshair", shown=True, display="+"),
    Key("minus", "zoom_out", "zoom out", "Zoom out", display="-"),
    Key("0", "zoom_whole", "whole", "Show the whole series", display="0"),
    Key("L", "log", "log", "Logarithmic axis, on and off", shown=True, display="L"),
    Key("m", "smooth", "smooth", "Smoothing: none, 0.6, 0.9, 0.97", shown=True),
    Key("y", "copy", "copy", "Copy the value under the cursor"),
)
"""The keys of the metrics of a run, in all three ways in which they are shown."""


def _only(table: Iterable[Key], actions: str) -> tuple[Key, ...]:
    wanted = actions.split()
    return tuple(key for key in table if key.action in wanted)


METRICS_EVERYWHERE = _only(METRICS, "table back copy")
_METRICS_MOVE = "table back left right page_up page_down first last copy"
METRICS_GRID = _only(METRICS, f"open mark unmark_all up down log smooth {_METRICS_MOVE}")
METRICS_TABLE = _only(METRICS, f"open up down {_METRICS_MOVE}")
METRICS_CHART = _only(METRICS, f"zoom_in zoom_out zoom_whole log smooth {_METRICS_MOVE}")

FAILURES = (
    Key("enter", "choose", "open", "Enter the cause, or open the attempt on its traceback", shown=True),
    Key("escape", "back", "back", "Out of the cause, or back to the runs", shown=True, display="esc"),
    Key("f", "flaky", "flaky", "Steps that failed and then passed with the same code, or the causes again", shown=True),
    Key("y", "copy", "copy", "Copy the cause, or the run's id", shown=True),
)
"""The keys of the failures of a store."""

COMPARE = (
    Key("enter", "open", "open", "Open the run of the column under the cursor", shown=True),
    Key("d", "all_rows", "all", "Show all rows, or differences only", shown=True),
    Key("b", "baseline", "base", "Measure differences from the column under the cursor", shown=True),
    Key("i", "ignore", "ignore", "Ignore the key under the cursor, here and from now on; or no longer", shown=True),
    Key("I", "show_ignored", "ignored", "Show the ignored rows, or hide them again", display="I"),
    Key("slash", "filter", "filter", "Filter rows as you type; enter keeps it, esc clears it", shown=True, display="/"),
    Key("s", "sort", "sort", "Sort by how much rows differ, or by section again", shown=True),
    Key("p", "chart", "chart", "Show or hide the curves of the metric under the cursor", shown=True),
    Key("D", "log_difference", "log diff", "What differs between the logs of two attempts of a step", display="D"),
    Key("B", "best", "best", "What is best in this metric: the least, the greatest, as its name says", display="B"),
    Key("tab", "app.focus_next", "pane", "Move between the table and the curves"),
    Key("y", "copy", "copy", "Copy the value under the cursor"),
    Key("escape", "back", "back", "Back, exactly one layer", shown=True, display="esc"),
)
"""The keys of a comparison."""

QUERIES = (
    Key("delete,d", "forget", "forget", "Forget the query under the cursor"),
    Key("escape", "cancel", "cancel", "Back to the list", shown=True),
)
"""The keys of the saved queries."""

HISTORY = (
    Key("left,h", "left", "before", "The run before", shown=True, display="h ←"),
    Key("right,l", "right", "after", "The run after", shown=True, display="l →"),
    Key("enter", "open", "open", "Open the run at the crosshair", shown=True),
    Key("L", "log", "log", "Logarithmic axis, on and off", shown=True, display="L"),
    Key("y", "copy", "copy", "Copy the id of the run at the crosshair"),
    Key("escape", "back", "back", "Back to the runs", shown=True, display="esc"),
)
"""The keys of a metric's history over runs."""

HELP = (Key("escape,question_mark,q,enter", "close", "close", "Back to the screen", shown=True, display="esc"),)
"""The keys of the help screen."""

TIMELINE = (
    Key("plus,equals_sign", "zoom_in", "zoom in", "Show half the time, around the bar under the cursor", display="+"),
    Key("minus", "zoom_out", "zoom", "Show twice the time", shown=True, display="+ -"),
    Key("0", "zoom_whole", "whole", "Show the whole run"),
    Key("left,h", "earlier", "earlier", "Show what was before", display="h ←"),
    Key("right,l", "later", "move", "Show what came after", shown=True, display="← →"),
    Key("z", "zoom_to", "to bar", "Show the time of the bar under the cursor, or the whole run again", shown=True),
    Key("space", "fold", "fold", "Hide or show what is nested in the bar under the cursor", shown=True),
    Key("s", "slowest", "slowest", "Move to the slowest step, then to the next slowest", shown=True),
)
"""The keys of a timeline."""

TIMELINE_SCREEN = (
    Key("enter", "choose", "go to", "Go to the step under the cursor in the run", shown=True),
    Key("y", "copy", "copy", "Copy the internal name under the cursor"),
    Key("escape", "back", "back", "Back to the run", shown=True, display="esc"),
)
"""The keys of the screen around a timeline."""

LOG_DIFFERENCE = (
    Key("n", "next_difference", "next", "Move to the next difference", shown=True),
    Key("N", "previous_difference", "previous", "Move to the previous difference"),
    Key("y", "copy", "copy", "Copy the line under the cursor"),
    Key("escape", "back", "back", "Back to the comparison", shown=True, display="esc"),
)
"""The keys of the difference between two logs."""
