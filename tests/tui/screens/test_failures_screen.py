import pytest

from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, screen_text, settle


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_failures_by_cause(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "f")

    assert snap_compare(explore(at_home("runnable-0.36.1")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_the_attempts_of_a_cause(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "f", "down", "down", "enter")

    assert snap_compare(explore(at_home("runnable-0.36.1")), terminal_size=size, run_before=before)


async def test_an_attempt_opens_on_its_traceback_and_escape_goes_back_one_layer_at_a_time():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f", "enter", "enter")
        assert "loss diverged: nan at step 201" in screen_text(app)
        await press(pilot, "escape")
        assert "the latest first" in screen_text(app)
        await press(pilot, "escape")
        assert "1 cause" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.table.row_ids
