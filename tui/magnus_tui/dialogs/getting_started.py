"""What is shown where there is no store: what was looked for, where, and how to make a run."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui import keys
from magnus_tui.format.text import clean
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.title_bar import TitleBar

HOW_TO = """\
A run appears as soon as one of these is run in a project:

  magnus execute -f pipeline.yaml               a magnus pipeline
  magnus-track step train -- python train.py    any command, as a step

In train.py, these two lines track a curve:

  from magnus_tracking import track_this
  track_this(step=0, loss=0.5)

Then open it from the project's folder, or name it:

  magnus-tui                                    the store of this folder
  magnus-tui path/to/project                    a folder with a store
  magnus-tui path/to/run.json                   one run
"""


class GettingStartedScreen(Screen[None]):
    """There is no store here, or it can't be read."""

    key_tables: ClassVar = [("everywhere", keys.APP)]
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, error: MagnusTrackingError) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        """What is wrong, and what to do."""
        yield TitleBar()
        with VerticalScroll(id="no-store"):
            yield Static(self._text(), markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Say where you are."""
        self.query_one(TitleBar).path = ("magnus-tui", "no store")

    def _text(self) -> Text:
        text = Text(clean(str(self._error)), style="bold")
        text.append("\n\n" + HOW_TO, style="not bold")
        return text
