"""Names that may be written: run ids, steps and branches; and run ids that read like the engine's."""

from __future__ import annotations

import random
import unicodedata
from datetime import datetime

from magnus_tracking.errors import RecordingError
from magnus_tracking.journal.journal_paths import run_beside

TERMINAL_NAMES = ("success", "fail")
"""Names of the steps that mark how a run or branch ended; the recorder writes them itself."""

_MOODS = (
    "amber brisk calm candid coastal cobalt copper coral crisp curious daring dapper deft dusty eager "
    "early earnest fabled faint fearless fleet floral frosty gentle gilded glad golden graceful hardy "
    "hazel hidden humble indigo ivory jolly keen kindly lively lucid lunar mellow merry misty modest "
    "nimble noble olive opal patient placid plucky polar proud quiet quick rapid ruby rustic sable sandy "
    "scarlet serene silent silver sleek snowy solar steady stellar sunny swift tidal tranquil upbeat "
    "velvet vivid warm wintry witty zesty"
)

_PEOPLE = (
    "abel archimedes babbage banach bardeen bayes bell bernoulli bohr boole borg brahe cantor carson cerf "
    "chandra church clarke colden cori coulomb curie dalton darwin descartes dijkstra dirac edison "
    "einstein erdos euclid euler faraday fermat fermi feynman fourier franklin galileo galois gauss "
    "goldberg goodall hamilton hawking heisenberg hermann hilbert hodgkin hopper hubble hypatia jang "
    "joule kalam keller kepler lamarr laplace leavitt leibniz lovelace maxwell mayer mccarthy meitner "
    "mendel mirzakhani moore nash newton noether nobel pascal pasteur pauling payne perlman planck "
    "poincare ptolemy raman ramanujan ride ritchie rubin sagan shannon stallman swartz tesla thompson "
    "torvalds turing tu volta wiles wing wozniak wu yonath"
)


def random_run_id() -> str:
    """A run id like ``blazing-colden-0544``: two words and the local time of day."""
    choose = random.SystemRandom().choice
    return f"{choose(_MOODS.split())}-{choose(_PEOPLE.split())}-{datetime.now():%H%M}"


def check_run_id(run_id: str) -> str:
    """`run_id` as it came, if it may name a file.

    Raises:
        RecordingError: it may not, and why.
    """
    _check("run id", run_id)
    if run_beside(run_id) is not None:
        raise RecordingError(f"run id {run_id!r} may not end in '.journal', where metrics in flight are kept")
    return run_id


def check_step_name(name: str) -> str:
    """`name` as it came, if it may name a step.

    Raises:
        RecordingError: it may not, and why.
    """
    if name in TERMINAL_NAMES:
        raise RecordingError(f"a step may not be named {name!r}: that step is written when the run or branch ends")
    return check_branch_name(name)


def check_branch_name(name: str) -> str:
    """`name` as it came, if it may name a branch.

    Raises:
        RecordingError: it may not, and why.
    """
    if "." in name:
        raise RecordingError(f"step or branch name {name!r} may not hold '.', which separates steps from branches")
    return _check("step or branch name", name)


def _check(what: str, name: str) -> str:
    if not name:
        raise RecordingError(f"a {what} may not be empty")
    if name.startswith("."):
        raise RecordingError(f"{what} {name!r} may not begin with '.', which hides files")
    bad = next((c for c in name if c in "/\\" or unicodedata.category(c) in ("Cc", "Cs")), None)
    if bad is not None:
        raise RecordingError(f"{what} {name!r} may not hold {bad!r}: it names files")
    return name
