"""Lists of options in dialogs."""

from support.explorer import at_home, explore, press, screen_text, settle


async def test_what_is_ticked_is_told_without_colour():
    app = explore(at_home("magnus-sweep"), columns='["param.lr", "metric.loss"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        lines = [line.partition("▐")[2] for line in screen_text(app).splitlines() if "▐" in line]
        ticked = [line for line in lines if line.startswith("x▌")]
        assert sorted(line.split()[1] for line in ticked) == ["metric.loss", "param.lr"]
        assert all(line.startswith((" ▌", "x▌")) for line in lines)
        assert len(lines) > len(ticked)
