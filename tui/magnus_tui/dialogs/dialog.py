"""What all dialogs are: a screen that lies over the dimmed one below it."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.await_complete import AwaitComplete
from textual.color import Color
from textual.css.styles import RulesMap
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual


class _Dimmed(Visual):
    """A screen, dimmed as Textual dims it, but each of its styles once, and its lines as they are.

    Textual mixes the colours of every piece of text anew, and draws all of them five times while a dialog opens.
    """

    def __init__(self, screen: Screen[Any], color: Color) -> None:
        self._screen = screen
        self._color = color

    def render_strips(self, width: int, height: int | None, style: VisualStyle, options: RenderOptions) -> list[Strip]:
        """The lines of the screen without what can be clicked in them."""
        below = style.rich_style

        @cache
        def dim(style: Style | None) -> Style:
            (segment,) = BackgroundScreen.process_segments([Segment("", style)], self._color)
            return below + segment.style

        return [
            Strip([Segment(text, dim(style)) for text, style, _ in strip], strip.cell_length)
            for strip in self._screen._compositor.render_strips()
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """That of the screen."""
        return self._screen.size.width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """That of the screen."""
        return self._screen.size.height


def dimmed(background: RenderableType) -> RenderableType:
    """What a screen draws below its widgets, more cheaply where that is another screen, dimmed."""
    if not isinstance(background, BackgroundScreen):
        return background
    # A screen may draw any visual; Textual's annotation of it does not say so.
    return cast("RenderableType", _Dimmed(background.screen, background.color))


class Dialog(ModalScreen[ScreenResultType]):
    """A screen that lies over the dimmed one below it."""

    def render(self) -> RenderableType:
        """The dimmed screen below."""
        return dimmed(super().render())

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave the dialog; a key or click that comes once it was left would leave the screen below it, too."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
