"""A text whose height is its own."""

from textual.app import App

from magnus_tui.widgets.growing_text import GrowingText


class TextApp(App[None]):
    CSS = "GrowingText { height: auto; }"

    def compose(self):
        yield GrowingText("reading …")


async def test_a_text_that_changes_before_it_was_laid_out_is_as_high_as_the_new_one():
    app = TextApp()
    async with app.run_test() as pilot:
        text = app.query_one(GrowingText)
        text.update("one line")
        app.screen._refresh_layout()  # as a resize does it, before the text's own turn
        text.update("one line\nand another")
        await pilot.pause()
        assert text.size.height == 2
