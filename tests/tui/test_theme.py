import itertools

import pytest
from textual.color import Color

from magnus_tui.format.status import STATUS_VARIABLES
from magnus_tui.theme import THEMES

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
