"""The smallest Textual application: what any explorer's first paint, and any of its keys, cost at least."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static


class BareDialog(ModalScreen[None]):
    """A list of a few lines, until escape is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss")]

    def compose(self) -> ComposeResult:
        """The list."""
        yield OptionList("one", "two", "three")


class BareApp(App[None]):
    """One line of text, which tells the key that was pressed last; one key opens a dialog."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("bare-application-painted")

    def on_key(self, event: Key) -> None:
        """Show the key."""
        if event.key == "o":
            self.push_screen(BareDialog())
        else:
            self.query_one(Static).update(f"pressed: {event.key}")


if __name__ == "__main__":
    BareApp().run()
