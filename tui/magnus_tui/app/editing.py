"""Giving the terminal to the user's editor for a while."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import SuspendNotSupported

from magnus_tui.feed.feed import file_to_edit
from magnus_tui.screen import Explorer
from magnus_tui.terminal.editor import edit


async def edit_elsewhere(app: Explorer, path: Path) -> None:
    """Open a file in the user's editor, which has the terminal meanwhile, and say what went wrong, if anything did.

    Args:
        app: has the terminal.
        path: the file, or a run that is a folder.
    """
    app.is_elsewhere = True
    try:
        # What changes meanwhile is not painted over the editor.
        with app.batch_update(), app.suspend():
            problem = await asyncio.to_thread(lambda: edit(file_to_edit(path)))
    except SuspendNotSupported:
        problem = "this terminal can't be handed to an editor"
    finally:
        app.is_elsewhere = False
    if problem:
        app.notify(problem, severity="warning")
    app.refresh()
