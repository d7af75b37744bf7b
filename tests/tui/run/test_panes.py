import pytest
from rich.cells import cell_len

from magnus_tui.run.panes.traceback_text import without_boxes
from magnus_tui.widgets.page import Ink, Page, fields, inline, paragraph, wrap

PAGE = Page(Ink(), 40, 20)


@pytest.mark.parametrize("text", ["word " * 30, "x" * 200, "日本語" * 40, "🚀 train " * 20, ""])
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text):
    parts = wrap(text, 40)
    assert all(cell_len(part) <= 40 for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_a_paragraph_that_is_cut_ends_in_an_ellipsis_and_is_copied_whole():
    text = "word " * 100
    lines = paragraph(text, PAGE, most=3)
    assert len(lines) == 3
    assert lines[-1].text.plain.endswith("…")
    assert all(line.copy == text for line in lines)


def test_a_long_value_goes_on_below_itself():
    lines = fields([("name", "word " * 20)], PAGE)
    assert len(lines) > 1
    assert lines[0].text.plain.startswith("name  word")
    assert lines[1].text.plain.startswith("      word")


def test_parameters_that_do_not_fit_are_counted():
    lines = inline([(f"parameter{n}", str(n)) for n in range(50)], PAGE, 2)
    assert len(lines) == 2
    assert lines[1].text.plain.rstrip().split()[-1].startswith("+")
    assert all(line.text.cell_len <= 40 for line in lines)


def test_text_out_of_a_log_is_never_markup():
    line = paragraph("[bold]x[/bold] [/]", PAGE)[0]
    assert line.text.plain == "[bold]x[/bold] [/]"


def test_the_box_of_a_traceback_is_taken_off():
    boxed = [
        "           ERROR    it failed            tasks.py:180",
        "                    ╭── Traceback (most recent call last) ──╮",
        "                    │ /a/train.py:28 in train               │",
        "                    │                                       │",
        '                    │ ❱ 28 │   │   raise ValueError("x")    │',
        "                    ╰───────────────────────────────────────╯",
        "                    ValueError: x   ",
        "",
    ]
    assert without_boxes(boxed[1:]) == [
        "Traceback (most recent call last)",
        "/a/train.py:28 in train",
        "",
        '❱ 28 │   │   raise ValueError("x")',
        "ValueError: x",
    ]


def test_a_plain_traceback_stays_as_it_is():
    plain = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "    x", "KeyError: 'x'"]
    assert without_boxes(plain) == plain
