"""Random frames look the same whether they are sent whole or only where they differ."""

from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tui.terminal.frame_diff import ShownScreen
from support.replay import Replay

WIDTH, HEIGHT = 12, 4
STYLES = ["", "1", "2;31", "3;38;5;9", "38;2;1;2;3;48;2;4;5;6", "7;48;2;4;5;6", "4;9;97;40", "1;2;101", "48;2;4;5;6"]
TWO_COLUMNS = st.sampled_from(["ab", "  ", "b ", "é█", "⣿a", "漢", "ｆ", "한"])
"""Either one wide character or two, so that no frame ends within a wide one: Textual's don't."""
SEGMENTS = st.lists(st.tuples(st.sampled_from(STYLES), TWO_COLUMNS), max_size=6)


@st.composite
def frames(draw):
    """Some pieces of rows, each at its place, as Textual writes them."""
    text = ""
    for _ in range(draw(st.integers(1, 4))):
        row, begin = draw(st.integers(1, HEIGHT)), draw(st.integers(0, WIDTH // 2 - 1))
        text += f"\x1b[{row};{2 * begin + 1}H"
        for style, characters in draw(SEGMENTS)[: WIDTH // 2 - begin]:
            text += f"\x1b[{style}m{characters}\x1b[0m" if style else characters
        text += "\n" if row < HEIGHT else ""
    return f"{text}\x1b[1;1H"


@settings(max_examples=50)
@given(st.lists(frames(), min_size=1, max_size=5))
def test_random_frames_show_the_same_cells(sent):
    screen, whole, sparing = ShownScreen(), Replay(WIDTH, HEIGHT), Replay(WIDTH, HEIGHT)
    for frame in sent:
        whole.feed(frame)
        sparing.feed(screen.update(frame))
        assert sparing.cells() == whole.cells()


def test_what_is_not_understood_is_sent_as_it_is_and_forgotten():
    frame = "\x1b[1;1Habc\x1b[1;1H"
    for odd in (
        "\x1b[2J",
        "\x1b[1;1Hab\x1b]8;;http://x\x1b\\c\x1b]8;;\x1b\\\x1b[1;1H",
        "text",
        "\x1b[1;1Ha\tb\x1b[1;1H",
    ):
        screen = ShownScreen()
        assert "abc" in screen.update(frame)
        assert screen.update(frame) == ""
        assert screen.update(odd) == odd
        assert "abc" in screen.update(frame)


def test_a_changed_character_takes_a_dozen_bytes():
    screen = ShownScreen()
    row = "\x1b[38;2;10;20;30;48;2;1;2;3m"
    screen.update(f"\x1b[1;1H{row}the loss is 0.25 now\x1b[0m\x1b[1;1H")
    assert len(screen.update(f"\x1b[1;1H{row}the loss is 0.26 now\x1b[0m\x1b[1;1H")) < 48


def test_a_wide_character_is_sent_whole():
    screen = ShownScreen()
    screen.update("\x1b[1;1Habcdef\x1b[1;1H")
    assert screen.update("\x1b[1;1Ha漢def\x1b[1;1H") == "\x1b[1;2H漢\x1b[1;1H"
    assert screen.update("\x1b[1;1Habcdef\x1b[1;1H") == "\x1b[1;2Hbc\x1b[1;1H"


def test_text_of_doubtful_width_never_shifts_what_follows():
    screen = ShownScreen()
    sent = screen.update("\x1b[1;1Ha👩\u200d🚀b❤\ufe0fc\x1b[1;1H")
    assert sent == ("\x1b[1;1Ha  \x1b[1;2H👩\u200d🚀\x1b[1;4Hb  \x1b[1;5H❤\ufe0f\x1b[1;7Hc\x1b[1;1H")


def test_what_has_no_width_and_nothing_before_it_does_not_keep_a_frame_from_being_understood():
    for unseen in ("\u200b", "\u3164\u200d", "\U000e0041", "\u0301"):
        screen = ShownScreen()
        sent = screen.update(f"\x1b[1;1H\x1b[1m{unseen}\x1b[0m👩\u200d🚀b\x1b[1;1H")
        assert sent.endswith("👩\u200d🚀\x1b[1;3Hb\x1b[1;1H"), ascii(sent)
