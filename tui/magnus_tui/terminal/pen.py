"""Colours and attributes in which a terminal draws, and the shortest sequences between them."""

from __future__ import annotations

from typing import NamedTuple

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"21": "24", "51": "54", "52": "54", "53": "55"}
"""Which code ends an attribute (ECMA-48, 8.3.117)."""

_SEEN_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
_FOREGROUNDS = frozenset(map(str, [*range(30, 38), *range(90, 98)]))
_BACKGROUNDS = frozenset(map(str, [*range(40, 48), *range(100, 108)]))
_LONGER = {"5": 3, "2": 5}
"""How many parameters a colour of 256 and one of red, green and blue have."""

RESET = "\x1b[m"


class Pen(NamedTuple):
    """How a terminal draws the next character; a tuple, as pens are compared and looked up for each cell that changes.

    Attributes:
        foreground: the parameters that set it; empty for the terminal's own colour, None where it doesn't matter.
        background: the parameters that set it; empty for the terminal's own colour.
        attributes: the codes of those that are on.
    """

    foreground: str | None = ""
    background: str = ""
    attributes: frozenset[str] = frozenset()

    def for_blanks(self) -> Pen:
        """What matters of this pen where it draws a blank."""
        if self.attributes & _SEEN_ON_BLANKS:
            return self
        return Pen(None, self.background)

    def change_to(self, wanted: Pen) -> tuple[str, Pen]:
        """The shortest sequence from this pen to another.

        Args:
            wanted: the other pen; without a foreground, this pen's foreground and invisible attributes may stay.

        Returns:
            The sequence, empty where nothing changes, and the pen that it leads to.
        """
        foreground, kept = wanted.foreground, frozenset[str]()
        if foreground is None:
            foreground, kept = self.foreground, self.attributes - _SEEN_ON_BLANKS
        aim = Pen(foreground, wanted.background, wanted.attributes | kept)
        if aim == self:
            return "", self
        whole = f"\x1b[{';'.join(['', *_codes(wanted)])}m"
        off = {_OFF[code] for code in self.attributes - aim.attributes}
        on = [code for code in aim.attributes if code not in self.attributes or _OFF[code] in off]
        step = [*sorted(off), *sorted(on)]
        if aim.foreground != self.foreground:
            step.append(aim.foreground or "39")
        if aim.background != self.background:
            step.append(aim.background or "49")
        by_steps = f"\x1b[{';'.join(step)}m"
        if len(whole) < len(by_steps):
            return whole, Pen(wanted.foreground or "", wanted.background, wanted.attributes)
        return by_steps, aim


def _codes(pen: Pen) -> list[str]:
    return [*sorted(pen.attributes), *filter(None, (pen.foreground, pen.background))]


def parse_pen(parameters: str) -> Pen | None:
    """The pen that a sequence sets on a terminal whose attributes are all off; None where it has unknown codes."""
    codes = parameters.split(";")
    foreground = background = ""
    attributes: set[str] = set()
    while codes:
        code = codes.pop(0)
        if code in ("38", "48"):
            rest = codes[: _LONGER.get(codes[0], 0) - 1] if codes else []
            if not rest or not all(rest):
                return None
            del codes[: len(rest)]
            colour = ";".join([code, *rest])
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code in _FOREGROUNDS:
            foreground = code
        elif code in _BACKGROUNDS:
            background = code
        elif code in _OFF:
            attributes.add(code)
        elif code not in ("39", "49"):
            return None
    return Pen(foreground, background, frozenset(attributes))
