from magnus_tui.run.json_tree import JsonTree
from support.explorer import at_home, explore, open_run, press, screen_text


async def open_raw(pilot, run_id):
    await open_run(pilot, run_id)
    await press(pilot, "9")
    return pilot.app.focused


async def test_rows_open_and_close_and_are_copied_as_json():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        tree = await open_raw(pilot, "fixed-3")
        assert isinstance(tree, JsonTree)
        while "parameters" not in tree.line_at(tree.cursor).plain:
            await press(pilot, "down")
        before = tree.line_count
        await press(pilot, "right")
        assert "lr  0.01" in screen_text(app)
        assert '"lr": 0.01' in tree.copy_text()
        await press(pilot, "left")
        assert tree.line_count == before


async def test_moving_left_reaches_the_row_around():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        tree = await open_raw(pilot, "fixed-3")
        await press(pilot, "down", "down", "left")
        assert tree.cursor == 0
        await press(pilot, "enter")
        assert tree.line_count == 1


async def test_what_was_open_stays_open_while_another_tab_is_shown():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        tree = await open_raw(pilot, "fixed-3")
        await press(pilot, "G", "right")
        opened = tree.line_count
        await press(pilot, "1", "9")
        assert tree.line_count == opened
