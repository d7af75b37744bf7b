from magnus_tui.runs.counts import why_empty


def test_a_list_that_a_filter_leaves_empty_says_whether_runs_are_still_being_read():
    assert why_empty("store", 5, verified=False).plain == "no run read so far matches the filter; esc clears it"
    assert why_empty("store", 5, verified=True).plain == "no run matches the filter; esc clears it"
