import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.analysis.compare import compare
from magnus_tracking.runlog.models import RunLog

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))
parameter_sets = st.lists(
    st.dictionaries(st.sampled_from(["lr", "depth", "optim.name", "f1 score"]), scalars), min_size=2, max_size=5
)


def comparison_of(*parameters, baseline=0):
    runs = [
        RunLog.model_validate({"run_id": f"r{n}", "status": "SUCCESS", "parameters": values})
        for n, values in enumerate(parameters)
    ]
    return compare(runs, baseline)


def keys(comparison):
    return [row.key for row in comparison.rows if row.section == "parameters"]


def test_patterns_leave_out_sections_keys_and_both_together():
    comparison = comparison_of({"lr": 1, "lr.warmup": 2, "seed": 3}, {})
    assert keys(comparison.ignoring(["seed"])) == ["lr", "lr.warmup"]
    assert keys(comparison.ignoring(["lr*"])) == ["seed"]
    assert keys(comparison.ignoring(["parameters.lr"])) == ["lr.warmup", "seed"]
    assert keys(comparison.ignoring(["parameters"])) == []
    assert keys(comparison.ignoring([])) == ["lr", "lr.warmup", "seed"]


def test_a_filter_needs_every_word_in_section_key_or_values():
    comparison = comparison_of({"Rate": 1, "name": "Adam"}, {"name": "SGD"})
    assert keys(comparison.matching("rate")) == ["Rate"]
    assert keys(comparison.matching("param sgd")) == ["name"]
    assert keys(comparison.matching("rate sgd")) == []


def test_rows_are_sorted_by_how_much_they_differ():
    comparison = comparison_of({"a": 10, "b": 10, "c": 10, "d": "x"}, {"a": 11, "b": 10, "c": 1000, "d": "y"})
    assert keys(comparison.changed().most_different_first()) == ["d", "c", "a"]


def test_another_baseline_only_changes_the_differences():
    comparison = comparison_of({"lr": 1}, {"lr": 3})
    other = comparison.with_baseline(1)
    row = next(row for row in other.rows if row.key == "lr")
    assert row.delta == (-2, 0)
    assert row.percentages(1)[0] == pytest.approx(-200 / 3)
    assert other.with_baseline(0) == comparison
    with pytest.raises(IndexError):
        comparison.with_baseline(2)
    with pytest.raises(IndexError):
        comparison_of({"lr": 1}, baseline=1)


@given(parameter_sets)
def test_a_run_never_differs_from_itself(parameters):
    assert not comparison_of(parameters[0], parameters[0], parameters[0]).changed().rows


@given(parameter_sets, st.randoms())
def test_what_differs_does_not_depend_on_the_order_of_the_runs(parameters, random):
    shuffled = random.sample(parameters, len(parameters))
    assert set(keys(comparison_of(*parameters).changed())) == set(keys(comparison_of(*shuffled).changed()))


@given(parameter_sets)
def test_differences_only_and_the_rest_make_the_whole(parameters):
    comparison = comparison_of(*parameters)
    changed = comparison.changed().rows
    assert all(row.differs for row in changed)
    assert len(changed) + sum(not row.differs for row in comparison.rows) == len(comparison.rows)


def test_a_null_differs_from_a_parameter_that_is_not_there():
    comparison = comparison_of({"warm": None, "cold": None}, {"warm": None}, {"cold": None})
    rows = {row.key: row for row in comparison.rows if row.section == "parameters"}
    assert rows["warm"].values == rows["cold"].values == (None, None, None)
    assert rows["warm"].differs
    assert rows["cold"].differs
    assert rows["warm"].nulls == {0, 1}
    assert rows["warm"].distance(0) == rows["cold"].distance(1) == 1
    assert not next(row for row in comparison_of({"lr": None}, {"lr": None}).rows if row.key == "lr").differs
