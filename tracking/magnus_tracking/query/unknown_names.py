"""What to say of a question that may not be meant as it is written.

Names that no run has may be mistyped, or still to come; a number in quotes is text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import get_args

from magnus_tracking.analysis.liveness import Liveness
from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import METRIC, PARAMETER, Field
from magnus_tracking.query.name_suggestions import closest, either
from magnus_tracking.query.nodes import ORDER, And, Comparison, Node, Not, Or, Word
from magnus_tracking.query.query import Query
from magnus_tracking.query.quoting import quoted

_STATUS = "status"
_MEANT = {
    **dict.fromkeys(("failed", "failure", "error", "errored", "crashed", "killed"), "FAIL"),
    **dict.fromkeys(("finished", "succeeded", "successful", "completed", "complete", "done", "passed"), "SUCCESS"),
    **dict.fromkeys(("running", "started", "active", "in_progress", "triggered"), "PROCESSING"),
    **dict.fromkeys(("scheduled", "pending", "queued", "planned"), "CREATED"),
}
"""What other tools call the statuses."""


def missing_names(
    query: Query | None,
    fields: Iterable[Field],
    known: Collection[str],
    counts: Mapping[str, int],
    has: Callable[[Field], bool],
) -> list[str]:
    """A sentence for each name that no run has, such as ``no run has metric.lozz; did you mean metric.loss?``.

    Likewise for each number in quotes that values are ordered by, since texts have another order than numbers.

    Args:
        query: whose parameters, metrics and statuses are looked at.
        fields: those of sort keys, columns and groups.
        known: the parameters and metrics that some run has, as ``param.lr`` and ``metric.loss``.
        counts: runs by status; without any run, nothing is said.
        has: whether some run has a value inside of a nested parameter.
    """
    if not any(counts.values()):
        return []
    asked = [*(query.fields() if query is not None else ()), *fields]
    bare = dict.fromkeys(Field(field.name, field.key) for field in asked if field.name in (METRIC, PARAMETER))
    said = [_said(str(field), _meant(field, known)) for field in bare if not _is_known(field, known, has)]
    if query is not None:
        said += [_said_of_text(one) for one in _comparisons(query.node) if one.value.is_text and one.operator in ORDER]
    statuses = dict.fromkeys(_statuses(query.node)) if query is not None else {}
    there = {status.casefold() for status, runs in counts.items() if runs}
    said += [
        _said(f"status {value}", _meant_status(value, counts)) for value in statuses if value.casefold() not in there
    ]
    return said


def _meant_status(value: str, counts: Collection[str]) -> str | None:
    status = value.casefold().replace(" ", "_")
    # What is inferred of unfinished runs looks like a status.
    if status in get_args(Liveness):
        return f"liveness:{status}"
    meant = _MEANT.get(status) or closest(value, counts)
    return f"status:{meant.lower()}" if meant else None


def tried_words(query: Query) -> list[str]:
    """A sentence for each bare word of a query without results that people try, and what asks for it."""
    from magnus_tracking.query.completion import TRIED  # late: few queries have no results

    words = dict.fromkeys(one.pattern.text.casefold() for one in _terms(query.node) if isinstance(one, Word))
    where = "in its id, tag, failing step or message"
    return [f"no run has {word} {where}; did you mean {TRIED[word]}?" for word in words if word in TRIED]


def in_store(error: QueryError, known: Collection[str]) -> QueryError:
    """The error of a field that does not exist, proposing no parameters and metrics that no run has.

    Args:
        error: any error of a query; others stay as they are.
        known: the parameters and metrics that some run has, as ``param.lr`` and ``metric.loss``.
    """
    said = f"did you mean {either(error.unknown)}?"
    if not (error.unknown and known and said in str(error)):
        return error
    both = Field(METRIC, error.unknown), Field(PARAMETER, error.unknown)
    there = [str(field) for field in both if f"{field.name}.{field.key}" in known]
    meant = " or ".join(there) or _meant(both[0], known)
    told = f"did you mean {meant}?" if meant else "no run has a parameter or metric of this name"
    return QueryError(str(error).replace(said, told), error.position, error.expected, error.text, error.unknown)


def _said(name: str, meant: str | None) -> str:
    return f"no run has {name}" + (f"; did you mean {meant}?" if meant and meant != name else "")


def _is_known(field: Field, known: Collection[str], has: Callable[[Field], bool]) -> bool:
    if f"{field.name}.{field.key}" in known:
        return True
    outer = field.key
    while field.name == PARAMETER and "." in outer:
        outer = outer.rpartition(".")[0]
        if f"{PARAMETER}.{outer}" in known:
            return has(field)
    return False


def _meant(field: Field, known: Collection[str]) -> str | None:
    """The field that was probably meant: of the same name, else of one like it, first of the same kind."""
    keys: dict[str, list[str]] = {METRIC: [], PARAMETER: []}
    for name in known:
        kind, _, key = name.partition(".")
        keys[kind].append(key)
    other = METRIC if field.name == PARAMETER else PARAMETER
    if field.key in keys[other]:
        return str(Field(other, field.key))
    found = ((kind, closest(field.key, keys[kind])) for kind in (field.name, other))
    return next((str(Field(kind, key)) for kind, key in found if key is not None), None)


def _said_of_text(one: Comparison) -> str:
    field, operator, value = one.field, one.operator, one.value.text
    return f"{field}{operator}{quoted(value)} compares texts, for the quotes; {field}{operator}{value} compares numbers"


def _statuses(node: Node) -> Iterator[str]:
    """The whole statuses that a query compares with."""
    for one in _comparisons(node):
        if one.field.name == _STATUS and len(one.value.parts) == 1:
            yield one.value.text


def _comparisons(node: Node) -> Iterator[Comparison]:
    return (one for one in _terms(node) if isinstance(one, Comparison))


def _terms(node: Node) -> Iterator[Node]:
    """What a query joins and negates."""
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, And | Or):
            pending.extend(reversed(one.nodes))
        elif isinstance(one, Not):
            pending.append(one.inner)
        else:
            yield one
