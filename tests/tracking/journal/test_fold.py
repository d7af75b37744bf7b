"""Tracked values as a run log and as trackers are given them."""

from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.format import Record
from magnus_tracking.runlog.metrics import flatten

RECORDS = [
    Record("loss", 10, 0.5),
    Record("loss", 2, 0.9),
    Record("accuracy", 0, 0.1),
    Record("loss", 10, 0.4),
    Record("epochs", 3, 7),
]


def test_the_same_step_again_replaces_the_value_and_steps_ascend_as_numbers():
    folded = Fold(RECORDS[:2])
    folded.add(RECORDS[2:])
    assert list(folded.points().items()) == [("loss", {2: 0.9, 10: 0.4}), ("accuracy", {0: 0.1}), ("epochs", {3: 7})]
    assert [list(by_step) for by_step in folded.points().values()] == [[2, 10], [0], [3]]
    assert folded.metrics() == {"loss": {"2": 0.9, "10": 0.4}, "accuracy": 0.1, "epochs": {"3": 7}}
    assert list(folded.metrics()["loss"]) == ["2", "10"]


def test_a_value_at_step_0_is_bare_only_while_it_is_alone():
    assert Fold([Record("loss", 0, 1)]).metrics() == {"loss": 1}
    assert Fold([Record("loss", 0, 1), Record("loss", 1, 2)]).metrics() == {"loss": {"0": 1, "1": 2}}


@given(
    st.recursive(st.integers() | st.text(), lambda inner: st.dictionaries(st.sampled_from("01ab"), inner), max_leaves=6)
)
def test_a_value_tracked_once_reads_as_one_at_step_0(value):
    for indexes, _, _ in flatten(Fold([Record("m", 0, value)]).metrics()).values():
        assert indexes == (0,)


def test_nothing_tracked_is_false():
    assert not Fold()
    assert Fold(RECORDS[:1])
