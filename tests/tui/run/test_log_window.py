import pytest

from magnus_tracking.logs.pages import LogPages
from magnus_tui.run.log_window import MOST_PAGES, LogWindow, is_error


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("".join(f"line {number}\n" for number in range(5000)))
    return LogPages(path, page_bytes=1024)


def test_a_window_begins_at_the_end(log):
    window = LogWindow.end(log)
    assert window.lines[-1] == "line 4999"
    assert window.at_end
    assert not window.at_start


def test_going_up_to_the_start_shows_every_line_with_few_pages_held(log):
    window = LogWindow.end(log)
    top = window.lines[0]
    while not window.at_start:
        window, moved = window.before()
        assert window.lines[moved] == top
        assert len(window.pages) <= MOST_PAGES
        top = window.lines[0]
    assert top == "line 0"


def test_going_down_to_the_end_shows_every_line_with_few_pages_held(log):
    window = LogWindow.read(log, 0, 2)
    while not window.at_end:
        last, before = window.lines[-1], len(window.lines)
        window, moved = window.after()
        assert window.lines[before - 1 + moved] == last
        assert len(window.pages) <= MOST_PAGES
    assert window.lines[-1] == "line 4999"


def test_lines_have_places_on_pages_and_back(log):
    window = LogWindow.read(log, 3, 3)
    for line in (0, 50, len(window.lines) - 1):
        assert window.line_of(*window.place_of(line)) == line
    assert window.line_of(0, 0) is None


def test_an_empty_log_has_no_lines(tmp_path):
    (tmp_path / "empty.log").touch()
    window = LogWindow.end(LogPages(tmp_path / "empty.log"))
    assert window.lines == ()
    assert window.at_start
    assert window.at_end
    assert window.place_of(0) == (0, 0)


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "ValueError: loss diverged",
        "    sklearn.exceptions.NotFittedError: fit first",
        "12:00:01 ERROR could not write",
        "KeyboardInterrupt",
    ],
)
def test_errors_are_told_from_other_lines(line):
    assert is_error(line)


@pytest.mark.parametrize("line", ["no error here", "raise ValueError('x')", "errors: 0", "Errored = 3"])
def test_other_lines_are_no_errors(line):
    assert not is_error(line)
