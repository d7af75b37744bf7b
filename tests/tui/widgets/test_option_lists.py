"""Lists of options in dialogs."""

import pytest
from textual.app import App

from magnus_tui.widgets.option_lists import FilteredOptions, FilteredTicks
from support.explorer import at_home, explore, press, screen_text, settle


async def test_what_is_ticked_is_told_without_colour():
    app = explore(at_home("magnus-sweep"), columns='["param.lr", "metric.loss"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        lines = [line.partition("▐")[2] for line in screen_text(app).splitlines() if "▐" in line]
        ticked = [line for line in lines if line.startswith("x▌")]
        assert sorted(line.split()[1] for line in ticked) == ["metric.loss", "param.lr"]
        assert all(line.startswith((" ▌", "x▌")) for line in lines)
        assert len(lines) > len(ticked)


class Lists(App):
    """A list of each kind, in little room, or in more than it fills."""

    CSS = "FilteredTicks, FilteredOptions { height: 5; }"

    def compose(self):
        yield FilteredTicks(["loss", "accuracy"], [])
        yield FilteredOptions(["loss", "accuracy"])


@pytest.mark.parametrize("size", [(40, 12), (40, 1), (1, 1)])
async def test_letters_and_pages_that_come_faster_than_the_list_can_answer_change_nothing(size):
    app = Lists()
    async with app.run_test(size=size) as pilot:
        for kind in (FilteredTicks, FilteredOptions):
            one = app.query_one(kind)
            for text in ("l", "lo", "loz"):
                one.filter_lines(text)
            await pilot.pause()
            assert one.option_count == 0
            one.filter_lines("")
            one.action_page_down()
            one.action_page_up()
            await pilot.pause()
            assert one.option_count == 2


class ManyTicks(App):
    """More names than are made before the first frame."""

    def compose(self):
        yield FilteredTicks([f"metric {place}" for place in range(1_000)], ["metric 7", "metric 900"])


async def test_a_list_of_very_many_is_whole_once_it_was_painted():
    app = ManyTicks()
    async with app.run_test(size=(40, 12)) as pilot:
        ticks = app.query_one(FilteredTicks)
        assert ticks.ticked == ["metric 7", "metric 900"]
        await pilot.pause()
        assert not ticks.awaits("last")
        assert ticks.option_count == 1_000
        assert ticks.ticked == ["metric 7", "metric 900"]


async def test_keys_wait_for_the_options_that_are_out_of_sight():
    ticks = FilteredTicks([f"metric {place}" for place in range(1_000)], [])
    assert ticks.awaits("last")
    assert not FilteredTicks(["loss", "accuracy"], []).awaits("last")
