import textwrap

import pytest

from magnus_tracking.errors import StoreNotFoundError
from magnus_tui.app.explorer import ExplorerApp
from support.explorer import SIZE_NAMES, SIZES, explore, screen_text, settle


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_without_a_store_the_screen_says_what_was_looked_for_and_how_to_make_a_run(snap_compare, size, tmp_path):
    app = ExplorerApp(StoreNotFoundError("somewhere/project"), settings_file=tmp_path / "settings.toml")
    assert snap_compare(app, terminal_size=size)


async def test_the_example_of_python_is_code_at_80_columns(tmp_path):
    app = ExplorerApp(StoreNotFoundError("somewhere/project"), settings_file=tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app).partition("track a curve:")[2].partition("Then open")[0]
        assert "track_this(step=0, loss=0.5)" in shown
        compile(textwrap.dedent(shown), "example", "exec")
        assert not app.screen.query_one("#no-store").show_vertical_scrollbar


async def test_an_empty_store_says_how_to_make_a_run(tmp_path):
    (tmp_path / ".run_log_store").mkdir()
    app = explore(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        assert "no runs in" in screen_text(app)
        assert "magnus-track step" in screen_text(app)
