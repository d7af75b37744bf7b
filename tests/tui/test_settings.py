import pytest

from magnus_tracking.errors import ConfigurationError
from magnus_tui.settings import Settings, load_settings, remember


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load_settings(tmp_path / "settings.toml") == Settings()


def test_what_is_remembered_is_read_back_and_the_users_comments_stay(tmp_path):
    path = tmp_path / "folder" / "settings.toml"
    path.parent.mkdir()
    path.write_text('# my theme\ntheme = "magnus-light"\n')
    remember(path, columns=("param.lr", 'metric."f1 score"'), preview="charts", widths={"charts": 90})
    assert load_settings(path) == Settings(
        theme="magnus-light",
        columns=("param.lr", 'metric."f1 score"'),
        preview="charts",
        widths={"charts": 90},
    )
    assert "# my theme" in path.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "settings.toml"),
        ("colour = 3", "unknown setting 'colour'"),
        ("preview = 1", "preview must be off, facts or charts, not 1"),
        ("preview = 'graphs'", "preview must be off, facts or charts, not 'graphs'"),
        ("widths = { charts = 0 }", "widths must be a table of cells by what a pane shows"),
        ('stalled_after_minutes = "soon"', "stalled_after_minutes must be a number"),
        ('time_zone = "Mars/Olympus"', "time_zone must be the name of a time zone such as Europe/Berlin"),
        ("columns = [1]", "columns must be a list of strings"),
        ('polling = "sometimes"', "polling must be auto, always or never"),
        ('sort = ["tag", "-colour"]', "sort: '-colour': there is no field 'colour'"),
        ('sort = ["metric."]', "sort: 'metric.': a name holds letters"),
        (
            'columns = ["param.lr", "colour"]',
            "columns: 'colour' is neither a parameter such as 'param.lr' nor",
        ),
        ('columns = ["metric."]', "columns: 'metric.' is neither"),
        ('columns = ["min(metric.loss)"]', "columns: 'min(metric.loss)' is neither"),
        ('lists = { "~/a" = { sort = ["-colour"] } }', "sort: '-colour': there is no field 'colour'"),
        ('lists = { "~/a" = { columns = ["colour"] } }', "columns: 'colour' is neither"),
        ('lists = { "~/a" = { theme = ["nord"] } }', "lists must be a table of sort and columns"),
        ('best = { loss = "down" }', "best must be a table of min or max"),
        ("theme = '\udc94'", "not UTF-8 text: byte 0x94 at offset 9"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file_and_the_setting(tmp_path, text, said):
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert said in message
    assert str(path) in message
    assert "\n" not in message


def test_a_folder_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file"):
        remember(tmp_path / "file" / "settings.toml", theme="magnus-dark")


def test_the_order_and_the_columns_of_a_list_are_remembered_for_its_store_alone(tmp_path):
    path = tmp_path / "settings.toml"
    first = Settings(columns=("param.lr",))
    remember(path, **first.kept_for("~/a", {"sort": ("-metric.loss",), "theme": "nord"}))
    remember(path, **load_settings(path).kept_for("~/a", {"columns": ("metric.loss",)}))
    remember(path, **load_settings(path).kept_for("~/b", {"columns": ()}))
    kept = load_settings(path)
    assert (kept.of_store("~/a").sort, kept.of_store("~/a").columns) == (("-metric.loss",), ("metric.loss",))
    assert (kept.of_store("~/b").sort, kept.of_store("~/b").columns) == (("-started",), ())
    assert (kept.of_store("~/c").sort, kept.of_store("~/c").columns) == (("-started",), None)
    assert kept.theme == "nord"
