"""What a run costs to look at is in proportion to its size, whichever way it is large."""

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime

import pytest
from benchmarks.shapes import Shape, write_run

from magnus_tracking.stores import Store
from magnus_tui.__main__ import main
from magnus_tui.feed.feed import Feed
from magnus_tui.run.loaded_run import load_run
from magnus_tui.run.tree_rows import folded_at_first, next_failure, path_to, visible_items

SIZE = 100
"""So many that whatever looks at all for each of all takes more than anything else."""
MOST = 2.35
OURS = ("magnus_tracking", "magnus_tui")

SHAPES = {
    "branches": lambda size: Shape(branches=size),
    "steps": lambda size: Shape(steps=size),
    "attempts": lambda size: Shape(attempts=size),
    "metrics": lambda size: Shape(metrics=size),
    "parameters": lambda size: Shape(parameters=size),
    "catalog entries": lambda size: Shape(catalog=size),
}


def command(*arguments):
    def run(root):
        written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(written), redirect_stderr(io.StringIO()):
            assert main([*arguments, str(root)]) == 0

    return run


def opened(root):
    feed = Feed(Store(root))
    try:
        loaded = load_run(feed, "run", datetime(2026, 11, 24))
        visible_items(loaded.items, folded_at_first(loaded.items), hide_finished=True)
        next_failure(loaded.items, path_to(loaded.items, loaded.first_key()), 1)
    finally:
        feed.close()


WAYS = {
    "opened": opened,
    "show": command("show", "run", "--store"),
    "show as Markdown": command("show", "run", "--format", "markdown", "--store"),
    "metrics": command("metrics", "run", "--store"),
    "compare": command("compare", "run", "run", "--format", "json", "--store"),
    "failures": command("failures", "--store"),
    "check": command("check"),
}


def operations(action, root):
    """How many operations of Python's machine our code takes; the same each time, however busy the machine is."""
    count = 0

    def step(_frame, event, _argument):
        nonlocal count
        count += event == "opcode"
        return step

    def enter(frame, _event, _argument):
        if not frame.f_globals.get("__name__", "").startswith(OURS):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        action(root)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dimension", SHAPES)
def test_twice_as_much_takes_twice_as_long(tmp_path, dimension, way):
    roots = [tmp_path / str(times) / ".run_log_store" for times in (1, 2)]
    for times, root in enumerate(roots, 1):
        path = write_run(root, SHAPES[dimension](SIZE * times), "run")
        # What changed a moment ago is read once more than what did not.
        os.utime(path, (1_795_000_000, 1_795_000_000))
        # Not counted: from 3.12 on, Python tells of the operations of a function only once it has been asked for them.
        operations(WAYS[way], root)
    once, twice = (operations(WAYS[way], root) for root in roots)
    assert twice < MOST * once
