"""What a terminal would obey is taken out of captured output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.logs.escapes import strip_escapes


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38;2;255;0;0mred\x1b[m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07text", "text"),
        ("\x1bP1$r0m\x1b\\text", "text"),
        ("\x9b31mred", "red"),
        ("\x1b(Btext\x1b=", "text"),
        ("a\x1b", "a"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("epoch 1\repoch 2\repoch 3", "epoch 3"),
        ("epoch 3\r", "epoch 3"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("n\x08name", "name"),
        ("a\x00b\x07c\x7f", "abc"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\u202eevil\u202c", "evil"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("日本語 ✔ é", "日本語 ✔ é"),
    ],
)
def test_text_is_left_as_a_terminal_would_have_shown_it(text, plain):
    assert strip_escapes(text) == plain


hostile = st.text(
    alphabet=st.sampled_from("\x1b[]PX^_()0;?$ m\x07\x9b\x9d\x9c\x90\\\n\r\x08\x00a│\u202e"), max_size=200
)


@given(st.one_of(hostile, st.text()))
def test_nothing_that_a_terminal_obeys_is_left(text):
    plain = strip_escapes(text)
    assert not any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in plain)
    assert strip_escapes(plain) == plain


@given(hostile)
def test_lines_are_neither_joined_nor_added(text):
    assert strip_escapes(text).count("\n") == text.count("\n")
