"""Time stamps in logs, and the lines around a moment."""

from datetime import datetime, timedelta

import pytest

from magnus_tracking.logs.pages import LogPages
from magnus_tracking.logs.stamps import line_at, stamp_of

NEAR = datetime(2026, 11, 23, 10, 0, 0)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("2026-11-23 10:00:01,250 INFO epoch 1", NEAR + timedelta(seconds=1.25)),
        ("[2026-11-23 10:00:01] epoch 1", NEAR + timedelta(seconds=1)),
        ("2026/11/23 10:00:01 epoch 1", NEAR + timedelta(seconds=1)),
        ("INFO 2026-11-23T10:00:01.5 epoch", NEAR + timedelta(seconds=1.5)),
        ("10:00:02 INFO epoch 2", NEAR + timedelta(seconds=2)),
        ("[10:00:02.125] epoch 2", NEAR + timedelta(seconds=2.125)),
        ("epoch 1 took 3 s", None),
        ("2026-99-99 10:00:01 no day", None),
        ("[29:00:02] no hour", None),
        ("ratio 1:10:00:02:5", None),
        ("", None),
    ],
)
def test_the_time_that_a_line_was_written_at(line, wanted):
    assert stamp_of(line, NEAR) == wanted


def test_a_zone_is_obeyed(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    assert stamp_of("2026-11-23T10:00:01+02:00 epoch", NEAR) is not None


@pytest.mark.parametrize("page", [64, 4096, 1 << 20])
@pytest.mark.parametrize("second", [-10, 0, 1, 50, 198, 199, 500])
def test_the_last_line_written_by_a_moment_is_found(tmp_path, page, second):
    path = tmp_path / "log"
    lines = [f"{NEAR + timedelta(seconds=at)} INFO step {at}\n  more\n" for at in range(200)]
    path.write_text("".join(lines))
    log = LogPages(path, page)
    number, place = line_at(log, NEAR + timedelta(seconds=second, milliseconds=5), lambda: False)
    assert log.page(number)[place].endswith(f" step {max(min(second, 199), 0)}")


def test_a_log_without_time_stamps_has_no_such_line(tmp_path):
    path = tmp_path / "log"
    path.write_text("epoch 1\n" * 100)
    assert line_at(LogPages(path, 64), NEAR, lambda: False) is None
    path.write_text("")
    assert line_at(LogPages(path), NEAR, lambda: False) is None
