import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.errors import CatalogError
from magnus_tracking.logs.pages import LogPages

TEXTS = st.lists(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=30), max_size=40)


@given(lines=TEXTS, page_bytes=st.integers(1, 100), ended=st.booleans())
def test_the_pages_hold_every_line_once_and_in_order(tmp_path_factory, lines, page_bytes, ended):
    path = tmp_path_factory.mktemp("log") / "a.log"
    text = "\n".join(lines) + ("\n" if ended else "")
    path.write_text(text)
    log = LogPages(path, page_bytes)
    read = [line for number in range(log.count) for line in log.page(number)]
    assert read == (text.removesuffix("\n").split("\n") if text else [])


def test_escapes_are_taken_out(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(b"\x1b[31mred\x1b[0m\nplain\n")
    assert LogPages(path).page(0) == ("red", "plain")


@pytest.fixture
def numbered(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {number}\n" for number in range(1000)))
    return LogPages(path, page_bytes=512)


def line_at(log, place):
    return log.page(place[0])[place[1]]


def test_a_search_finds_the_nearest_line_either_way(numbered):
    assert numbered.count > 10
    start = numbered.locate(500)
    found = numbered.search(*start, 1, lambda line: line.endswith("77"), lambda: False)
    assert line_at(numbered, found) == "line 577"
    found = numbered.search(*start, -1, lambda line: line.endswith("77"), lambda: False)
    assert line_at(numbered, found) == "line 477"


def test_a_search_in_an_empty_log_finds_nothing(tmp_path):
    path = tmp_path / "empty.execution.log"
    path.write_text("")
    assert LogPages(path).search(0, 1, -1, lambda line: True, lambda: False) is None
    assert LogPages(path).search(0, 0, 1, lambda line: True, lambda: False) is None


def test_a_search_that_finds_nothing_says_so(numbered):
    assert numbered.search(0, 0, 1, lambda line: "absent" in line, lambda: False) is None
    assert numbered.search(0, 0, 1, lambda line: True, lambda: True) is None


def test_a_line_is_located_by_its_number(numbered):
    assert line_at(numbered, numbered.locate(731)) == "line 731"
    assert numbered.locate(1000) is None


def test_a_log_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(CatalogError, match=r"gone\.log: no such file"):
        LogPages(tmp_path / "gone.log")


@pytest.mark.parametrize("ended", [True, False])
def test_a_progress_bar_over_many_pages_is_its_last_state_once(tmp_path, ended):
    path = tmp_path / "a.log"
    states = "".join(f"\r{number / 1000:.1f} % done" for number in range(100_000))
    path.write_text(f"begin\n{states}\rall done" + ("\nafter\nend\n" if ended else ""))
    log = LogPages(path, page_bytes=1 << 16)
    assert log.count > 10
    read = [line for number in range(log.count) for line in log.page(number)]
    assert read == ["begin", "all done", *(["after", "end"] if ended else [])]
    if ended:
        assert line_at(log, log.locate(2)) == "after"


def test_lines_are_found_by_their_number_beside_those_that_were_written_over(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("a\nbar 1\n\x1b[1A\x1b[2Kbar 2\n\x1b[1A\x1b[2Kbar 3\nb\n")
    log = LogPages(path)
    assert log.page(0) == ("a", "bar 3", "b")
    assert [line_at(log, log.locate(number)) for number in range(5)] == ["a", "bar 3", "bar 3", "bar 3", "b"]
