"""Captured output reads as a terminal would have left it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.terminal_lines import screen_lines

UP, ERASE = "\x1b[1A", "\x1b[2K"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (" 10%|#  |\r 20%|## |\r100%|###| done", ["100%|###| done"]),
        (f"epoch 1\n{UP}{ERASE}epoch 2\n{UP}{ERASE}epoch 3\nend", ["epoch 3", "end"]),
        ("outer 1\ninner 1\x1b[A\router 2\x1b[B\rinner 2\n", ["outer 2", "inner 2", ""]),
        ("working |\b/\b-\b\\\bdone", ["working done"]),
        ("downloading 99%\r\x1b[Kready", ["ready"]),
        ("a\nb\nc\x1b[2A\r\x1b[Jd", ["d"]),
        ("a\x1b[2Jb\x1b[Hc", ["abc"]),
        ("ab\x1b[999999999Gc", ["ab c"]),
    ],
)
def test_what_was_written_over_is_gone(text, lines):
    assert screen_lines(text)[0] == lines


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("\x1b[1;31mred\x1b[0m plain", ((0, 3, "bold red"),)),
        ("\x1b[38;2;20;200;20mgreen\x1b[39m plain", ((0, 5, "green"),)),
        ("\x1b[38;5;196mred\x1b[m", ((0, 3, "red"),)),
        ("\x1b[30;40mblack on black\x1b[0m", ()),
        ("\x1b[8mhidden\x1b[28m", ()),
        ("\x1b[97;48;5;16mwhite\x1b[0m", ()),
    ],
)
def test_colours_are_kept_where_they_can_not_hide_anything(text, spans):
    (line,), _ = screen_lines(text)
    assert getattr(line, "spans", ()) == spans


HOSTILE = st.text(st.sampled_from("\x1b[]P^0;129ABCDEFGHJKm\x07\x9b\x9d\\\n\r\x08\x00a│漢\u202e"), max_size=300)


@given(HOSTILE)
def test_nothing_that_a_terminal_obeys_is_left_and_every_line_has_a_place(text):
    lines, places = screen_lines(text)
    assert all(line.isprintable() or "\t" in line for line in lines)
    assert len(places) == text.replace("\r\n", "\n").count("\n") + 1
    assert all(0 <= place < len(lines) for place in places)
    assert sum(map(len, lines)) <= 2 * len(text)
    for line in lines:
        assert all(0 <= start < end <= len(line) for start, end, _ in getattr(line, "spans", ()))


def test_lines_without_colours_are_the_same_text():
    text = "\x1b[32mok\x1b[0m\n10%\r20%\n"
    assert screen_lines(text, colors=False)[0] == screen_lines(text)[0]
