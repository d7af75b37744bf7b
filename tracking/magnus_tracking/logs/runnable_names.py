"""What runnable calls the files that hold what a step printed.

Since 0.36 the letters and digits of the node's name in the graph, with stand-ins for the values of maps and loops,
then the values of the maps (after the word ``value`` since 0.50), then three random ones; until 0.20 of the step's own
name only, so that steps of the same name in different branches share it. Rule read off
``runnable.utils.make_log_file_name``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.runlog.default_names import LOG_SUFFIX
from magnus_tracking.runlog.tree import top_steps

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog, StepLog

_RANDOM_CHARACTERS = 3
_STAND_INS = {"map": "map_variable_placeholder", "loop": "loop_variable_placeholder"}


@dataclass(frozen=True, slots=True)
class NamedStep:
    """A step with what the names of its log files can begin with.

    Attributes:
        step: the step.
        whole: stems made of the node's name in the graph.
        own: the stem made of the step's own name.
        nested: whether the step stands in a branch.
    """

    step: StepLog
    whole: frozenset[str]
    own: str
    nested: bool


def named_steps(run: RunLog) -> Iterator[NamedStep]:
    """Every step of a run with its stems, depth first, in the order of the log."""
    stack: list[tuple[StepLog, str, str, tuple[str, ...]]] = [
        (step, "", "", ()) for step in reversed(top_steps(run).values())
    ]
    while stack:
        step, prefix, words, values = stack.pop()
        name = step.internal_name.removeprefix(prefix)
        whole = words + name
        yield NamedStep(
            step,
            frozenset(_letters_and_digits(whole + "".join(mark + v for v in values)) for mark in ("value", "")),
            _letters_and_digits(name + "".join(values)),
            bool(prefix),
        )
        for branch in reversed(step.branches.values()):
            value = branch.internal_name.removeprefix(f"{step.internal_name}.")
            word = _STAND_INS.get(step.step_type, value)
            inner = (*values, value) if step.step_type == "map" else values
            stack += [
                (below, f"{branch.internal_name}.", whole + word, inner) for below in reversed(branch.steps.values())
            ]


def files_by_stem(folder: Path) -> dict[str, list[Path]]:
    """The log files in a folder by what stands before the random characters; links are left out.

    Raises:
        OSError: the folder can't be listed.
    """
    found: dict[str, list[Path]] = {}
    cut = len(LOG_SUFFIX) + _RANDOM_CHARACTERS
    for entry in sorted(folder.iterdir()):
        if entry.name.endswith(LOG_SUFFIX) and len(entry.name) > cut and entry.is_file() and not entry.is_symlink():
            found.setdefault(entry.name[:-cut], []).append(entry)
    return found


def stems_by_step(run: RunLog, stems: Collection[str]) -> dict[str, frozenset[str]]:
    """By internal name, those of the stems that are there that can be a step's.

    Where a step in a branch has a file named after its whole name, the run was written so: no step is looked for
    under its own name then.
    """
    steps = list(named_steps(run))
    by_whole_name = any(step.nested and not step.whole.isdisjoint(stems) for step in steps)
    wanted = {
        step.step.internal_name: step.whole if by_whole_name or not step.nested else step.whole | {step.own}
        for step in steps
    }
    return {name: frozenset(mine.intersection(stems)) for name, mine in wanted.items()}


def _letters_and_digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
