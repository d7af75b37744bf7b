"""The table of a comparison holds whatever run logs hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App

from magnus_tracking.analysis.compare import compare
from magnus_tracking.runlog.models import RunLog
from magnus_tui.compare.comparison_table import CompareTable
from magnus_tui.compare.layout import (
    ColumnHeading,
    WrittenRows,
    label_width,
    lines_of,
    shorten_label,
)

HOSTILE = {
    "[red]lr[/red]": "[bold]0.1[/]",
    "\x1b[31mescape": "\x1b]0;title\x07 \x9b31m \u202e evil",
    "漢字" * 30: "漢字" * 30,
    "lines\nand\ttabs": "a\nb\r\nc",
    "long": "x" * 5000,
    "deep": {"a": {"b": {"c": [1, [2, {"d": None}]]}}},
    "surrogate": "\ud800",
    "empty": "",
    "huge": 10**400,
    "nan": float("nan"),
}


class Host(App):
    def __init__(self, table):
        super().__init__()
        self.table = table

    def compose(self):
        yield self.table


def comparison():
    first = {"run_id": "漢字" * 12, "status": "FAIL", "parameters": HOSTILE}
    second = {"run_id": "[b]x[/b]\x1b[2J", "status": "SUCCESS", "parameters": {"long": "y", "huge": 1.5}}
    return compare([RunLog.model_validate(first), RunLog.model_validate(second)])


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (40, 10), (20, 5)])
async def test_hostile_text_neither_breaks_the_lines_nor_reaches_the_terminal(size):
    found = comparison()
    table = CompareTable()
    app = Host(table)
    async with app.run_test(size=size) as pilot:
        headings = [ColumnHeading(name, "✔ 1m 00s · baseline") for name in found.runs]
        table.show(lines_of(found, WrittenRows(found, 0, {}), grouped=True), headings, 0)
        for key in ["down"] * 12 + ["right", "end", "left", "home", "pagedown"]:
            await pilot.press(key)
            for y in range(table.size.height):
                strip = table.render_line(y)
                assert strip.cell_length == table.size.width
                assert strip.text.isprintable()


def test_another_choice_of_rows_writes_only_what_was_not_shown_before():
    found = comparison()
    written = WrittenRows(found, 0, {})
    before = {line.label: line.cells for line in lines_of(found.changed(), written, grouped=True).lines if line.row}
    after = {line.label: line.cells for line in lines_of(found, written, grouped=True).lines if line.row}
    assert len(before) < len(after)
    assert all(after[label] is cells for label, cells in before.items())


def test_brackets_are_text_and_no_markup():
    shown = lines_of(comparison(), WrittenRows(comparison(), 0, {}), grouped=True)
    assert any("[red]lr[/red]" in line.label for line in shown.lines)


@given(st.text(alphabet="ab.漢 ", max_size=60), st.integers(4, 40))
def test_a_shortened_label_fits_and_keeps_its_end(text, room):
    label = "  " + text.strip()
    short = shorten_label(label, room)
    assert cell_len(short) <= max(room, 3)
    assert label.endswith(short.strip().removeprefix("…"))


def test_labels_leave_room_for_columns():
    assert label_width(lines_of(comparison(), WrittenRows(comparison(), 0, {}), grouped=True), 80) == 32
