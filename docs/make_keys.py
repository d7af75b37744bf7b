"""Write docs/keys.md from the table of keys. With --check, say whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from magnus_tui import keys

TARGET = Path(__file__).with_name("keys.md")

HEAD = """\
# Keys

A key has one meaning on all screens, and acts on what is in focus. `?` lists the keys of the current screen, and the
footer names the most useful ones. This page is generated from the explorer's own table: `python docs/make_keys.py`.

| keys | verb | do |
| --- | --- | --- |
"""

FOOT = """
## Saving what is seen

On any screen `w` copies or saves what is in focus: the runs as they are filtered, sorted and grouped, with their
columns; steps, metrics, parameters, catalog, a whole log, the JSON of a run or what a search found in it, the values
in the visible part of a chart, a comparison, failures, a history, a timeline. All rows are written, even those that are
not on the screen.

CSV and JSON have values in full, as `--format` writes them (NaN is bare, see [commands](commands.md)); Markdown has
them as people read them; SVG is a picture of the screen. `enter` writes the named file, in the folder in which the
explorer was started unless the name says otherwise; `tab` goes to the name, and `y` copies. No file is overwritten, and
none is written inside a store. In a browser (`magnus-tui serve`) it arrives as a download.

## Other keys

In `settings.toml`, a table `keys` gives verbs other keys, one or a list, as they are typed or as Textual names them;
footer, help, palette and hints follow. If a key would then have two meanings, one line says so, and the keys above
apply.

    [keys]
    sort = "ctrl+s"
    mark = ["space", "f2"]
"""


def page() -> str:
    """The page, as the table of keys has it."""
    rows = []
    for verb in keys.VERBS.values():
        names = " ".join(f"`{keys.written(key)}`" for key in verb.keys.split(","))
        rows.append(f"| {names} | `{verb.name}` | {verb.help} |")
    return HEAD + "\n".join(rows).replace("| `|`", "| `\\|`") + "\n" + FOOT


def main() -> None:
    """Write the page, or compare it with what is there."""
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(page(), encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != page():
        raise SystemExit("docs/keys.md is out of date: run python docs/make_keys.py")


if __name__ == "__main__":
    main()
