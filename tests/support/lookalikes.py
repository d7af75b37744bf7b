"""A store whose runs have parameters that differ although they may look the same."""

import json

LOOKALIKES = {
    "text or number": (0.0001, "0.0001"),
    "large integers": (10**20, 10**20 + 1),
    "noise": (0.1 + 0.2, 0.3),
    "nearly one": (0.99996, 1.0),
    "not a number": (float("nan"), "nan"),
    "true or one": (True, 1),
    "one or text": (1.0, "1"),
    "trailing blank": ("a ", "a"),
    "composed": ("é", "e\u0301"),
    "tab": ("a\tb", "a b"),
    "empty or null": ("", None),
    "list or object": ([], {}),
    "nested": ({"size": [1, {"name": "a  b"}]}, {"size": [1, {"name": "a b"}]}),
}
SAME = {"zero": (-0.0, 0.0), "whole": (1, 1.0)}


def make_lookalikes(folder):
    """Two runs, `one` and `two`, with these parameters, and in `one` a null that `two` has not."""
    store = folder / ".run_log_store"
    store.mkdir()
    for place, run_id in enumerate(("one", "two")):
        parameters = {name: values[place] for name, values in (LOOKALIKES | SAME).items()}
        if run_id == "one":
            parameters["null or missing"] = None
        log = {
            "run_id": run_id,
            "status": "SUCCESS",
            "tag": "",
            "steps": {},
            "parameters": parameters,
            "run_config": {},
        }
        (store / f"{run_id}.json").write_text(json.dumps(log))
    return store
