"""Every place of the explorer where keys differ, and what is pressed to come there."""

PLACES = {
    "the list": [],
    "what is saved of the list": ["w"],
    "the name of its file": ["tab"],
    "the filter": ["escape", "slash"],
    "the choice of columns": ["escape", "o"],
    "the choice of groups": ["escape", "b"],
    "the saved queries": ["escape", "Q"],
    "the history": ["escape", "v"],
    "the failures": ["escape", "f"],
    "the flaky steps": ["2"],
    "a comparison": ["escape", "escape", "home", "space", "down", "space", "c"],
    "its curves": ["tab"],
    "the steps of a run": ["escape", "escape", "escape", "enter"],
    "the overview": ["1"],
    "the grid of curves": ["2"],
    "the table of values": ["v"],
    "a chart": ["enter"],
    "the log": ["5"],
    "what is saved of the log": ["w"],
    "the configuration": ["escape", "8"],
    "the timeline": ["tab", "t"],
}
"""What is pressed, one after the other, to come to each place."""
