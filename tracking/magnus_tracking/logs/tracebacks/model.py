"""What a traceback says, whichever form it was printed in."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIBRARY = re.compile(r"(?:^|[/\\])(?:site-packages|dist-packages|lib[/\\]python3[.\d]*)[/\\]|^<frozen |^<string>$")
_ENGINE = re.compile(
    r"[/\\](?:runnable|magnus|magnus_tracking)[/\\](?:[\w.-]+[/\\])*[\w-]+\.py$|[/\\]extensions[/\\](?:nodes|\w+_executor)[/\\]"
)
_ENGINE_FILES = re.compile(
    r"[/\\](?:tasks|nodes|sdk|executor|entrypoints|pickler|catalog|context|cli|utils|interaction|graph|__init__)\.py$"
    r"|[/\\](?:recorder|pipeline|extensions)[/\\]"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the code: file, line from 1 (None where it was not printed), function, and the line's code."""

    file: str
    line: int | None
    function: str = ""
    code: str = ""

    @property
    def is_users(self) -> bool:
        """Whether the code is the user's: neither a library's nor the engine's."""
        if _LIBRARY.search(self.file):
            return False
        return not (_ENGINE.search(self.file) and _ENGINE_FILES.search(self.file))

    def __str__(self) -> str:
        name = re.split(r"[/\\]", self.file)[-1] or self.file
        place = f"{name}:{self.line}" if self.line is not None else name
        return f"{place} in {self.function}" if self.function else place


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception with its frames, outermost first, as one traceback prints it.

    Attributes:
        exception: the type's name as printed.
        message: what stands behind the colon; may have several lines.
        frames: the places that it passed, outermost first.
        start, end: 0-based lines of the log: its first, and the one behind its last.
        depth: how far the lines are indented by the bars of exception groups.
    """

    exception: str
    message: str
    frames: tuple[Frame, ...]
    start: int
    end: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """Exceptions that were raised from, or while handling, one another, the root first."""

    raised: tuple[Raised, ...]

    @property
    def start(self) -> int:
        """The 0-based line of the log at which the chain begins."""
        return min(one.start for one in self.raised)

    @property
    def end(self) -> int:
        """The 0-based line of the log behind the chain's last."""
        return max(one.end for one in self.raised)
