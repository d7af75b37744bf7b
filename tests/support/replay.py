"""What a terminal shows of the bytes that the explorer sends, beside what Textual composed."""

import re
import unicodedata

import pyte
from rich.cells import split_graphemes
from textual._context import visible_screen_stack
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver

from magnus_tui.terminal.wire import sparing

_PRIVATE = re.compile(r"\x1b\[[<=>?][0-9;]*\$?[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""Modes, questions and the clipboard, some of which pyte would print."""


class Replay:
    """A terminal that is fed what the explorer sends, by pyte.

    Attributes:
        sent: everything that was sent, in the parts in which it was written.
    """

    def __init__(self, width, height):
        self.sent = []
        self._screen = pyte.Screen(width, height)
        self._screen.reset_mode(pyte.modes.DECAWM)
        self._stream = pyte.Stream(self._screen)

    def feed(self, data):
        """Show what is sent."""
        self.sent.append(data)
        self._stream.feed(_PRIVATE.sub("", data))

    def scribble(self, width, height):
        """Take another size, as a terminal does that keeps nothing of what it showed."""
        self._screen.resize(height, width)
        self._stream.feed("".join(f"\x1b[{row + 1};1H\x1b[7m{'#' * width}" for row in range(height)) + "\x1b[m")

    def cells(self):
        """What each cell shows, row by row: the text, and how it is drawn."""
        rows = []
        for y in range(self._screen.lines):
            line = self._screen.buffer[y]
            rows.append([_shown(line[x]) for x in range(self._screen.columns)])
        return rows


class ReplayedDriver(Driver):
    """A driver without a terminal, which is not headless: what is written goes to a replay.

    Attributes:
        replay: the terminal that is written to.
    """

    replay = None
    is_headless = False

    def write(self, data):
        """Write to the replay."""
        self.replay.feed(data)

    def start_application_mode(self):
        """Say how large the terminal is."""
        HeadlessDriver.start_application_mode(self)

    def _get_terminal_size(self):
        return self._size

    def disable_input(self):
        """There is none."""

    def stop_application_mode(self):
        """There is no mode."""


def replayed(width, height):
    """A terminal, and the class of the driver that draws on it what changes."""
    replay = Replay(width, height)
    return replay, sparing(type("ReplayedDriver", (ReplayedDriver,), {"replay": replay}))


def composed(app):
    """What each cell of an application should show, from its screen's composition."""
    visible_screen_stack.set(app._background_screens)
    return [
        [cell for text, style, _ in strip for cell in _cells_of(text, style)]
        for strip in app.screen._compositor.render_strips()
    ]


def differences(app, replay):
    """The cells that don't show what was composed, at most ten: row, column, what is shown, what should be."""
    found = []
    wanted, shown = composed(app), replay.cells()
    for y, (want, show) in enumerate(zip(wanted, shown, strict=True)):
        if len(want) != len(show):
            found.append((y, "width", len(show), len(want)))
        found += [(y, x, b, a) for x, (a, b) in enumerate(zip(want, show, strict=False)) if not _same(a, b)]
    return found[:10]


def _same(wanted, shown):
    """Whether a cell shows what it should; half of a wide character may be blank, where it was drawn narrow."""
    return wanted == shown or (wanted[0] == "" and shown[0] == " ")


def _cells_of(text, style):
    """The cells of a segment, worked out by character and not as the explorer does it."""
    cells = []
    for span in _graphemes(text):
        cells += [_drawn(span[0], style)] + [("", None)] * (span[1] - 1)
    return cells


def _graphemes(text):
    found = [(text[start:end], width) for start, end, width in split_graphemes(text)[0]]
    # Two letters are one flag.
    for index in range(len(found) - 1, 0, -1):
        if "\U0001f1e6" <= found[index - 1][0] <= "\U0001f1ff" and "\U0001f1e6" <= found[index][0] <= "\U0001f1ff":
            found[index - 1 : index + 1] = [
                (found[index - 1][0] + found[index][0], found[index - 1][1] + found[index][1])
            ]
    return found


def _drawn(text, style):
    if style is None:
        return _normal(text, None, None, False, False, False, False, False)
    return _normal(
        text,
        _hex(style.color),
        _hex(style.bgcolor),
        bool(style.bold),
        bool(style.italic),
        bool(style.underline),
        bool(style.strike),
        bool(style.reverse),
    )


def _shown(char):
    if not char.data:
        return ("", None)
    colours = [None if one == "default" else one for one in (char.fg, char.bg)]
    return _normal(char.data, *colours, char.bold, char.italics, char.underscore, char.strikethrough, char.reverse)


def _normal(text, foreground, background, bold, italic, underline, strike, reverse):
    """A cell as the eye sees it: of a blank, the background; of characters joined into one, the first."""
    if text == " " and not (underline or strike or reverse):
        return (" ", (None, background, False, False, False, False, False))
    return (unicodedata.normalize("NFC", text)[0], (foreground, background, bold, italic, underline, strike, reverse))


def _hex(color):
    return None if color is None or color.is_default else color.get_truecolor().hex.removeprefix("#")


class Frames:
    """What Textual composes, frame by frame, before anything is left out.

    Attributes:
        sent: the frames.
    """

    def __init__(self):
        self.sent = []

    def feed(self, data):
        """Keep what is a frame; modes and questions are none."""
        if not _PRIVATE.fullmatch(data):
            self.sent.append(data)


def composing():
    """Frames, and the class of the driver that gives them."""
    frames = Frames()
    return frames, type("ComposingDriver", (ReplayedDriver,), {"replay": frames})
