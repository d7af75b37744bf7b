"""The line on top of a screen, in little room."""

import pytest
from rich.text import Text
from textual.app import App

from magnus_tui.widgets.title_bar import TitleBar


class TitleApp(App[None]):
    CSS = "TitleBar { padding: 0 1; height: 1; }"

    def compose(self):
        yield TitleBar()


@pytest.mark.parametrize(
    ("path", "width", "shown"),
    [
        (("/data/projects/digits", "fixed-9"), 37, "/data/projects/digits › fixed-9"),
        (("/data/projects/digits", "fixed-9"), 36, "…/projects/digits › fixed-9"),
        (("/data/projects/digits", "fixed-9"), 32, "…/digits › fixed-9"),
        (("/data/projects/digits", "fixed-9"), 23, "… › fixed-9"),
        (("digits", "failures", "ValueError"), 36, "digits › failures › ValueError"),
        (("digits", "failures", "ValueError"), 35, "… › failures › ValueError"),
        (("digits", "failures", "ValueError"), 30, "… › ValueError"),
    ],
)
async def test_of_a_path_whole_names_are_left_out_from_its_beginning_and_the_status_ends_the_line(path, width, shown):
    app = TitleApp()
    async with app.run_test(size=(width, 1)):
        bar = app.query_one(TitleBar)
        bar.path, bar.status = path, Text("ok")
        assert bar.render().plain == shown + "ok".rjust(width - 2 - len(shown))
