"""Themes besides ours: Textual's, and the user's own, a TOML file each in a folder beside the settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from magnus_tracking.errors import ConfigurationError, os_reason
from magnus_tracking.filesystem.regular_files import read_text
from magnus_tracking.printable import clean
from magnus_tui.screen import Explorer
from magnus_tui.theme import DEFAULT_THEME, THEMES, made_theme

FOLDER = "themes"
_LARGEST = 1 << 16
"""Bytes of a theme's file; what is larger is not one."""
_MOST = 200
"""Files that are looked at."""
_COLORS = ("primary", "secondary", "accent", "foreground", "background", "panel", "success", "warning", "error")
_LEAST_CONTRAST = 4.5
"""Of WCAG 2.1, for text that is read."""
_STEPS = 20


class ThemeChoice:
    """The themes that can be chosen: ours and the chosen one at first, the others once they have been read."""

    def __init__(self, app: Explorer, folder: Path) -> None:
        """Offer the themes that ship with the explorer, and the chosen one.

        Args:
            app: whose themes they are.
            folder: where the user's own are.
        """
        self._app = app
        self._folder = folder
        offered = {theme.name: theme for theme in THEMES}
        chosen = BUILTIN_THEMES.get(app.settings.theme)
        if chosen is not None and not chosen.name.startswith("ansi-"):
            offered[chosen.name] = adopted(chosen)
        for theme in offered.values():
            app.register_theme(theme)
        # Textual's watcher would have all styles read twice before the first frame, which takes 6 ms.
        app.set_reactive(App.theme, app.settings.theme if app.settings.theme in offered else DEFAULT_THEME)
        app.stylesheet.set_variables(app.get_css_variables())
        for name in set(app.available_themes) - set(offered):
            app.unregister_theme(name)

    def read_others(self) -> None:
        """Make Textual's themes and the user's own ready; called off the event loop."""
        own, problems = themes_in(self._folder)
        self._app.call_from_thread(self._add, [*textual_themes(), *own], problems)

    def _add(self, themes: Sequence[Theme], problems: Sequence[str]) -> None:
        app, ours = self._app, {theme.name for theme in THEMES}
        for theme in themes:
            if theme.name not in ours and theme != app.current_theme:
                app.register_theme(theme)
        if app.settings.theme in app.available_themes:
            app.theme = app.settings.theme
        for problem in problems:
            app.notify(f"themes: {problem}", severity="error", timeout=10)

    def chosen(self, theme: Theme) -> None:
        """Remember the theme that the user chose."""
        if theme.name != self._app.settings.theme:
            self._app.remember(theme=theme.name)


def textual_themes() -> Iterator[Theme]:
    """Textual's own themes with the colours that our screens need; those of the terminal's palette have none to mix."""
    yield from (adopted(theme) for theme in BUILTIN_THEMES.values() if not theme.name.startswith("ansi-"))


def adopted(theme: Theme) -> Theme:
    """A theme that was not made for us, with the colours that our screens need; texts are moved until they can be read.

    Args:
        theme: with colours that can be mixed.
    """
    found = theme.to_color_system().generate()
    background = Color.parse(found["background"])
    # Nearer to the background than with Textual, so that colours need not become pale to be read on it.
    panel = background.blend(Color.parse(found["panel"]), 0.4)
    foreground = _readable(Color.parse(found["foreground"]), background, panel)
    primary = Color.parse(found["primary"])
    cursor, blurred = background.blend(primary, 0.18), background.blend(primary, 0.1)

    def text(color: Color) -> str:
        return _readable(color, background, panel, cursor).hex

    return made_theme(
        theme.name,
        dark=theme.dark,
        foreground=foreground.hex,
        background=background.hex,
        panel=panel.hex,
        cursor=(cursor.hex, _readable(foreground, cursor).hex),
        blurred=blurred.hex,
        dim=text(foreground.blend(background, 0.35)),
        rule=background.blend(foreground, 0.25).hex,
        processing=text(primary),
        **{
            name: text(Color.parse(found[name]))
            for name in _COLORS
            if name not in ("foreground", "background", "panel")
        },
    )


def _readable(color: Color, *behind: Color) -> Color:
    """A colour, moved so far towards black or white that it can be read on all backgrounds."""
    goal = behind[0].get_contrast_text(1.0)
    moved = (color.blend(goal, step / _STEPS) for step in range(_STEPS + 1))
    return next((one for one in moved if all(contrast(one, back) >= _LEAST_CONTRAST for back in behind)), goal)


def contrast(first: Color, second: Color) -> float:
    """The ratio of WCAG 2.1 between two colours, from 1 to 21."""

    def luminance(color: Color) -> float:
        channels = [channel / 255 for channel in color.rgb]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes_in(folder: Path) -> tuple[list[Theme], list[str]]:
    """The user's themes in a folder, and a line for each file that is not one; blocks, so that threads call it."""
    themes, problems = [], []
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")[:_MOST]
    except OSError:
        return [], []
    for path in files:
        try:
            themes.append(read_theme(path))
        except ConfigurationError as error:
            problems.append(str(error))
    return themes, problems


def read_theme(path: Path) -> Theme:
    """The theme in a file, by whose name it is called.

    Raises:
        ConfigurationError: the file can't be read, is not TOML, or holds what is not a colour of a theme.
    """
    import tomllib  # late: few have themes of their own

    try:
        values = tomllib.loads(read_text(path, most=_LARGEST))
    except OSError as error:
        raise ConfigurationError(f"{path}: {os_reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: {next(iter(str(error).splitlines()), 'not TOML')[:200]}") from None
    dark = values.pop("dark", True)
    if not isinstance(dark, bool):
        raise ConfigurationError(f"{path}: dark must be true or false")
    if "primary" not in values:
        raise ConfigurationError(f"{path}: primary, the main colour, is missing")
    colors: dict[str, Any] = {name: _color(path, name, value) for name, value in values.items()}
    return adopted(Theme(clean(path.stem), dark=dark, **colors))


def _color(path: Path, name: str, value: object) -> str:
    if name not in _COLORS:
        raise ConfigurationError(f"{path}: unknown colour {name[:40]!r}; there are dark and {', '.join(_COLORS)}")
    try:
        color = Color.parse(value) if isinstance(value, str) else None
    except ColorParseError:
        color = None
    if color is None or color.ansi is not None or color.a < 1:
        raise ConfigurationError(f'{path}: {name} must be a colour such as "#7aa2f7"')
    return color.hex
