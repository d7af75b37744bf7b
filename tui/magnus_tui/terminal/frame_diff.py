"""What a terminal shows, cell by cell, and the least that makes it show the next frame."""

from __future__ import annotations

import operator
import re
import unicodedata
from functools import lru_cache
from itertools import chain, compress

from rich.cells import split_graphemes

from magnus_tui.terminal.pen import RESET, Pen, parse_pen

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_ALL_NARROW = re.compile(r"[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*").fullmatch
"""Text of characters that every terminal draws one cell wide: Latin, Greek, Cyrillic, boxes, blocks, braille."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]").search

_WIDE_SCRIPTS = (
    ("\u1100", "\u115f"),
    ("\u2e80", "\u303e"),
    ("\u3041", "\ua4cf"),
    ("\ua960", "\ua97c"),
    ("\uac00", "\ud7a3"),
    ("\uf900", "\ufaff"),
    ("\ufe30", "\ufe6f"),
    ("\uff01", "\uff60"),
    ("\uffe0", "\uffe6"),
    ("\U00020000", "\U0003fffd"),
)
"""First and last characters that every terminal draws two cells wide; emoji are not among them.

No regular expression: compiling such a one takes 3 ms of every start.
"""
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}").fullmatch
"""Two letters that are one flag."""
_FIRST_EMOJI = "\U0001f000"
_VARYING = frozenset({"Mn", "Me", "Cf", "Cn", "Co", "Cs"})
"""Categories of characters whose width depends on the terminal, its font and its Unicode version."""

_PLAIN = Pen()
_PIECES_KEPT = 256
_CELLS_KEPT = 30_000
_PENS_KEPT = 2_000


class Cell:
    """A character on the screen; equal ones are one object, so that whole rows are compared at once.

    Attributes:
        text: the character with what combines with it; empty for the second half of a wide one.
        pen: how it is drawn.
        width: columns that it takes; 0 for the second half of a wide one.
        is_doubtful: whether terminals disagree about that.
    """

    __slots__ = ("is_doubtful", "pen", "text", "width")

    def __init__(self, text: str, pen: Pen, width: int = 1, *, is_doubtful: bool = False) -> None:
        self.text = text
        self.pen = pen
        self.width = width
        self.is_doubtful = is_doubtful


Row = list[Cell | None]
"""The cells from the left border; None for one that nothing is known about."""


class _Cells(dict[str, Cell]):
    """The cells of one pen by their text."""

    def __init__(self, pen: Pen, blank: Cell) -> None:
        super().__init__()
        self.pen = pen
        self.half = Cell("", pen, 0)
        self[" "] = blank

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = Cell(text, self.pen)
        return cell

    def of(self, text: str, width: int) -> list[Cell]:
        cell = self.get(text)
        if cell is None:
            cell = self[text] = Cell(text, self.pen, width, is_doubtful=_varies(text, width))
        return [cell] if width == 1 else [cell, self.half]


class ShownScreen:
    """What a terminal shows, as far as it is known; frames that Textual composed go in, what is to be sent comes out.

    A frame is text that is put at places: a cursor move, characters and SGR sequences, the next move. What holds
    anything else is sent as it is, and the terminal is held to show nothing that is known.
    """

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._plain = _Cells(_PLAIN, Cell(" ", _PLAIN.for_blanks()))
        self._cells: dict[str, _Cells] = {}
        self._blanks: dict[Pen, Cell] = {self._plain[" "].pen: self._plain[" "]}
        self._pieces: dict[str, list[Cell]] = {}
        self._cursor: tuple[int, int] | None = None
        self._is_doubtful = False

    def forget(self) -> None:
        """Know nothing any more, because something else may have written to the terminal, or resized it."""
        self._rows.clear()
        self._cursor = None

    def update(self, frame: str) -> str:
        """Take in a frame.

        Args:
            frame: what a terminal would be sent that draws by default colours and without attributes.

        Returns:
            What makes it show the same; empty where it does already. Colours and attributes are off at its end.
        """
        before, *moves = _MOVE.split(frame)
        changed: dict[int, Row] = {}
        if before or not moves or moves[-1] or not self._place(moves, changed):
            self.forget()
            return frame
        out: list[str] = []
        pen = _PLAIN
        for y in sorted(changed):
            pen = self._send(y, changed[y], pen, out)
            self._rows[y] = changed[y]
        cursor = (int(moves[-3]), int(moves[-2]))
        if out or cursor != self._cursor:
            self._cursor = cursor
            if pen != _PLAIN:
                out.append(RESET)
            out.append(f"\x1b[{cursor[0]};{cursor[1]}H")
        return "".join(out)

    def _place(self, moves: list[str], changed: dict[int, Row]) -> bool:
        """Put the pieces of a frame into the rows that they change.

        Args:
            moves: row, column and piece of each move in turn, the rows and columns counted from 1.
            changed: takes the new rows.

        Returns:
            Whether all of them were understood.
        """
        for y, column, piece in zip(map(int, moves[::3]), moves[1::3], moves[2::3], strict=True):
            cells = self._pieces.get(piece) or self._parse(piece)
            if cells is None:
                return False
            begin = int(column) - 1
            end = begin + len(cells)
            shown = changed.get(y) or self._rows.get(y) or []
            if shown[begin:end] == cells:
                continue
            if y not in changed:
                shown = changed[y] = shown.copy()
            if len(shown) < begin:
                shown += [None] * (begin - len(shown))
            # A terminal does as it likes with the other half of a wide character.
            if _is_half(shown, begin):
                shown[begin - 1] = None
            if _is_half(shown, end):
                shown[end] = None
            shown[begin:end] = cells
        return True

    def _parse(self, piece: str) -> list[Cell] | None:
        """The cells of a piece of a frame, or None if it is not understood."""
        found: list[Cell] = []
        cells = self._plain
        for index, part in enumerate(_SGR.split(piece.removesuffix("\n"))):
            if index % 2:
                # Textual ends each style before it begins the next.
                ends = part in ("", "0")
                chosen = self._plain if ends else self._of_pen(part)
                if chosen is None or not (ends or cells is self._plain):
                    return None
                cells = chosen
            elif _ALL_NARROW(part):
                found += map(cells.__getitem__, part)
            else:
                if _CONTROL(part):
                    return None
                for start, end, width in _clusters(part):
                    if not width:
                        # Nothing that is seen, with no character before it that it belongs to.
                        continue
                    drawn = cells.of(part[start:end], width)
                    found += drawn
                    self._is_doubtful |= drawn[0].is_doubtful
        if len(self._pieces) >= _PIECES_KEPT:
            self._pieces.clear()
        self._pieces[piece] = found
        return found

    def _of_pen(self, parameters: str) -> _Cells | None:
        cells = self._cells.get(parameters)
        if cells is None:
            pen = parse_pen(parameters)
            if pen is None:
                return None
            if len(self._cells) >= _PENS_KEPT or sum(map(len, self._cells.values())) >= _CELLS_KEPT:
                self._cells.clear()
                self._blanks.clear()
                self._pieces.clear()
            blank = pen.for_blanks()
            cells = self._cells[parameters] = _Cells(pen, self._blanks.setdefault(blank, Cell(" ", blank)))
        return cells

    def _send(self, y: int, row: Row, pen: Pen, out: list[str]) -> Pen:
        """Add what turns the row that is shown into another one; the pen that it ends with."""
        shown = self._rows.get(y, [])
        if self._is_doubtful and any(cell is not None and cell.is_doubtful for cell in (*shown, *row)):
            # Nobody knows which columns the terminal changed for it.
            shown = []
        at: int | None = None
        drawn: Pen | None = None
        differing = compress(range(len(row)), map(operator.is_not, row, shown))
        for column in chain(differing, range(len(shown), len(row))):
            cell = row[column]
            if cell is None or not cell.width:
                continue
            if at is None:
                out.append(f"\x1b[{y};{column + 1}H")
            elif at < column:
                out.append(_over(row[at:column], pen))
            if cell.pen is not drawn:
                drawn = cell.pen
                sequence, pen = _change(pen, drawn)
                out.append(sequence)
            at = column + cell.width
            if cell.is_doubtful:
                # Blank below it, should the terminal draw it narrower, and overwritten beside it, should it be wider.
                out.append(f"{' ' * cell.width}\x1b[{y};{column + 1}H{cell.text}\x1b[{y};{at + 1}H")
            else:
                out.append(cell.text)
        return pen


@lru_cache(4096)
def _clusters(text: str) -> tuple[tuple[int, int, int], ...]:
    """Where each character begins and ends, with what combines with it, and the cells that Textual counts for it."""
    found: list[tuple[int, int, int]] = []
    for start, end, width in split_graphemes(text)[0]:
        if found and _FLAG(text, found[-1][0], end):
            found[-1] = (found[-1][0], end, found[-1][2] + width)
        else:
            found.append((start, end, width))
    return tuple(found)


def _is_half(row: Row, column: int) -> bool:
    """Whether a column has the second half of a wide character."""
    cell = row[column] if 0 < column < len(row) else None
    return cell is not None and not cell.width


def _over(gap: Row, pen: Pen) -> str:
    """What passes over cells that are shown already: the cells again, where that is shorter than a move."""
    move = f"\x1b[{len(gap) if len(gap) > 1 else ''}C"
    if len(gap) > len(move):
        return move
    text = ""
    for cell in gap:
        if cell is None or cell.width != 1 or _change(pen, cell.pen)[0]:
            return move
        text += cell.text
    return text if len(text.encode("utf-8", "replace")) <= len(move) else move


@lru_cache(4096)
def _change(pen: Pen, wanted: Pen) -> tuple[str, Pen]:
    return pen.change_to(wanted)


@lru_cache(4096)
def _varies(text: str, width: int) -> bool:
    """Whether terminals disagree about how wide a text is."""
    if len(text) == 1 and any(first <= text <= last for first, last in _WIDE_SCRIPTS):
        return False
    if len(text) > 1 or text >= _FIRST_EMOJI or unicodedata.category(text) in _VARYING:
        return True
    return width > 1
