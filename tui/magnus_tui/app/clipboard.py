"""Copying text to where the user can paste it, and telling where that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App

from magnus_tui.format.text import MOST_COPIED, clean, clean_lines
from magnus_tui.terminal.tmux import is_inside_tmux, load_buffer

_SAID_OF_COPY = 60
"""Characters of the copied text that are shown."""


def copy_and_say(app: App[Any], text: str) -> None:
    """Copy `text` into tmux's buffer, else to the user's own terminal (OSC 52, over SSH too), and say which."""
    if not text:
        app.notify("there is nothing to copy here", timeout=2)
    elif len(text) > MOST_COPIED:
        said = f"not copied: terminals don't accept {len(text):,} characters"
        app.notify(said, severity="warning", timeout=4)
    elif is_inside_tmux() and not app.is_headless and not app.is_web:
        work: Callable[[], Any] = partial(_copy_into_tmux, app, text)
        app.run_worker(work, group="copy", thread=True, description="tmux's buffer")
    else:
        _send_to_terminal(app, text, "copied" if app.is_web else "sent to the terminal")


def _copy_into_tmux(app: App[Any], text: str) -> None:
    problem = load_buffer(clean_lines(text))
    if problem is None:
        app.call_from_thread(_say_copied, app, text, "copied into tmux's buffer")
    else:
        app.call_from_thread(_send_to_terminal, app, text, f"{problem}; sent to the terminal")


def _send_to_terminal(app: App[Any], text: str, said: str) -> None:
    app.copy_to_clipboard(text)
    _say_copied(app, text, said)


def _say_copied(app: App[Any], text: str, said: str) -> None:
    first = text.split("\n", 1)[0]
    cut = "…" if len(text) > _SAID_OF_COPY or first != text else ""
    app.notify(f"{said}: {clean(first[:_SAID_OF_COPY])}{cut}", timeout=2)
