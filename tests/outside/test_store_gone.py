"""A store that goes and comes back while the explorer is open, on each of its main screens."""

import shutil

import pytest

from support.stores import DATA_STORES
from support.tmux import explorer

pytestmark = pytest.mark.outside


@pytest.mark.parametrize("polling", ["never", "always"])
@pytest.mark.parametrize(
    ("keys", "shows"),
    [([], "15 runs"), (["Enter"], "attempt 1"), (["Space", "Space", "c"], "differences"), (["f"], "diverged")],
    ids=["list", "run", "comparison", "failures"],
)
def test_a_store_that_goes_is_said_on_every_screen_and_is_followed_when_it_is_back(
    store_copy, user_folders, polling, keys, shows
):
    project = store_copy("magnus-sweep")
    settings = user_folders / "config_home" / "magnus-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'polling = "{polling}"\n')
    root = project / ".run_log_store"
    with explorer(project, width=160, height=45) as terminal:
        terminal.wait_for("15 runs", "follow")
        terminal.press(*keys)
        terminal.wait_for(shows)
        root.rename(project / "away")
        terminal.wait_for("is gone")
        (project / "away").rename(root)
        terminal.wait_for("is back")
        if keys:
            terminal.press("Escape")
        terminal.wait_for("15 runs", "follow", absent=["the store is gone"])
        shutil.copy(root / "fixed-3.json", root / "later.json")
        terminal.wait_for("16 runs", "later")
        terminal.press("q")


@pytest.mark.parametrize("polling", ["never", "always"])
def test_a_store_that_is_deleted_and_made_again_shows_its_new_run(store_copy, user_folders, polling):
    project = store_copy("magnus-sweep")
    settings = user_folders / "config_home" / "magnus-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'polling = "{polling}"\n')
    root = project / ".run_log_store"
    with explorer(project, width=110, height=14) as terminal:
        terminal.wait_for("15 runs", "follow")
        shutil.rmtree(root)
        root.mkdir()
        shutil.copy(DATA_STORES / "magnus-sweep" / ".run_log_store" / "fixed-9.json", root / "again.json")
        terminal.wait_for("1 run ", "again", absent=["15 runs"])
        terminal.press("q")
