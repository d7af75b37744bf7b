"""What starting the explorer's command line brings with it."""

import pkgutil

import magnus_tui
from support.imports import loaded_by


def test_the_explorers_command_line_starts_without_loading_screens():
    assert loaded_by("import magnus_tui.__main__") & {"textual", "pydantic", "rich"} == set()


def test_the_root_of_the_package_holds_few_modules():
    alone = [module.name for module in pkgutil.iter_modules(magnus_tui.__path__) if not module.ispkg]
    assert len(alone) <= 6, alone
