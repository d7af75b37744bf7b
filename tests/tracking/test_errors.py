"""What is raised on purpose is one line that a person can read, however much it could name."""

import pytest

from magnus_tracking.errors import AmbiguousNameError, StepNotFoundError

STEPS = [f"chunk.{number}.load" for number in range(39_000)]


@pytest.mark.parametrize(
    "error", [AmbiguousNameError("step", "load", STEPS), StepNotFoundError("lode", "wide", STEPS)], ids=type
)
def test_of_very_many_names_the_first_are_said_and_how_many_more_there_are(error):
    assert "chunk.0.load, chunk.1.load" in str(error)
    assert str(error).endswith("and 38,980 more")
    assert len(str(error)) < 500


def test_few_names_are_all_said():
    assert str(AmbiguousNameError("run", "a", ["ab", "ac"])) == "run 'a' is ambiguous: ab, ac"
    assert str(StepNotFoundError("a", "run", [])) == "run 'run' has no steps"
