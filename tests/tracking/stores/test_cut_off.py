"""A run log that ends too early is told as what it is, in every way of reading it."""

import pytest

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.stores import Store
from support.stores import DATA_STORES

WHOLE = (DATA_STORES / "magnus-sweep" / ".run_log_store" / "fixed-3.json").read_bytes()


@pytest.mark.parametrize("bytes_left", [1, 2, 40, 700, 1001, 5000, len(WHOLE) - 1])
@pytest.mark.parametrize("behind", [b"", b"\n  \n"])
def test_the_row_and_the_run_say_where_it_ends(tmp_path, bytes_left, behind):
    (tmp_path / "cut.json").write_bytes(WHOLE[:bytes_left] + behind)
    store = Store(tmp_path)
    row = store.summarize(store.handle("cut"))
    with pytest.raises(UnreadableRunError) as refused:
        store.load("cut")
    line = WHOLE[:bytes_left].rstrip().count(b"\n") + 1
    assert row.error == refused.value.reason == f"not JSON: line {line}: unexpected end"


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_a_file_without_anything_is_called_empty(tmp_path, content):
    (tmp_path / "cut.json").write_bytes(content)
    store = Store(tmp_path)
    assert store.summarize(store.handle("cut")).error == "empty file"


@pytest.mark.parametrize("depth", range(4))
def test_half_a_character_just_before_the_end_is_no_end_that_comes_too_early(tmp_path, depth):
    value = '{"k": ' * depth + '"\\ud83d"' + "}" * depth
    (tmp_path / "whole.json").write_text(f'{{"run_id": "whole", "status": "SUCCESS", "parameters": {{"p": {value}}}}}')
    store = Store(tmp_path)
    assert store.summarize(store.handle("whole")).error is None
    assert store.load("whole").status == "SUCCESS"
