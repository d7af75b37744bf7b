import itertools

import pytest
from textual.color import Color

from magnus_tui.charts.series_colors import GLYPHS
from magnus_tui.format.status import STATUS_GLYPHS, STATUS_VARIABLES
from magnus_tui.theme import THEMES
from support.explorer import at_home, explore, press, settle
from support.places import PLACES

TEXTS = {"dim", *STATUS_VARIABLES.values()}


def contrast(first: Color, second: Color) -> float:
    """The ratio of WCAG 2.1, from 1 to 21."""

    def luminance(color: Color) -> float:
        channels = [c / 255 for c in color.rgb]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_background(theme):
    backgrounds = [theme.background, theme.panel, theme.surface]
    texts = [theme.foreground, theme.primary, theme.accent, theme.error, theme.success, theme.warning]
    texts += [theme.variables[name] for name in sorted(TEXTS)]
    for text, background in itertools.product(texts, backgrounds):
        assert contrast(Color.parse(text), Color.parse(background)) >= 4.5, (text, background)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_under_the_cursor_can_be_read(theme):
    for state in ("block-cursor", "block-cursor-blurred"):
        background = Color.parse(theme.variables[f"{state}-background"])
        assert contrast(Color.parse(theme.variables[f"{state}-foreground"]), background) >= 4.5
        for name in sorted(TEXTS):
            assert contrast(Color.parse(theme.variables[name]), background) >= 4.5, (name, state)


def colours(app):
    """The text of each line and the colours of its cells, whatever the parts that it was drawn in."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        cells = [
            (char, part.style and part.style.color, part.style and part.style.bgcolor)
            for part in strip
            for char in part.text
        ]
        lines.append(cells)
    return lines


async def test_switching_the_theme_paints_every_screen_as_if_it_had_been_chosen_before():
    project = at_home("magnus-sweep")
    switched, begun = explore(project), explore(project, theme='"magnus-light"')
    switched.theme = "magnus-dark"
    stale = {}
    async with switched.run_test(size=(160, 45)) as here, begun.run_test(size=(160, 45)) as there:
        await settle(here)
        await settle(there)
        for place, keys in PLACES.items():
            switched.theme = "magnus-dark"
            for pilot in here, there:
                await press(pilot, *keys)
            switched.theme = "magnus-light"
            await settle(here)
            pairs = zip(colours(switched), colours(begun), strict=True)
            stale[place] = [y for y, (one, other) in enumerate(pairs) if one != other]
    assert {place: lines for place, lines in stale.items() if lines} == {}


def test_a_sign_has_one_meaning():
    states = set(STATUS_GLYPHS.values())
    others = "★▲▼▸▾▌•│"
    assert not states & set(GLYPHS)
    assert not (states | set(GLYPHS)) & set(others)
    assert len(set(GLYPHS)) == len(GLYPHS)
