"""The series of a run in flight: as a whole reading gives them, from journals read on, cut, replaced and folded in."""

import json
import math
import random

import pytest

from magnus_tracking.journal.format import Header, encode_header
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import open_store

RUN = "in-flight"


def plain(series):
    return [(one.step, one.attempt, one.name, tuple(one.indexes), repr(list(one.values))) for one in series]


class Flight:
    """A run in flight of one step, whose journal the test writes."""

    def __init__(self, project):
        self.root = project / ".run_log_store"
        document = json.loads((self.root / "fixed-1.json").read_text())
        self.step_name, step = next(iter(document["steps"].items()))
        step["status"] = "PROCESSING"
        step["attempts"] = [{"attempt_number": 1, "status": "PROCESSING", "user_defined_metrics": {}}]
        step["user_defined_metrics"] = {}
        self.document = {**document, "run_id": RUN, "status": "PROCESSING", "steps": {self.step_name: step}}
        self.step = step
        self.path = self.root / f"{RUN}.json"
        self.journal = self.root / f"{RUN}.journal" / "1.jsonl"
        self.journal.parent.mkdir()
        self.write()
        self.begin()

    def write(self):
        self.path.write_text(json.dumps(self.document, indent=4))

    def begin(self):
        self.journal.write_bytes(encode_header(Header("attempt", RUN, self.step["internal_name"], 1)))

    def track(self, records):
        with self.journal.open("a") as file:
            file.writelines(
                json.dumps({"metric": name, "step": step, "value": value}) + "\n" for name, step, value in records
            )


@pytest.fixture
def flight(store_copy):
    return Flight(store_copy("magnus-sweep"))


@pytest.fixture
def cache(flight, tmp_path):
    return SeriesCache(open_store(flight.root), tmp_path / "series")


def whole(flight):
    return plain(series_of_run(open_store(flight.root).load(RUN)))


VALUES = (0.5, math.nan, -math.inf, 3, 1 << 80, "words", None, True, [1, 2], {"ham": 1}, {"ham": 2, "eggs": {"1": 3}})


@pytest.mark.parametrize("seed", range(8))
def test_what_is_read_on_is_what_a_whole_reading_gives(flight, cache, seed):
    chance = random.Random(seed)
    names = ["loss", "accuracy", "mixed"]
    for part in range(6):
        flight.track(
            (name, chance.choice([part * 20 + place, chance.randrange(100)]), chance.choice(VALUES[: 1 + 2 * seed]))
            for place in range(20)
            for name in names
        )
        assert plain(cache.load(RUN)) == whole(flight)


def test_steps_that_are_no_step_index_any_more_are_as_in_a_whole_reading(flight, cache):
    flight.track(("loss", step, 0.5) for step in (1, 10**17, 10**18, 1 << 80))
    assert plain(cache.load(RUN)) == whole(flight)


def test_what_was_read_of_a_journal_is_not_read_again(flight, cache):
    flight.track(("loss", step, step / 7) for step in range(10_000))
    cache.load(RUN)
    with flight.journal.open("r+b") as file:
        file.write(b"#" * flight.journal.stat().st_size)
    flight.track(("loss", step, step / 7) for step in range(10_000, 10_050))
    assert [list(one.values) for one in cache.load(RUN)] == [[step / 7 for step in range(10_050)]]


def test_a_journal_that_was_cut_or_replaced_is_read_from_its_beginning(flight, cache):
    flight.track(("loss", step, step / 7) for step in range(100))
    cache.load(RUN)
    flight.begin()
    flight.track([("loss", 0, 1.5)])
    assert plain(cache.load(RUN)) == whole(flight)
    other = flight.journal.with_suffix(".other")
    other.write_bytes(flight.journal.read_bytes())
    other.replace(flight.journal)
    flight.track([("loss", 1, 2.5)])
    assert plain(cache.load(RUN)) == whole(flight)


def test_a_line_that_is_half_written_counts_once_it_is_whole(flight, cache):
    flight.track([("loss", 0, 0.5)])
    line = json.dumps({"metric": "loss", "step": 1, "value": 0.25}) + "\n"
    with flight.journal.open("a") as file:
        file.write(line[:20])
    assert [len(one.values) for one in cache.load(RUN)] == [1]
    with flight.journal.open("a") as file:
        file.write(line[20:])
    assert [list(one.values) for one in cache.load(RUN)] == [[0.5, 0.25]]


def test_what_is_folded_in_is_in_the_run_log(flight, cache):
    flight.track(("loss", step, step / 7) for step in range(100))
    before = plain(cache.load(RUN))
    metrics = {"loss": {str(step): step / 7 for step in range(100)}}
    flight.step["attempts"][0].update(status="SUCCESS", user_defined_metrics=metrics)
    flight.step.update(status="SUCCESS", user_defined_metrics=metrics)
    flight.write()
    assert plain(cache.load(RUN)) == before
    flight.journal.unlink()
    assert plain(cache.load(RUN)) == before


def test_a_run_log_in_flight_has_its_short_metrics_and_says_how_long_the_others_are(flight, cache):
    flight.track(("loss", step, step / 7) for step in range(5_000))
    flight.track([("epochs", 0, 3)])
    step = cache.open(RUN)[0].steps[flight.step_name]
    assert step.user_defined_metrics == {"loss": "5000 values, shown as a series", "epochs": 3}
    assert step.attempts[0].user_defined_metrics == step.user_defined_metrics
