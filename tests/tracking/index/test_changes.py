"""The index follows what happens to the files of a store."""

import json
import os
import shutil
import time

from magnus_tracking.index import GONE, rows, state
from magnus_tracking.query import parse, parse_sort
from magnus_tracking.runlog.metric_summary import COMPLETE


def old(path, seconds=60):
    """Make a file look as if it had been written a while ago."""
    moment = time.time() - seconds
    os.utime(path, (moment, moment))
    return path


def rewrite(path, **fields):
    """Change fields of a run log in one file, as the engine does: in place."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))
    return path


def listed(index, query=None):
    return {run.run_id for run in index.rows(index.positions(query))}


def a_run(project):
    return sorted((project / ".run_log_store").glob("*.json"))[0]


def test_only_what_changed_is_told_and_taken_in(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    path = rewrite(a_run(project), tag="another")
    told = []
    index.refresh(told.append)
    assert [change.changed_ids for change in told] == [{path.stem}]
    assert index.summary(path.stem).tag == "another"
    assert listed(index, parse("tag=another")) == {path.stem}


def test_a_change_of_the_same_size_is_noticed(store_copy, refreshed):
    project = store_copy("magnus-examples")
    path = old(rewrite(a_run(project), tag="aaaa"), 120)
    index = refreshed(project)
    old(rewrite(path, tag="bbbb"), 60)
    index.refresh()
    assert index.summary(path.stem).tag == "bbbb"


def test_removed_and_new_runs_leave_and_enter_list_filters_and_counts(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    everything, failed = listed(index), listed(index, parse("status:fail"))
    row = index.row_of(next(iter(failed)))
    for run_id in failed:
        path = project / ".run_log_store" / run_id
        shutil.rmtree(path) if path.is_dir() else path.with_name(f"{run_id}.json").unlink()
    rewrite(shutil.copy(a_run(project), project / ".run_log_store" / "new.json"), tag="fresh")
    told = []
    index.refresh(told.append)
    assert frozenset().union(*(change.removed_ids for change in told)) == failed
    assert listed(index) == (everything - failed) | {"new"}
    assert listed(index, parse("tag=fresh")) == {"new"}
    assert listed(index, parse("status:fail")) == set()
    assert index.count() == len(listed(index))
    assert index.rows([row])[0].error == GONE


def test_a_few_runs_are_brought_up_to_date_without_looking_at_the_others(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    index.positions(parse("status:success"), parse_sort("-duration"))
    changed, unseen = sorted((project / ".run_log_store").glob("*.json"))[:2]
    rewrite(changed, tag="seen")
    rewrite(unseen, tag="unseen")
    change = index.refresh_runs([changed.stem, "never there"])
    assert change.changed_ids == {changed.stem}
    assert change.removed_ids == {"never there"}
    assert listed(index, parse("tag=seen")) == {changed.stem}
    assert listed(index, parse("tag=unseen")) == set()


def test_runs_that_another_process_took_out_of_the_index_are_told_as_gone(store_copy, refreshed):
    project = store_copy("magnus-examples")
    ours, others = refreshed(project), refreshed(project)
    gone = [path.stem for path in sorted((project / ".run_log_store").glob("*.json"))[:3]]
    left = listed(ours) - set(gone)
    for run_id in gone:
        (project / ".run_log_store" / f"{run_id}.json").unlink()
    others.refresh_runs(gone)
    assert ours.refresh_runs(gone).removed_ids == set(gone)
    assert listed(ours) == listed(others) == left


def test_a_run_that_comes_and_goes_between_two_looks_at_all_leaves_nothing(store_copy, refreshed):
    project = store_copy("magnus-examples")
    path = old(a_run(project))
    index = refreshed(project)
    everything, tag = listed(index), index.summary(path.stem).tag
    before = shutil.copy2(path, project / "before")
    new = old(shutil.copy(path, path.with_name("new.json")), 30)
    old(rewrite(path, tag="for a moment"), 20)
    index.refresh_runs(["new", path.stem])
    assert listed(index, parse('tag="for a moment"')) == {path.stem}
    new.unlink()
    path.write_bytes(before.read_bytes())
    shutil.copystat(before, path)
    index.refresh()
    assert listed(index) == everything
    assert index.summary(path.stem).tag == tag


def test_runs_enter_the_default_order_where_they_started(store_copy, refreshed):
    project = store_copy("magnus-sweep")
    index = refreshed(project)
    index.positions(None, parse_sort("id"))
    path = a_run(project)
    document = json.loads(path.read_text().replace(path.stem, "middle"))
    (path.parent / "middle.json").write_text(json.dumps(document))
    index.refresh_runs(["middle"])
    runs = index.rows(index.positions())
    keys = [(run.started, run.run_id) for run in runs]
    assert keys == sorted(keys, reverse=True)
    assert "middle" in {run.run_id for run in runs}


def test_runs_that_change_or_go_take_their_place_in_an_order_that_was_asked_for_before(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    keys = parse_sort("-tag")
    index.positions(None, keys)
    path = rewrite(a_run(project), tag="zzzz")
    index.refresh()
    assert index.rows(index.positions(None, keys)[:1])[0].run_id == path.stem
    assert [run.run_id for run in index.rows(index.positions(parse("tag=zzzz"), keys))] == [path.stem]
    path.unlink()
    index.refresh()
    assert path.stem not in {run.run_id for run in index.rows(index.positions(None, keys))}


def test_a_half_written_run_keeps_its_last_good_state_until_it_is_whole(store_copy, refreshed):
    project = store_copy("magnus-examples")
    path = a_run(project)
    index = refreshed(project)
    before = index.summary(path.stem)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    index.refresh()
    assert index.summary(path.stem).status == before.status
    assert path.stem in index.unsettled()
    path.write_bytes(content)
    index.refresh()
    assert index.summary(path.stem).error is None


def test_a_run_that_stays_half_written_is_unreadable_in_the_end(store_copy, refreshed):
    project = store_copy("magnus-examples")
    path = a_run(project)
    index = refreshed(project)
    path.write_bytes(path.read_bytes()[:100])
    index.refresh()
    old(path)
    index.refresh()
    assert "not JSON" in index.summary(path.stem).error
    assert index.counts()["UNREADABLE"] == 1
    assert path.stem not in index.unsettled()


def test_the_last_changed_runs_are_read_first(store_copy, opened):
    project = store_copy("runnable-examples")
    paths = [path for path in (project / ".run_log_store").iterdir() if path.suffix == ".json"]
    for age, path in enumerate(paths):
        old(path, 1000 + age)
    told = []
    index = opened(project)
    index.refresh(told.append, lambda: bool(told) and False)
    assert told[0].changed_ids >= {path.stem for path in paths[:3]}
    assert told[-1].done == told[-1].total


def test_a_refresh_that_was_stopped_goes_on_where_it_was(store_copy, opened):
    project = store_copy("magnus-examples")
    first = opened(project)
    asked = []
    first.refresh(None, lambda: len(asked) > 5 or asked.append(1) is not None)
    there = first.count()
    assert 0 < there < len(open_ids(project))
    first.close()
    told = []
    second = opened(project)
    second.refresh(told.append)
    assert told[-1].total == len(open_ids(project)) - there
    assert second.count() == len(open_ids(project))


def open_ids(project):
    return {path.name for path in (project / ".run_log_store").iterdir()}


def test_names_and_texts_that_no_encoding_holds_come_back_as_they_are(store_copy, refreshed):
    project = store_copy("magnus-examples")
    source = a_run(project)
    run_id = os.fsdecode(b"caf\xe9 \xf0\x9f\x8e\x89\n[bold]")
    document = {**json.loads(source.read_text()), "parameters": {"big": 1 << 80, "\ud800": "\udfff"}}
    (source.parent / f"{run_id}.json").write_text(json.dumps(document))
    index = refreshed(project)
    summary = index.summary(run_id)
    assert summary.run_id == run_id
    assert summary.parameters["big"] == 1 << 80
    assert run_id in listed(index, parse("has:param.big"))


def test_a_long_metric_of_a_run_that_just_ended_is_summarised_completely(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    values = {str(step): step / 7 for step in range(60_000)}
    steps = {"train": {"status": "SUCCESS", "user_defined_metrics": {"loss": values}}}
    path = rewrite(a_run(project), status="SUCCESS", steps=steps)
    assert len(json.dumps(values)) > 1 << 20
    index.refresh_runs([path.stem])
    loss = index.summary(path.stem).metrics["loss"]
    assert (loss.depth, loss.count, loss.min, loss.max) == (COMPLETE, 60_000, 0.0, 59_999 / 7)
    assert listed(index, parse("max(metric.loss)>8000")) == {path.stem}


def test_an_order_that_another_thread_made_out_of_date_is_not_kept(store_copy, refreshed):
    project = store_copy("magnus-examples")
    index = refreshed(project)
    connection = index._database.connection()
    order, generation = rows.kept_order(connection), state.generation(connection)
    assert order is not None
    shutil.copy(a_run(project), project / ".run_log_store" / "new.json")
    index.refresh_runs(["new"])
    with index._database.writing() as connection:
        rows.keep_order(connection, order, generation)
    assert rows.kept_order(connection) is None
    assert len(index.positions()) == len(order) + 1
