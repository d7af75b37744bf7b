"""Lines that are drawn by themselves."""

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from magnus_tui.widgets.changed_lines import drawn_text

LOOK, OTHER = Style(bgcolor="blue"), Style(bold=True)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        (Text("one", style=LOOK), [Segment("one", LOOK)]),
        (Text("one", style="on blue"), [Segment("one", LOOK)]),
        (Text("one", style=LOOK).append("two", OTHER), [Segment("one", LOOK), Segment("two", LOOK + OTHER)]),
    ],
)
def test_a_line_has_its_style_whether_or_not_a_part_of_it_has_another(text, segments):
    assert list(drawn_text(text, Console())) == segments
