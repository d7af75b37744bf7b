"""A terminal of a few lines: what is listed comes before what is said of it."""

import pytest

from support.explorer import at_home, explore, open_run, press, screen_text, settle


@pytest.mark.parametrize("key", ["t", "f"], ids=["timeline", "failures"])
async def test_the_rows_of_a_list_are_seen_above_their_details(key):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(40, 10)) as pilot:
        if key == "t":
            await open_run(pilot, "fixed-2")
        else:
            await settle(pilot)
        await press(pilot, key)
        lines = screen_text(app).splitlines()
        assert any(line.startswith("───") for line in lines[4:]), "rows, then the details"


async def test_the_filter_line_does_not_run_into_what_stands_beside_it():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        before, sorted_by, _ = screen_text(app).splitlines()[1].partition("sorted by")
        assert sorted_by
        assert before.endswith(" ")
