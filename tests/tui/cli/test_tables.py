"""Tables fit a terminal: what shrinks is cut with an ellipsis, then columns go from the right and are named."""

import re

import pytest
from rich.cells import cell_len

from magnus_tui.cli.tables import layout
from magnus_tui.format.table_columns import Column

COLUMNS = [
    Column("run", lambda row: row[0], stays=True),
    Column("message", lambda row: row[1], shrinks=True, stays=True),
    Column("loss", lambda row: row[2], right=True),
    Column("lr", lambda row: row[3], right=True),
]
ROWS = [
    ("blazing-colden", "Call to the function did not succeed.", 0.25, 10),
    ("één🚀", "日本語のメッセージ", None, 0.1),
]


def lines(width):
    return ["".join(text for text, _ in line) for line in layout(COLUMNS, ROWS, width)]


def test_a_pipe_gets_every_cell_whole():
    head, first, second = lines(None)
    assert head.split() == ["run", "message", "loss", "lr"]
    assert "did not succeed." in first
    assert first.endswith("0.25   10")
    assert "日本語のメッセージ" in second


@pytest.mark.parametrize("width", [30, 45, 60, 80])
def test_no_line_of_a_row_is_wider_than_the_terminal(width):
    table = lines(width)
    assert all(cell_len(line) <= width for line in table[:3])
    assert all("blazing-colden" in line for line in table[1:2])


def test_what_shrinks_is_cut_before_a_column_goes():
    table = lines(60)
    assert "…" in table[1]
    assert table[0].split() == ["run", "message", "loss", "lr"]


def test_columns_that_found_no_room_are_named():
    table = lines(36)
    assert table[-1] == "hidden (terminal too narrow): lr"
    assert table[0].split() == ["run", "message", "loss"]
    assert lines(28)[-1] == "hidden (terminal too narrow): loss, lr"


def test_columns_align_whatever_the_width_of_their_characters():
    table = lines(None)
    ends = {cell_len(line) for line in table}
    assert len(ends) == 1


NAMES = ("lr", "lr ", "lr\u200b", "lr\t", "l\u0433", "lr\u3164", "LR")
SHOWN = ('"lr"', '"lr␣"', '"lr\\u200b"', '"lr\\t"', "l\u0433", '"lr\\u3164"', "LR")


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "a"),
        ("compare", "a", "b"),
        ("runs",),
        ("runs", "--format", "markdown"),
        ("metrics", "a"),
        ("metrics", "a", "--format", "markdown"),
    ],
)
def test_names_that_differ_look_different_wherever_they_stand_together(run, make_store, make_run, arguments):
    metrics = {name: {"1": 1.0} for name in NAMES}
    store = make_store(*(make_run(run_id, metrics=metrics) for run_id in "ab"))
    said = run(*arguments, "-s", store).out.replace("\\\\", "\\")
    words = {word.strip() for line in said.splitlines() for word in re.split(r"\s{2,}|\|", line)}
    assert words.issuperset(SHOWN)
    assert ",lr ,lr\u200b," in run("metrics", "a", "-s", store, "--format", "csv").out
