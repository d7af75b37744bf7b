from support.explorer import at_home, explore, open_run, press, screen_text, settle


async def open_steps(pilot, run_id):
    await open_run(pilot, run_id)
    return pilot.app.screen.steps


async def test_a_composite_step_folds_to_one_row_that_says_how_its_branches_went():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        steps = await open_steps(pilot, "swarm-raman-1645")
        await press(pilot, "g", "enter")
        assert [item.name for item in steps.rows] == ["map_state", "fail", "collect", "success"]
        assert "▸✔ map_state 3 branches  3 ✔" in screen_text(app)
        await press(pilot, "right")
        assert len(steps.rows) > 20


async def test_the_time_between_the_attempts_of_a_step_looks_like_waiting():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_steps(pilot, "lazy-yonath-1645")
        row = next(line for line in screen_text(app).splitlines() if "check_envvar_task" in line and "5m 26s" in line)
        assert "┄┄┄" in row
        assert "██" not in row


async def test_the_end_to_which_a_failed_run_goes_is_not_a_success():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_steps(pilot, "fixed-11")
        assert "⊗ fail end" in screen_text(app)
        await press(pilot, "G")
        assert "reached" in screen_text(app)
        await press(pilot, "question_mark", "slash", *"the end node that", "enter")
        assert "⊗" in screen_text(app)
        assert "the end node that a failed run goes to" in screen_text(app)


async def test_left_goes_to_the_row_above_and_then_folds_it():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(160, 45)) as pilot:
        steps = await open_steps(pilot, "swarm-raman-1645")
        await press(pilot, "g", "down", "down", "down", "left")
        assert steps.current.name == "execute_python"
        await press(pilot, "left", "left")
        assert steps.current.name == "1"
        assert "map_state.1" in {item.key for item in steps.rows}


async def test_each_row_shows_its_duration_and_a_bar_in_its_place_on_the_time_axis():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_steps(pilot, "fixed-11")
        lines = screen_text(app).splitlines()
        assert "519 ms" in lines[1]
        prepare, train, end = (lines[row] for row in (2, 3, 5))
        assert "2 ms" in prepare
        assert "88 ms" in train
        assert prepare.index("▏") < train.index("█") < end.index("▏")


async def test_what_a_failed_attempt_is_in_is_shown_above_it():
    app = explore(at_home("runnable-examples"))
    async with app.run_test(size=(120, 12)) as pilot:
        steps = await open_steps(pilot, "swarm-raman-1645")
        for _ in range(3):
            await press(pilot, "G")
            assert steps.go_to("map_state.1.execute_python#1")
            await pilot.pause()
            path = ["map_state", "map_state.1", "map_state.1.execute_python", "map_state.1.execute_python#1"]
            shown = steps.rows[steps.scroll_offset.y :][: steps.visible_rows]
            assert [item.key for item in shown if item.key in path] == path
            assert steps.current.key == path[-1]


async def test_a_click_selects_a_row_and_a_second_one_folds_it():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        steps = await open_steps(pilot, "fixed-11")
        await pilot.click(steps, offset=(6, 2))
        await settle(pilot)
        assert steps.current.name == "train model"
        await pilot.click(steps, offset=(6, 2))
        await settle(pilot)
        assert [item.name for item in steps.rows] == ["prepare", "train model", "fail"]


async def test_durations_of_days_stand_in_their_column():
    project = at_home("magnus-sweep")
    file = project / ".run_log_store" / "fixed-11.json"
    # The first step began twelve days before the others.
    file.write_text(file.read_text().replace("2026-11-23 16:50:21.033055", "2026-11-10 23:40:00.000000"))
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_steps(pilot, "fixed-11")
        prepare, train = screen_text(app).splitlines()[2:4]
        assert "12d 17h  █" in prepare
        assert prepare.index("12d 17h") + len("12d 17h") == train.index("ms") + len("ms")
        await press(pilot, "t")
        prepare, train = (line for line in screen_text(app).splitlines() if line.strip().startswith(("✔ pre", "✘ tra")))
        assert prepare.index("12d 17h") + len("12d 17h") == train.index("ms") + len("ms")


async def test_a_filter_that_leaves_no_step_says_so_in_their_place():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-2")
        await press(pilot, "slash", *"zzz")
        steps = next(line for line in screen_text(app).splitlines() if "▏" in line and "no step" in line)
        assert steps.startswith(" no step's name holds what was typed")
