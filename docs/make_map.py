"""Draw the map of the code from its real imports: ``python docs/make_map.py`` writes ``docs/pictures/map.svg``.

A room is a folder of a package, or a module at its root. It stands below the rooms that import it; an arrow leads from
a room to one that it imports, where no longer way leads there. ``--check`` draws nothing, and fails where the picture
is out of date.
"""

from __future__ import annotations

import html
import sys
from pathlib import Path

import grimp

PACKAGES = ("magnus_tui", "magnus_tracking")
TARGET = Path(__file__).with_name("pictures") / "map.svg"

WIDTH, HEIGHT = 112, 30  # pixels of a room
ACROSS, DOWN = 16, 34  # pixels between rooms
MARGIN = 24  # pixels around everything
COLOURS = {"magnus_tui": "#4c78a8", "magnus_tracking": "#54a24b"}

Graph = dict[str, set[str]]


def room_of(module: str) -> str:
    """Return the room of a module: its package and the first name in it."""
    return ".".join(module.split(".")[:2])


def rooms() -> Graph:
    """Return the rooms that each room imports, as the import graph has them."""
    graph = grimp.build_graph(*PACKAGES)
    found: Graph = {}
    for module in graph.modules:
        here = room_of(module)
        found.setdefault(here, set())
        for imported in graph.find_modules_directly_imported_by(module):
            if room_of(imported) != here:
                found[here].add(room_of(imported))
    return {room: targets for room, targets in found.items() if "." in room}


def levels(graph: Graph) -> dict[str, int]:
    """Return how far each room stands above the lowest, so that every import leads down."""
    known: dict[str, int] = {}

    def level(room: str, above: tuple[str, ...]) -> int:
        if room in above:
            raise SystemExit(f"a circle of imports: {' → '.join((*above[above.index(room) :], room))}")
        if room not in known:
            known[room] = max((level(target, (*above, room)) + 1 for target in graph.get(room, ())), default=0)
        return known[room]

    for room in graph:
        level(room, ())
    return known


def without_shortcuts(graph: Graph) -> Graph:
    """Return the imports that no longer way already shows."""
    reached: dict[str, set[str]] = {}

    def reach(room: str) -> set[str]:
        if room not in reached:
            reached[room] = set().union(*({target} | reach(target) for target in graph.get(room, ())))
        return reached[room]

    return {
        room: {target for target in targets if not any(target in reach(other) for other in targets - {target})}
        for room, targets in graph.items()
    }


def draw(graph: Graph) -> str:
    """Return the picture as SVG."""
    height_of = levels(graph)
    rows: dict[int, list[str]] = {}
    for room, level in sorted(height_of.items()):
        rows.setdefault(level, []).append(room)
    widest, highest = max(map(len, rows.values())), max(rows)
    width = 2 * MARGIN + widest * WIDTH + (widest - 1) * ACROSS
    height = 2 * MARGIN + (highest + 1) * HEIGHT + highest * DOWN
    place: dict[str, tuple[float, float]] = {}
    for level, row in rows.items():
        used = len(row) * WIDTH + (len(row) - 1) * ACROSS
        for number, room in enumerate(row):
            place[room] = ((width - used) / 2 + number * (WIDTH + ACROSS), MARGIN + (highest - level) * (HEIGHT + DOWN))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for room, targets in sorted(without_shortcuts(graph).items()):
        for target in sorted(targets):
            x, y = place[room][0] + WIDTH / 2, place[room][1] + HEIGHT
            to_x, to_y = place[target][0] + WIDTH / 2, place[target][1]
            bend = (to_y - y) / 2
            parts.append(
                f'<path d="M{x} {y} C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}" fill="none" stroke="#9a9a9a"/>'
            )
    for room, (x, y) in sorted(place.items()):
        package, name = room.split(".")
        parts.append(f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{COLOURS[package]}"/>')
        middle = f'x="{x + WIDTH / 2}" y="{y + HEIGHT / 2 + 4}" text-anchor="middle"'
        parts.append(f'<text {middle} fill="#ffffff">{html.escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Write the picture, or compare it with what is there."""
    picture = draw(rooms())
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(picture, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != picture:
        raise SystemExit("docs/pictures/map.svg is out of date: run python docs/make_map.py")


if __name__ == "__main__":
    main()
