"""Of very many catalog entries a selection shows its own first, numbered as the log has them."""

from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.tree import walk
from magnus_tui.run.catalog_entries import CatalogEntries

COUNTS = st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=6)


def run_with(counts):
    """A run with a map of as many branches as there are lists, and a step in it for each number, with its entries."""

    def step(name, entries, branches=()):
        catalog = [{"name": f"{name}/{number}", "stage": "put"} for number in range(entries)]
        return {"name": name, "internal_name": name, "data_catalog": catalog, "branches": dict(branches)}

    branches = {
        f"m.{place}": {
            "internal_name": f"m.{place}",
            "steps": {f"m.{place}.{at}": step(f"m.{place}.{at}", count) for at, count in enumerate(inner)},
        }
        for place, inner in enumerate(counts)
    }
    steps = {"first": step("first", 2), "m": step("m", 1, branches), "last": step("last", 1)}
    return RunLog.model_validate({"run_id": "run", "steps": steps})


@given(COUNTS, st.sets(st.integers(0, 30)), st.integers(0, 20))
def test_the_entries_of_some_steps_come_before_the_others_up_to_a_bound(counts, places, most):
    run = run_with(counts)
    steps = [node.step for node in walk(run)]
    chosen = [step for place, step in enumerate(steps) if place in places]
    names = {step.internal_name for step in chosen}
    everything = [(step.internal_name, entry.name) for step in steps for entry in step.data_catalog]
    numbered = list(enumerate(everything))

    entries = CatalogEntries(run)
    own, others = entries.around(chosen, most)

    def plain(found):
        return [(one.number, (one.step.internal_name, one.entry.name)) for one in found]

    mine = [item for item in numbered if item[1][0] in names]
    assert plain(own) == mine[:most]
    assert plain(others) == [item for item in numbered if item[1][0] not in names][: most - len(own)]
    assert len(entries) == len(everything)
