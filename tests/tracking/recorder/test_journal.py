import json
import math
import os
import subprocess
import sys

import pytest

from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.format import Header, Record, encode_header
from magnus_tracking.journal.journal_paths import find_journals, journal_folder
from magnus_tracking.journal.overlays import Tracked, overlay_run
from magnus_tracking.journal.reader import JournalReader, read_in_flight
from magnus_tracking.journal.writer_liveness import WriterState, this_writer, writer_state

HEADER = Header("attempt", "a-run", "train", 1, "2026-11-23 10:00:00.000000", this_writer())


def journal_of(root, *lines, header=HEADER, chunked=False, name="1.jsonl"):
    folder = journal_folder(root, header.run_id, chunked=chunked)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(encode_header(header) + "".join(lines).encode())
    return path


def line(metric, value, step=0):
    return json.dumps({"metric": metric, "step": step, "value": value}) + "\n"


def run_log(**attempt):
    step = {"name": "train", "internal_name": "train", "attempts": [attempt] if attempt else []}
    return {"run_id": "a-run", "steps": {"train": {**step, "user_defined_metrics": {}, "branches": {}}}}


def test_new_records_arrive_once_and_a_torn_tail_is_not_yet_there(tmp_path):
    path = journal_of(tmp_path, line("loss", 0.5), '{"metric": "lo')
    reader = JournalReader(path)
    assert reader.read_new() == [Record("loss", 0, 0.5)]
    assert reader.header == HEADER
    assert reader.read_new() == []
    with path.open("a") as file:
        file.write('ss", "step": 1, "value": 0.25}\n')
    assert reader.read_new() == [Record("loss", 1, 0.25)]


def test_a_header_that_is_still_being_written_is_waited_for(tmp_path):
    path = journal_of(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    reader = JournalReader(path)
    assert reader.read_new() == []
    assert reader.header is None
    path.write_bytes(whole + line("a", 1).encode())
    assert reader.read_new() == [Record("a", 0, 1)]


def test_reading_is_bounded_and_loses_nothing(tmp_path):
    path = journal_of(tmp_path, *(line("loss", i, i) for i in range(1000)))
    reader = JournalReader(path)
    parts = list(reader.read_all())
    assert [record.value for part in parts for record in part] == list(range(1000))
    small = JournalReader(path)
    first = small.read_new(limit=100)
    assert len(first) < 10
    rest = []
    while part := small.read_new(limit=2000):
        rest += part
    assert [record.step for record in first + rest] == list(range(1000))


def test_a_line_longer_than_the_bound_is_read_whole(tmp_path):
    path = journal_of(tmp_path, line("text", "x" * 5000), line("a", 1))
    reader = JournalReader(path)
    found = []
    while not found:
        found = reader.read_new(limit=100)
    assert found[0].value == "x" * 5000


def test_damaged_lines_are_passed_over_and_what_is_glued_behind_one_is_kept(tmp_path):
    path = journal_of(tmp_path, line("a", 1), '{"metric": "b", "st' + line("c", 3), "no json\n", "[1]\n", line("d", 4))
    reader = JournalReader(path)
    assert [(record.metric, record.value) for record in reader.read_new()] == [("a", 1), ("c", 3), ("d", 4)]
    assert reader.damaged == 2


def test_values_may_be_not_finite_and_huge(tmp_path):
    path = journal_of(tmp_path, line("a", math.nan), line("a", math.inf, 1), line("a", 2**80, 2))
    values = [record.value for record in JournalReader(path).read_new()]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, 2**80]


def test_another_language_may_leave_the_step_out(tmp_path):
    path = journal_of(tmp_path, '{"value": true, "metric": "done"}\n')
    assert JournalReader(path).read_new() == [Record("done", 0, True)]


def test_a_file_that_is_no_journal_gives_nothing(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(line("a", 1) + line("b", 2))
    reader = JournalReader(path)
    assert reader.read_new() == []
    assert reader.read_new() == []
    assert reader.header is None


def test_a_journal_that_went_is_told(tmp_path):
    path = journal_of(tmp_path, line("a", 1))
    reader = JournalReader(path)
    reader.read_new()
    path.unlink()
    assert reader.read_new() == []
    assert reader.gone


@pytest.mark.parametrize(
    ("tracked", "stored"),
    [
        ([("a", 0, 1)], {"a": 1}),
        ([("a", 0, 1), ("a", 0, 2)], {"a": 2}),
        ([("a", 3, 1)], {"a": {"3": 1}}),
        ([("a", 10, 1), ("a", 9, 2), ("a", 0, 3)], {"a": {"0": 3, "9": 2, "10": 1}}),
        ([("b", 0, "x"), ("a", 0, {"k": 1})], {"b": "x", "a": {"k": 1}}),
    ],
)
def test_metrics_are_stored_as_the_format_has_them(tracked, stored):
    fold = Fold(Record(*item) for item in tracked)
    assert json.dumps(fold.metrics()) == json.dumps(stored)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_run_in_flight_shows_what_was_tracked_so_far(tmp_path, chunked):
    journal_of(tmp_path, line("loss", 0.5), line("loss", 0.4, 1), chunked=chunked)
    document = overlay_run(run_log(attempt_number=1, status="PROCESSING"), read_in_flight(tmp_path, "a-run"))
    step = document["steps"]["train"]
    assert step["user_defined_metrics"] == {"loss": {"0": 0.5, "1": 0.4}}
    assert step["attempts"][0]["user_defined_metrics"] == {"loss": {"0": 0.5, "1": 0.4}}
    assert len(find_journals(tmp_path, "a-run")) == 1


def test_an_attempt_that_ended_keeps_what_the_run_log_holds(tmp_path):
    journal_of(tmp_path, line("loss", 0.5))
    document = run_log(attempt_number=1, status="SUCCESS")
    assert overlay_run(document, read_in_flight(tmp_path, "a-run")) == run_log(attempt_number=1, status="SUCCESS")


def test_a_nested_step_is_found_by_its_dotted_name():
    inner = {"internal_name": "p.a.s", "attempts": [{"attempt_number": 1, "status": "PROCESSING"}]}
    branch = {"internal_name": "p.a", "steps": {"p.a.s": inner}}
    document = {"steps": {"p": {"internal_name": "p", "branches": {"p.a": branch}}}}
    overlay_run(document, [Tracked(Header("attempt", "r", "p.a.s", 1), {"x": 1}, None)])
    assert inner["user_defined_metrics"] == {"x": 1}
    overlay_run(document, [Tracked(Header("attempt", "r", "p.b.s", 1), {"x": 2}, None)])
    assert inner["user_defined_metrics"] == {"x": 1}


def test_the_process_of_a_journal_is_alive_gone_or_unknown():
    code = (
        "import sys\n"
        "from magnus_tracking.journal.format import Header, encode_header\n"
        "from magnus_tracking.journal.writer_liveness import this_writer\n"
        "sys.stdout.buffer.write(encode_header(Header('run', 'r', writer=this_writer())))\n"
        "sys.stdout.flush(); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        fields = json.loads(process.stdout.readline())
        header = Header("run", "r", writer=type(HEADER.writer)(**fields["writer"]))
        assert writer_state(header) is WriterState.ALIVE
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert writer_state(header) is WriterState.GONE, "a process that its parent has not yet waited for has ended"
    assert writer_state(header) is WriterState.GONE
    elsewhere = Header("run", "r", writer=type(HEADER.writer)("another-host", pid=1))
    assert writer_state(elsewhere) is WriterState.UNKNOWN


def test_a_reused_process_id_is_not_taken_for_the_writer():
    mine = this_writer()
    reused = type(mine)(mine.host, mine.boot, mine.namespace, mine.pid, "an older start")
    assert writer_state(Header("run", "r", writer=reused)) is WriterState.GONE
