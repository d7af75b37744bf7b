"""What starting the explorer's command line brings with it."""

from support.imports import loaded_by


def test_the_explorers_command_line_starts_without_loading_screens():
    assert loaded_by("import magnus_tui.__main__") & {"textual", "pydantic", "rich"} == set()
