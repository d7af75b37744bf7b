import itertools
import tomllib
from pathlib import Path

import pytest
from textual.color import Color

from magnus_tui.app.themes import FOLDER, contrast, read_theme, textual_themes
from magnus_tui.format.status import STATUS_VARIABLES
from magnus_tui.theme import THEMES
from support.explorer import at_home, explore, press, screen_text, settle
from support.stores import TESTS

PAGE = TESTS.parent / "docs" / "themes.md"


def example():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if line.startswith("    "))


def put(name, text):
    folder = Path.home() / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


@pytest.mark.parametrize("theme", textual_themes(), ids=lambda theme: theme.name)
def test_texts_of_themes_that_were_made_for_others_can_be_read(theme):
    backgrounds = [theme.background, theme.panel, theme.variables["block-cursor-background"]]
    texts = [theme.primary, theme.accent, *(theme.variables[name] for name in ("dim", *STATUS_VARIABLES.values()))]
    for text, background in itertools.product(texts, backgrounds):
        assert contrast(Color.parse(text), Color.parse(background)) >= 4.4, (text, background)


async def test_a_theme_of_the_user_is_offered_drawn_and_remembered():
    put("moss.toml", example())
    app = explore(at_home("magnus-sweep"), theme='"moss"')
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        assert app.theme == "moss"
        assert app.screen.rich_style.bgcolor.triplet.hex == "#12160f"
        await press(pilot, "ctrl+p", *"choose the theme", "enter")
        assert "nord" in screen_text(app)
        await press(pilot, *"nord", "enter")
        assert app.theme == "nord"
        assert app.screen.rich_style.bgcolor.triplet.hex == "#2e3440"
    assert tomllib.loads(app.settings_file.read_text())["theme"] == "nord"


async def test_files_that_are_not_themes_are_said_in_a_line_each_and_the_others_hold():
    put("moss.toml", example())
    put("bad.toml", "primary = ")
    put("colours.toml", 'primary = "#112233"\nprimry = "red"')
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        said = [notification.message for notification in app._notifications]
        assert len(said) == 2
        assert "bad.toml: " in said[0]
        assert "colours.toml: unknown colour 'primry'" in said[1]
        assert "moss" in app.available_themes
        assert app.theme == "magnus-dark"


@pytest.mark.parametrize(
    "text",
    ["primary = 3", 'primary = "\\u001b[31m"', "dark = true", 'dark = "yes"\nprimary = "red"', 'primary = "ansi_red"'],
)
def test_what_is_not_a_colour_is_one_clear_line(tmp_path, text):
    file = tmp_path / "a.toml"
    file.write_text(text)
    with pytest.raises(Exception, match=r"a\.toml: (primary|dark)") as raised:
        read_theme(file)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_text_on_every_screen_stands_out_from_what_is_behind_it(theme):
    app = explore(at_home("runnable-examples"), theme=f'"{theme}"')
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        for keys in (
            [],
            ["space", "down", "space", "c"],
            ["escape", "u", "v"],
            ["escape", "f"],
            ["enter"],
            ["2"],
            ["escape", "escape", "enter"],
            *("23456789"),
            ["t"],
        ):
            await press(pilot, *keys)
            await settle(pilot)
            for strip in app.screen._compositor.render_strips():
                for text, style, _ in strip:
                    if style is None or not any(map(str.isalnum, text)) or not (style.color and style.bgcolor):
                        continue
                    ink, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                    assert contrast(ink, ground) > 3, (keys, text)
