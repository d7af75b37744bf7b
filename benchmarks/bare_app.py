"""The smallest Textual application: what any explorer's first paint costs at least."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("bare-application-painted")


if __name__ == "__main__":
    BareApp().run()
