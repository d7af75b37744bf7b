"""The log of a run's step as its user meets it, through the run screen."""

import json

from magnus_tracking.logs.catalog import file_hash
from magnus_tracking.logs.locate import StepLogs
from magnus_tracking.logs.pages import LogPages
from magnus_tui.format.text import clean
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.log_lines import LogLines
from magnus_tui.run.log_view import LogView
from magnus_tui.run.log_window import LogWindow
from magnus_tui.run.wrapped_lines import shown_places
from support.explorer import at_home, explore, open_run, press, screen_text, settle

LINES = 200_000


def with_a_long_log():
    project = at_home("magnus-sweep")
    log = project / ".catalog" / "fixed-11" / "train_model.execution.log"
    written = log.read_text()
    lines = [f"line {number} \x1b[32mof many\x1b[0m" for number in range(LINES)]
    lines[1000] = "RuntimeError: an early one"
    log.write_text("\n".join(lines) + "\n" + written)
    run = project / ".run_log_store" / "fixed-11.json"

    document = json.loads(run.read_text())
    entry = document["steps"]["train model"]["data_catalog"][0]
    entry["data_hash"] = file_hash(log)
    run.write_text(json.dumps(document))
    return project


async def open_log(pilot, run_id="fixed-11", **where):
    await open_run(pilot, run_id, tab="log", **where)
    return pilot.app.screen.query_one(LogLines)


async def test_a_long_log_opens_at_its_end_and_holds_only_a_part_of_it():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        assert "ValueError: loss diverged" in screen_text(app)
        assert lines.at_end
        assert lines.vertical_scrollbar.position == lines.scroll_y > 0
        assert lines.line_count < LINES / 4


async def test_home_and_end_reach_both_ends_and_escapes_are_gone():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        await open_log(pilot)
        await press(pilot, "g")
        assert "line 0 of many" in screen_text(app)
        await press(pilot, "G")
        assert "ValueError: loss diverged" in screen_text(app)


async def test_paging_up_goes_on_beyond_what_was_read_at_first():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        first = lines.window.first
        lines.cursor = 10
        await settle(pilot)
        assert lines.window.first < first
        line = lines.copy_text()
        await press(pilot, "up")
        number = int(line.split()[1])
        assert lines.copy_text() == f"line {number - 1} of many"


async def test_errors_are_a_key_apart_even_far_from_one_another():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        seen = []
        for _ in range(8):
            await press(pilot, "N")
            seen.append(lines.copy_text())
        assert seen[-1] == "RuntimeError: an early one"
        await press(pilot, "n")
        assert "RuntimeError" not in lines.copy_text()


async def test_a_search_goes_between_its_matches_and_escape_ends_it():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        await press(pilot, "slash", *"line 4242 ", "enter")
        assert lines.copy_text() == "line 4242 of many"
        await press(pilot, "n")
        assert "no later" in screen_text(app)
        await press(pilot, "escape")
        assert lines.needle == ""
        assert lines.has_focus


async def test_a_line_of_the_log_can_be_opened():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot, line=123_456)
        assert lines.copy_text() == "line 123456 of many"


async def test_several_logs_of_a_step_are_shown_one_after_the_other_and_marked_as_inferred():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 40)) as pilot:
        await open_log(pilot, "swarm-raman-1645", step="map_state.1.execute_python", attempt=1)
        text = screen_text(app)
        assert "1 of 2" in text
        assert "inferred" in text
        await press(pilot, "v")
        assert "2 of 2" in screen_text(app)


async def test_where_no_log_was_kept_it_says_so():
    project = at_home("magnus-sweep")
    (project / ".catalog" / "fixed-11" / "train_model.execution.log").unlink()
    app = explore(project)
    async with app.run_test(size=(200, 40)) as pilot:
        await open_log(pilot)
        assert "the file is not there any more" in screen_text(app)


def with_a_log(text):
    project = with_a_long_log()
    log = project / ".catalog" / "fixed-11" / "train_model.execution.log"
    log.write_text(text)
    run = project / ".run_log_store" / "fixed-11.json"
    document = json.loads(run.read_text())
    document["steps"]["train model"]["data_catalog"][0]["data_hash"] = file_hash(log)
    run.write_text(json.dumps(document))
    return project


async def test_colours_of_a_log_are_kept_and_a_progress_bar_is_its_last_state():
    app = explore(
        with_a_log("\x1b[32mgreen\x1b[0m\tpart\n 10%|#  |\r 60%|## |\r100%|###|\n\x1b[40;30mseen\x1b[0m\nlast\n")
    )
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        green = lines.line_at(0)
        assert green.plain == "green   part"
        assert [(span.start, span.end, span.style) for span in green.spans] == [(0, 5, "green")]
        assert "100%|###|" in screen_text(app)
        assert "60%" not in screen_text(app)
        assert lines.line_at(2).spans == []


async def test_long_lines_wrap_on_a_key_and_the_cursor_stays_on_its_line():
    words = " ".join(f"word{number}" for number in range(60))
    app = explore(with_a_log(f"first\n{words}\n漢字{'漢' * 100}end\nlast\n"))
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        lines.focus()
        await press(pilot, "g", "down")
        assert "word59" not in screen_text(app)
        await press(pilot, "W")
        assert "word59" in screen_text(app)
        assert "漢end" in screen_text(app)
        assert lines.copy_text() == words
        await press(pilot, "G")
        assert lines.copy_text() == "last"
        await press(pilot, "slash", *"word59", "enter")
        assert lines.copy_text() == words
        await press(pilot, "W")
        assert lines.copy_text() == words
        assert lines.line_count == 4


async def test_what_is_found_in_a_log_is_not_shown_in_place_of_another_one():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        other = LogWindow.end(LogPages(at_home("magnus-reruns") / ".catalog" / "toFail" / "Setup.execution.log"))
        lines.search("line 1 of many")
        await pilot.pause()
        lines.show(other)
        await settle(pilot)
        assert lines.window is other


async def test_a_log_that_is_being_opened_is_not_shown_for_a_step_without_one():
    app = explore(with_a_long_log())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await open_log(pilot)
        view, evidence = app.screen.query_one(LogView), app.screen.details.evidence
        view.show(evidence, LINES // 2, same=False)
        await pilot.pause()
        view.show(Evidence("another step", StepLogs((), "it prints nothing itself")), same=False)
        await settle(pilot)
        assert lines.window is None
        assert "it prints nothing itself" in screen_text(app)


def test_looks_stand_where_their_characters_are_shown():
    for plain in ("no tab", "a\tb\t\tc", "\ufeff漢\t\x85字\ud800e\u0301\t!", "x" * 30_000):
        places = sorted([*range(0, len(plain), max(len(plain) // 50, 1)), len(plain)])
        shown = [len(clean(plain[: min(place, 20_000)].expandtabs(8))) for place in places]
        assert list(shown_places(plain, places)) == shown
