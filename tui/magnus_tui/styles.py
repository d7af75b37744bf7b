"""Style sheets, read as the module is imported that uses them: Textual would read them while it answers keys."""

from __future__ import annotations

from pathlib import Path


def read_styles(module: str, *names: str) -> str:
    """The text of style sheets one after another.

    Args:
        module: the file of a module, beside which they lie.
        names: of their files.
    """
    folder = Path(module).parent
    return "\n".join((folder / name).read_text("utf-8") for name in names)
