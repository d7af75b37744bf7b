import json

from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.runlog.models import RunLog
from magnus_tui.run.json_rows import GROUP, JsonRows, dumped, members, size_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)


def open_everything(rows):
    place = 0
    while place < len(rows.rows):
        if rows.rows[place].can_open and not rows.rows[place].is_open:
            rows.open(place)
        place += 1


def test_only_the_root_is_open_at_first():
    rows = JsonRows({"a": {"b": 1}, "c": [1, 2]})
    assert [row.name for row in rows.rows] == ["", "a", "c"]


@given(JSON)
def test_every_value_has_a_row_once_everything_is_open(value):
    rows = JsonRows(value)
    open_everything(rows)

    def count(item):
        inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        return 1 + sum(count(one) for one in inside)

    assert len(rows.rows) == count(value)


@given(JSON)
def test_closing_the_root_hides_everything_and_opening_shows_the_same_again(value):
    rows = JsonRows(value)
    open_everything(rows)
    opened = rows.opened
    shown = [row.path for row in rows.rows]
    again = JsonRows(value, opened)
    assert [row.path for row in again.rows] == shown
    rows.close(0)
    assert len(rows.rows) == 1


def test_a_large_list_is_shown_in_groups_that_hold_every_item_once():
    value = list(range(123_456))
    rows = JsonRows(value)
    assert len(rows.rows) <= GROUP + 1
    rows.open(len(rows.rows) - 1)
    assert len(rows.rows) <= 2 * GROUP + 1
    rows.open(len(rows.rows) - 1)
    assert rows.rows[-1].name == "123455"
    assert rows.rows[-1].value == 123_455
    assert sum(size_of(group) for _, group in members(value)) == len(value)


def test_a_group_gives_the_members_that_it_stands_for():
    value = {str(number): number for number in range(250)}
    groups = [dumped(group) for _, group in members(value)]
    assert {name: item for group in groups for name, item in group.items()} == value


def test_a_run_log_shows_the_fields_that_its_file_has_and_no_others():
    document = {"run_id": "r", "status": "SUCCESS", "steps": {"a": {"name": "a", "internal_name": "a", "odd": 1}}}
    rows = JsonRows(RunLog.model_validate(document))
    open_everything(rows)
    assert [row.name for row in rows.rows[1:]] == ["run_id", "status", "steps", "a", "name", "internal_name", "odd"]
    assert json.dumps(dumped(rows.rows[0].value)) == json.dumps(document)


def test_the_row_around_a_row_is_found():
    rows = JsonRows({"a": {"b": 1}}, {(), ("a",)})
    assert rows.parent_of(2) == 1
    assert rows.parent_of(0) == 0
