"""Stores of any size, made of real run logs: clones with other ids, dates and measured values."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[1] / "sample_runs" / ".run_log_store"
"""The real run logs that corpora are made of, unless others are given."""

_DATE = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}(?= [0-9]{2}:[0-9]{2}:[0-9]{2}\.)")
_FRACTION = re.compile(rb"(?<=[: ]0\.)[0-9]{6,}(?=[,\n])")
_FIRST_DAY = date(2020, 1, 1)


class Template:
    """A real run log in one file, to be cloned."""

    def __init__(self, path: Path) -> None:
        self.run_id = path.stem
        self._content = path.read_bytes()

    def clone(self, run_id: str, day: date, chance: random.Random) -> bytes:
        """The same run under another id, on another day, with other values between 0 and 1."""
        content = self._content.replace(self.run_id.encode(), run_id.encode())
        content = _DATE.sub(day.isoformat().encode(), content)
        return _FRACTION.sub(lambda match: f"{chance.random():.25f}"[2 : 2 + len(match[0])].encode(), content)


def templates(folder: Path = SAMPLES) -> list[Template]:
    """The finished runs in one file that `folder` holds."""
    return [Template(path) for path in sorted(folder.glob("*.json")) if b'"PROCESSING"' not in path.read_bytes()]


def make_store(project: Path, count: int, sources: list[Template] | None = None, seed: int = 5) -> Path:
    """A store of `count` clones in `project`, or the one that is there already; its folder.

    Each file's time of change is a minute after that of the one before, so that they have an order.
    """
    root = project / ".run_log_store"
    done = project / f"complete-{count}"
    if done.exists():
        return root
    root.mkdir(parents=True, exist_ok=True)
    for name, content, seconds in _clones(count, sources or templates(), random.Random(seed)):
        path = root / f"{name}.json"
        path.write_bytes(content)
        os.utime(path, (seconds, seconds))
    done.touch()
    return root


def _clones(count: int, sources: list[Template], chance: random.Random) -> Iterator[tuple[str, bytes, float]]:
    for number in range(count):
        source = sources[number % len(sources)]
        day = _FIRST_DAY + timedelta(days=number * 2000 // count)
        name = f"{source.run_id.rsplit('-', 1)[0]}-{number:06d}"
        yield name, source.clone(name, day, chance), 1_600_000_000 + number * 60.0
