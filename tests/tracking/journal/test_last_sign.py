"""When a journal was last written to: by its own times, unless these are missing or can't be."""

import json
from datetime import datetime, timedelta

import pytest

from magnus_tracking.journal.format import Header, encode_header
from magnus_tracking.journal.reader import JournalReader

OPENED = datetime(2026, 6, 1, 12)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("times", "written", "last_sign"),
    [
        ([], 9 * MINUTE, timedelta(0)),
        ([60_000], 9 * MINUTE, MINUTE),
        ([60_000, None], 9 * MINUTE, 9 * MINUTE),
        ([None, 60_000], 9 * MINUTE, MINUTE),
        ([3_600_000], 9 * MINUTE, 9 * MINUTE),
        ([10**17], 9 * MINUTE, 9 * MINUTE),
        ([60_000], -9 * MINUTE, MINUTE),
    ],
    ids=["header", "value", "no time", "time again", "ahead", "no calendar has it", "file older than its header"],
)
def test_a_journal_was_last_written_to(tmp_path, times, written, last_sign):
    path = tmp_path / "journal"
    lines = [{"metric": "loss", "value": 1, **({} if ms is None else {"ms": ms})} for ms in times]
    header = encode_header(Header("attempt", "r", "train", 1, str(OPENED))).decode()
    path.write_text(header + "".join(json.dumps(line) + "\n" for line in lines))
    reader = JournalReader(path)
    for _ in reader.read_all():
        pass
    assert reader.last_sign((OPENED + written).timestamp()) == OPENED + last_sign
