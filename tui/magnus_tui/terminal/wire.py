"""What is sent to the terminal, over SSH as a rule: only what changes on it."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, cast

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver

from magnus_tui.terminal.frame_diff import ShownScreen

VARIABLE = "MAGNUS_TUI_WIRE"
"""The environment variable that has frames sent as Textual composes them, by the value ``plain``."""

_LEAVES_SCREEN = re.compile(r"(?:\x1b\[[<=>?][0-9;]*\$?[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07)*").fullmatch
"""What changes no cell: modes, questions, the clipboard, the title, the bell."""
_OTHER_SCREEN = "?1049"


class SparingDriver(Driver):
    """Sends the cells of a frame that differ from what the terminal shows, in front of any of Textual's drivers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._shown = ShownScreen()
        self._is_framing = False
        self._frame = ""

    def forget_shown(self) -> None:
        """Send the next frame whole, because the terminal may show something else than it was sent."""
        self._shown.forget()

    def write(self, data: str) -> None:
        """Write a frame, or anything else, to the terminal.

        Args:
            data: as Textual composes it.
        """
        if data == SYNC_START:
            self._is_framing = True
        elif data == SYNC_END:
            self._is_framing = False
            if self._frame:
                self._send(f"{SYNC_START}{self._frame}{SYNC_END}")
                self._frame = ""
        elif _LEAVES_SCREEN(data):
            if _OTHER_SCREEN in data:
                self._shown.forget()
            self._send(data)
        else:
            changes = self._shown.update(data)
            if self._is_framing:
                self._frame += changes
            elif changes:
                self._send(changes)

    def _send(self, data: str) -> None:
        super().write(data)  # type: ignore[safe-super]  # the driver that stands behind this class


def sparing(driver: type[Driver]) -> type[Driver]:
    """A driver like another one, that sends only what changes.

    Args:
        driver: whichever Textual picked, or one of ours.

    Returns:
        The driver itself on Windows, whose console is not a wire, and where the user asked for plain frames.
    """
    if sys.platform == "win32" or os.environ.get(VARIABLE) == "plain" or issubclass(driver, SparingDriver):
        return driver
    return cast("type[Driver]", type(f"Sparing{driver.__name__}", (SparingDriver, driver), {}))
