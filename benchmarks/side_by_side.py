"""Pictures of the explorer and of W&B's LEET with the same runs: ``python -m benchmarks.side_by_side FOLDER``.

Both draw in tmux, at two sizes, after the keys that do the same in each; the pictures are ``FOLDER/SIZE/NAME-WHO.svg``.
LEET comes as for the part ``leet``.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.leet import offline
from benchmarks.wire import EXPLORER, SIZES, make_peer, make_runs
from rich.console import Console
from rich.text import Text

_STARTED, _ANSWERED = 8.0, 3.0
"""Seconds after which a start, and a key, have been drawn for certain."""
SCREENS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "list": ([], []),
    "charts beside the list": (["p"], []),
    "filter": (["/", "0", "4"], ["/", "0", "4"]),
    "run": (["Enter"], ["Enter"]),
    "curves": (["Enter", "2"], ["Enter"]),
    "next page of curves": (["Enter", "2", "PageDown"], ["Enter", "N"]),
    "one curve": (["Enter", "2", "Enter", "h", "h"], ["Enter", "Tab"]),
}
"""By name, what is pressed in the explorer, and in LEET."""


def main() -> None:
    """Draw both."""
    folder = Path(sys.argv[1]).resolve()
    store = make_runs(folder / "store" / ".run_log_store")
    peer = make_peer(store, folder / "wandb-runs")
    places = {f"XDG_{kind.upper()}_HOME": str(folder / kind) for kind in ("config", "cache")}
    for width, height in SIZES:
        for name, (ours, theirs) in SCREENS.items():
            file = folder / f"{width}x{height}" / name.replace(" ", "-")
            file.parent.mkdir(parents=True, exist_ok=True)
            _draw([EXPLORER, str(store)], {**os.environ, **places}, (width, height), ours, Path(f"{file}-explorer.svg"))
            if peer is not None:
                command = [peer[0], "-m", "wandb", "leet", str(peer[1] / "wandb")]
                _draw(command, {**os.environ, **offline(folder)}, (width, height), theirs, Path(f"{file}-leet.svg"))


def _draw(
    command: Sequence[str], environment: dict[str, str], size: tuple[int, int], keys: Sequence[str], file: Path
) -> None:
    """Start a program in a tmux of its own, press keys, and keep what it shows."""
    tmux = ["tmux", "-L", f"side-by-side-{os.getpid()}", "-f", os.devnull]
    environment = {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    width, height = map(str, size)
    subprocess.run([*tmux, "new-session", "-d", "-x", width, "-y", height, *command], env=environment, check=True)
    try:
        time.sleep(_STARTED)
        for key in keys:
            subprocess.run([*tmux, "send-keys", key], check=True)
            time.sleep(_ANSWERED)
        shown = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    console = Console(width=size[0], file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True)
    for line in shown.splitlines():
        console.print(Text.from_ansi(line), no_wrap=True, crop=True)
    file.write_text(console.export_svg(title=file.stem))


if __name__ == "__main__":
    main()
