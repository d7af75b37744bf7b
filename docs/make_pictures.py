"""Draw the pictures of the README from the sample runs: ``python docs/make_pictures.py``."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import datetime
from pathlib import Path

from textual.pilot import Pilot

from magnus_tracking.stores import open_store
from magnus_tui.app.explorer import ExplorerApp

DOCS = Path(__file__).resolve().parent
NOW = datetime(2026, 11, 23, 22, 30)
SIZE = (152, 36)
PICTURES = {
    "runs": [],
    "failure": ["slash", *"fixed-11", "enter", "enter"],
    "metrics": ["slash", *"fixed-9", "enter", "enter", "2"],
    "compare": ["slash", *"id:tracked-sweep-*", "enter", "space", "space", "space", "c"],
}


async def draw(name: str, keys: list[str]) -> None:
    """Draw one picture after pressing some keys."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(HOME=str(DOCS.parent), XDG_CACHE_HOME=folder)
        settings = Path(folder) / "settings.toml"
        settings.write_text('follow = false\ncolumns = ["param.lr", "metric.loss"]\n')
        app = ExplorerApp(open_store(DOCS.parent / "sample_runs"), settings_file=settings, clock=lambda: NOW)
        async with app.run_test(size=SIZE) as pilot:
            await _settle(pilot, app)
            for key in keys:
                await pilot.press(key)
                await _settle(pilot, app)
            picture = app.export_screenshot(title="magnus-tui", simplify=True)
        (DOCS / "pictures" / f"{name}.svg").write_text(picture)


async def _settle(pilot: Pilot[None], app: ExplorerApp) -> None:
    for _ in range(2):
        await pilot.pause()
        await asyncio.gather(
            *(worker.wait() for worker in app.workers if not worker.is_finished), return_exceptions=True
        )
    await pilot.pause()


def main() -> None:
    """Draw all pictures."""
    for name, keys in PICTURES.items():
        asyncio.run(draw(name, keys))


if __name__ == "__main__":
    main()
