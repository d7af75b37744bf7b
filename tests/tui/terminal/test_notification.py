"""Calling the user back: what a terminal gets, whatever a run is called."""

import re

from hypothesis import given
from hypothesis import strategies as st

from magnus_tui.terminal.notification import notification


@given(st.text())
def test_a_terminal_gets_a_bell_and_one_notification_and_nothing_else_to_obey(text):
    sent = notification(text)
    match = re.fullmatch("\a\x1b\\]9;([^\a\x1b]*)\a", sent)
    assert match is not None
    assert match[1].isprintable() or not any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in match[1])


def test_a_run_keeps_the_digits_of_its_name():
    assert notification("2026-run has ended") == "\a\x1b]9;2026-run has ended\a"


def test_a_text_can_be_no_other_command():
    assert notification("4;1;50 runs") == "\a\x1b]9; 4;1;50 runs\a"
