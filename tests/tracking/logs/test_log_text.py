"""Reading execution logs in bounded memory."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from magnus_tracking.errors import CatalogError
from magnus_tracking.logs.read import lines_before, read_log, stream_lines


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "train.execution.log"
    file.write_bytes(b"".join(b"line %d\n" % number for number in range(1000)))
    return file


def test_the_end_of_a_log_begins_with_a_whole_line(log):
    text = read_log(log, 25)
    assert text.lines == ("line 998", "line 999")
    assert text.skipped == log.stat().st_size - len("line 998\nline 999\n")
    assert lines_before(log, text.skipped) == 998


def test_all_of_a_log_can_be_had(log):
    assert len(read_log(log, None).lines) == 1000
    assert len(list(stream_lines(log))) == 1000


def test_an_empty_log_has_no_lines(tmp_path):
    file = tmp_path / "empty"
    file.write_bytes(b"")
    assert read_log(file).lines == ()
    assert list(stream_lines(file)) == []


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    file = tmp_path / "latin"
    file.write_bytes("größe\n".encode("latin-1"))
    assert read_log(file).lines == ("gr\ufffd\ufffde",)
    assert list(stream_lines(file)) == list(read_log(file).lines)


def test_a_log_that_is_gone_is_one_clear_error(tmp_path):
    for read in (read_log, lambda path: list(stream_lines(path)), lambda path: lines_before(path, 5)):
        with pytest.raises(CatalogError, match=r"gone\.log: no such file"):
            read(tmp_path / "gone.log")


@given(st.binary(max_size=400))
@example(b"\n\x00")
@example(b"\x1b[31m\n\x1b[0m")
def test_a_log_reads_the_same_at_once_and_line_by_line(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("logs") / "log"
    file.write_bytes(data)
    assert list(stream_lines(file)) == list(read_log(file, None).lines)
