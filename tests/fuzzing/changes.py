"""Changes by chance: of bytes, of JSON values, of the text of TOML and YAML, of files and folders."""

import json
import os
import random
import socket

DEEP = "\x00deep"
RAW = "\x00raw"
_DEEPEST = 2
_RAW_NUMBERS = ("1e999", "-1e999", "9" * 400, "9" * 5000, "1e-999", "NaN", "-Infinity", "0.1e1", "-0", "1E5", "01")
_TIMES = (
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999",
    "2024-02-30 00:00:00",
    "2026-10-25 02:30:00+02:00",
    "2026-10-25T01:10:00Z",
    "2024-01-09 05:44:42.841295",
    "2024-01-09 05:44:41",
    "24:00",
    "999999999 days, 23:59:59",
    "-1 day, 0:00:00.5",
)
_TEXTS = (
    "",
    " ",
    "x" * 3000,
    "\x1b[31m\x1b]0;t\x07",
    "\ud800",
    "1e-4",
    "NaN",
    "[bold]x[/] [@click=app.quit]y",
    "a\nb\r\tc",
    "\u202eevil\u202c 👩‍🔬 日本語",
    "../../etc/passwd",
    "/proc/self/environ",
    "\x00",
    "SUCCESS",
    "FAIL",
    "PROCESSING",
    "map",
    "loop",
    "e\u0301",
)


def value(chance, depth=0):
    """Any JSON value, among them texts that `text_of` writes as what JSON can't hold otherwise."""
    kind = chance.randrange(12 if depth < _DEEPEST else 8)
    if kind == 0:
        return chance.choice((None, True, False, 0, -1, 1, 4.0))
    if kind == 1:
        return chance.choice((2**31, 2**53 + 1, 2**63, 2**64, -(2**70), 10**18, 1e308, -1e308, 5e-324, 1.5))
    if kind == 2:
        return chance.choice((float("nan"), float("inf"), float("-inf")))
    if kind == 3:
        return chance.choice(_TIMES)
    if kind in (4, 5):
        return chance.choice(_TEXTS)
    if kind == 6:
        return RAW + str(chance.randrange(len(_RAW_NUMBERS)))
    if kind == 7:
        return DEEP + str(chance.choice((3, 60, 150, 240, 400, 900, 5000, 100_000)))
    if kind == 8:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 9:
        return {_key(chance): value(chance, depth + 1) for _ in range(chance.randrange(4))}
    if kind == 10:
        first = chance.choice((0, 0, -3, 10**17, 2**63, 1_600_000_000_000_000_000))
        return {
            str(first + step * chance.choice((1, 1, 7))): value(chance, depth + 1)
            for step in range(chance.randrange(1, 40))
        }
    return {
        "kind": chance.choice(("json", "metric", "object", "x")),
        "value": value(chance, depth + 1),
        "description": "",
    }


def _key(chance):
    return chance.choice(("0", "1", "-1", "00", "4.0", "1e3", "a", "a.b", "loss", "train/loss", *_TEXTS))


def text_of(document):
    """A document as text, with the numbers and the nesting that `value` stands for."""
    text = json.dumps(document, indent=4)
    for number, raw in enumerate(_RAW_NUMBERS):
        text = text.replace(json.dumps(RAW + str(number)), raw)
    while (start := text.find('"\\u0000deep')) >= 0:
        end = text.index('"', start + 1)
        depth = int(text[start + len('"\\u0000deep') : end])
        opening, closing = (("[", "]"), ('{"steps":', "}"))[depth % 2]
        text = f"{text[:start]}{opening * depth}1{closing * depth}{text[end + 1 :]}"
    return text


def change_json(document, chance, times=None):
    """A document with a few of its values changed, exchanged, renamed or taken away."""
    for _ in range(times or chance.choice((1, 1, 2, 5))):
        holder, key = _somewhere(document, chance)
        if holder is None:
            return value(chance)
        match chance.randrange(6):
            case 0 | 1 | 2:
                holder[key] = value(chance)
            case 3:
                del holder[key]
            case 4:
                other, place = _somewhere(document, chance)
                if other is not None and key in (holder if isinstance(holder, dict) else range(len(holder))):
                    other[place] = json.loads(json.dumps(holder[key]))
            case 5 if isinstance(holder, dict):
                holder[_key(chance)] = holder.pop(key)
    return document


def _somewhere(document, chance):
    """A place in a document, its depth by chance: the list or object that holds it, and its key there."""
    holder, key, inside = None, None, document
    while isinstance(inside, dict | list) and inside and (holder is None or chance.random() < 0.8):
        holder = inside
        key = chance.choice(list(inside)) if isinstance(inside, dict) else chance.randrange(len(inside))
        inside = holder[key]
    return holder, key


def change_bytes(content, chance, other=b""):
    """Bytes with a few of them changed, cut, doubled or taken from `other`."""
    content = bytearray(content or b"\n")
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randrange(len(content) + 1)
        length = chance.choice((1, 3, 40, 400))
        match chance.randrange(7):
            case 0:
                del content[place:]
            case 1 if place < len(content):
                content[place] ^= 1 << chance.randrange(8)
            case 2:
                del content[place : place + length]
            case 3:
                content[place:place] = chance.randbytes(chance.randrange(12))
            case 4:
                content[place:place] = content[place : place + length] * chance.choice((1, 2, 50))
            case 5:
                start = chance.randrange(len(other) + 1)
                content[place : place + length] = other[start : start + length]
            case 6:
                content[place:place] = chance.choice(
                    (
                        b"NaN",
                        b"1e999",
                        b'"\\ud800"',
                        b"{",
                        b"]" * 40,
                        b"\x1b[2J",
                        b"\xff\xfe",
                        b"\0",
                        b"\r\n",
                        b"!!x ",
                        b"&a *a",
                    )
                )
    return bytes(content)


def change_text(text, chance):
    """Lines of TOML or YAML with a few changed: exchanged, doubled, moved in, their values replaced."""
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[place] = lines[chance.randrange(len(lines))]
            case 1:
                lines[place] = chance.choice(("  ", "\t", "- ", "? ", "[")) + lines[place]
            case 2 | 3:
                mark = "=" if "=" in lines[place] else ":"
                name = lines[place].partition(mark)[0]
                lines[place] = f"{name}{mark} {_plain(chance)}"
            case 4:
                lines.insert(place, f"{_key(chance)!r}: {_plain(chance)}")
            case 5:
                lines[place:place] = lines[place : place + 3] * chance.choice((1, 30))
    return "\n".join(lines)


def _plain(chance):
    special = (
        "!!timestamp '99'",
        "0x_",
        "2020-13-45",
        "1e-4",
        "~",
        "*a",
        "&a [*a]",
        "!!python/object:os.system x",
        "!!binary ///",
        "!!int '1_'",
        "!!float x",
        "<<: *x",
        "2001-01-01T00:00:00+99:99",
        "190:20:30",
        ".nan",
        "[" * 2000,
        "{a: " * 400,
        "- " * 900,
        "0o8",
        "1_000",
        "9" * 5000,
        "'''",
        '"""',
        "1979-05-27T07:32:00-99:00",
        "inf",
        "nan",
    )
    return chance.choice(special) if chance.random() < 0.6 else text_of(value(chance)).replace("\n", " ")


HOSTILE = (
    "\x1b]0;owned\x07",
    "\x1b[5;7mblink",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\x9d0;owned\x9c",
    "\x1bP1$r\x1b\\",
    "\r overwritten",
    "\x08\x08\x08",
    "\x7f",
    "a\x00b",
    "\u202eevil",
    "\u2066x\u2069",
    "\u2028line",
    "\x85next",
    "\ud800half",
    "\U000e0041tag",
    "\ufeffmark",
    "[bold red]x[/] [@click=app.quit]y",
)
"""Texts that a terminal would obey, or that would be drawn in the wrong place."""

ODD_NAMES = (
    "run.json.json",
    " .json",
    "\udcff\udcfe.json",
    "a\nb.json",
    "\x1b[31m.json",
    "-s.json",
    "latest.json",
    "x" * 240 + ".json",
    "[bold]x.json",
    "日本語 👩‍🔬.json",
    "a.journal.json",
    "RunLog.json",
    "con:.json",
    "CAPS.JSON",
)
"""Names of run logs that a file system takes."""


def put_oddly(path, content, chance):
    """Put something in the place of a file: in one of twelve cases what is not a regular file."""
    kind = chance.randrange(60)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        path.symlink_to("/dev/zero")
    elif kind == 3:
        path.symlink_to(path.name)
    elif kind == 4 and len(os.fsencode(path)) < 100:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(path))
    else:
        path.write_bytes(content)
        if chance.random() < 0.05:
            at = chance.choice((0, 1, -(1 << 31), 1 << 33, 253402300800, 1 << 40))
            os.utime(path, (at, at))


def chance_of(target, number):
    """The chance of an input: the same whenever it is made."""
    return random.Random(f"{target} {number}")
