"""``python -m benchmarks [PART…]``: measure parts of the project beside their floors, and print a table."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.report import Finding, as_markdown, as_table
from rich.console import Console

PARTS = {
    "first-paint": ("benchmarks.first_paint", "measure", "first paint of 1,000 runs beside a bare Textual app"),
    "first-paint-large": ("benchmarks.first_paint", "measure_large", "the same with 100,000 runs and their index"),
    "index": ("benchmarks.scale_index", "measure_build", "the index of 100,000 runs built from nothing"),
    "verification": ("benchmarks.scale_index", "measure_verification", "100,000 runs held against their files"),
    "queries": ("benchmarks.scale_index", "measure_queries", "filters and sorts over 100,000 runs"),
    "big-run": ("benchmarks.big_run", "measure", "a run log of 50 MB: summary and charts"),
    "chart-frame": (
        "benchmarks.chart_frame",
        "measure",
        "a frame of ten series of 100,000 points, and textual-plotext",
    ),
    "live": ("benchmarks.live_latency", "measure", "from track_this in another process to the changed cell"),
    "idle": (
        "benchmarks.live_latency",
        "measure_idle",
        "what 10,000 idle runs take of the processor, beside a bare Textual app",
    ),
    "leet": ("benchmarks.leet", "measure", "ten metrics of 100,000 steps complete on the screen, beside W&B's LEET"),
    "burst": ("benchmarks.burst", "measure", "keys and memory while 10,000 values a second are tracked"),
    "wide-run": ("benchmarks.wide_run", "measure", "a run of 10,000 branches on the screen, beside parsing it"),
    "growth": ("benchmarks.growth", "measure", "what each dimension of a run or store costs when it doubles"),
    "wire": ("benchmarks.wire", "measure", "bytes that keys, a start and a live run send, beside W&B's LEET"),
    "keys": (
        "benchmarks.keys",
        "measure",
        "whether a key is answered within a frame on every screen, however much is there",
    ),
    "list": ("benchmarks.scale_list", "measure", "keys in 100,000 runs beside Textual's DataTable"),
}
"""By name: the module, its function from a folder to findings, and what it measures."""


def main() -> int:
    """Measure what the command line asks for, and return the exit status: 1 where a bound was missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(["parts:", *(f"  {name:<18} {what}" for name, (_, _, what) in PARTS.items())]),
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure; everything, if none is named")
    parser.add_argument("--folder", type=Path, help="where stores are made and kept; a temporary one, if not given")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown has it")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.parts if name not in PARTS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; the parts are {', '.join(PARTS)}")
    console = Console()
    console.print(
        f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"textual {version('textual')}",
        highlight=False,
    )
    findings: list[Finding] = []
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (arguments.folder or Path(temporary)).resolve()
            for name in arguments.parts or PARTS:
                console.print(f"measuring {name} …", style="dim", highlight=False)
                findings.extend(_part(name)(folder))
    finally:
        # What took minutes to measure is told also where a later part fails.
        if arguments.markdown:
            print(as_markdown(findings))
        else:
            console.print(as_table(findings))
    return 1 if any(finding.holds is False for finding in findings) else 0


def _part(name: str) -> Callable[[Path], Iterator[Finding]]:
    module, function, _ = PARTS[name]
    part: Callable[[Path], Iterator[Finding]] = getattr(import_module(module), function)
    return part


if __name__ == "__main__":
    sys.exit(main())
