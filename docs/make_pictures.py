"""Draw the pictures of the README, ``python docs/make_pictures.py``, or every screen: ``… --all FOLDER``.

`--all` draws each screen and dialog at four sizes and in each of our themes, as ``FOLDER/THEME/SIZE/NAME.svg``: what
to look at before a change of looks is committed. All are drawn from the sample runs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from magnus_tracking.stores import open_store
from magnus_tui.app.explorer import ExplorerApp

DOCS = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 23, 22, 30)
SIZE = (152, 36)
SIZES = [(80, 24), (120, 30), (160, 45), (220, 60)]
THEMES = ["magnus-dark", "magnus-light", "magnus-contrast"]
PICTURES = {
    "runs": [],
    "failure": ["slash", *"fixed-11", "enter", "enter"],
    "metrics": ["slash", *"fixed-9", "enter", "enter", "2"],
    "charts": ["slash", *"id:tracked-sweep-*", "enter", "space", "space", "p"],
    "compare": ["slash", *"id:tracked-sweep-*", "enter", "space", "space", "space", "c"],
}
"""The README's, with the keys that lead to each from the list."""

SCREENS = {
    "runs": [],
    "runs-filter": ["slash", *"status:"],
    "runs-columns": ["escape", "escape", "o"],
    "runs-groups": ["escape", "b"],
    "runs-grouped": ["down", "enter"],
    "runs-saved-queries": ["b", "home", "enter", "Q"],
    "runs-history": ["escape", "down", "down", "down", "down", "v"],
    "failures": ["escape", "f"],
    "failures-attempts": ["enter"],
    "failures-flaky": ["escape", "2"],
    "comparison": ["escape", "escape", "slash", *"id:tracked-sweep-*", "enter", "space", "space", "space", "c"],
    "comparison-curves": ["tab"],
    "run": ["escape", "escape", "u", "slash", *["backspace"] * 20, *"id:tracked-diverged", "enter", "enter"],
    "run-overview": ["1"],
    "run-metrics": ["2"],
    "run-chart": ["enter"],
    "run-values": ["escape", "v"],
    "run-parameters": ["v", "3"],
    "run-attempts": ["4"],
    "run-log": ["5"],
    "run-catalog": ["6"],
    "run-code": ["7"],
    "run-configuration": ["8"],
    "run-json": ["9"],
    "timeline": ["1", "t"],
    "go-to": ["escape", "5", "colon"],
    "save": ["escape", "w"],
    "attempts": ["escape", "escape", "slash", *["backspace"] * 19, *"tracked-retried", "enter", "enter", "1", "C"],
    "help": ["escape", "question_mark"],
    "palette": ["escape", "ctrl+p"],
}
"""Every screen and dialog, with the keys that lead to each from the one before."""


@asynccontextmanager
async def _opened(size: tuple[int, int]) -> AsyncIterator[tuple[ExplorerApp, Pilot[None]]]:
    """The explorer on the sample runs, with everything read, at a time that stands still."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(HOME=str(DOCS.parent), XDG_CACHE_HOME=folder)
        settings = Path(folder) / "settings.toml"
        settings.write_text('follow = false\ncolumns = ["param.lr", "metric.loss"]\n')
        app = ExplorerApp(open_store(DOCS.parent / "sample_runs"), settings_file=settings, clock=lambda: NOW)
        async with app.run_test(size=size) as pilot:
            await _settle(pilot, app)
            yield app, pilot


async def _press(pilot: Pilot[None], app: ExplorerApp, keys: Sequence[str]) -> None:
    for key in keys:
        await pilot.press(key)
        await _settle(pilot, app)


async def _settle(pilot: Pilot[None], app: ExplorerApp) -> None:
    for _ in range(2):
        await pilot.pause()
        await asyncio.gather(
            *(worker.wait() for worker in app.workers if not worker.is_finished), return_exceptions=True
        )
    await pilot.pause()


def _write(app: ExplorerApp, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(app.export_screenshot(title="magnus-tui", simplify=True))


async def draw(name: str, keys: Sequence[str]) -> None:
    """Draw one picture of the README after pressing some keys."""
    async with _opened(SIZE) as (app, pilot):
        await _press(pilot, app, keys)
        _write(app, DOCS / "pictures" / f"{name}.svg")


async def draw_all(folder: Path, size: tuple[int, int]) -> None:
    """Draw every screen and dialog at one size, in each theme."""
    async with _opened(size) as (app, pilot):
        for name, keys in SCREENS.items():
            await _press(pilot, app, keys)
            for theme in THEMES:
                app.theme = theme
                await _settle(pilot, app)
                _write(app, folder / theme / f"{size[0]}x{size[1]}" / f"{name}.svg")


def main() -> None:
    """Draw the README's pictures, or all screens into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--all", type=Path, metavar="FOLDER", help="draw every screen at four sizes and in three themes"
    )
    folder = parser.parse_args().all
    if folder is None:
        for name, keys in PICTURES.items():
            asyncio.run(draw(name, keys))
    else:
        for size in SIZES:
            asyncio.run(draw_all(folder, size))


if __name__ == "__main__":
    main()
