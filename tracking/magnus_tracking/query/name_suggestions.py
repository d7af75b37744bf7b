"""Names that are not there: what was probably meant, of fields that do not exist and of names that no run has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from magnus_tracking.printable import clean
from magnus_tracking.query.quoting import is_bare_name, is_quoted, quoted

_ELSEWHERE = {
    "config": "param",
    "hparams": "param",
    "hyperparameters": "param",
    "summary": "metric",
    "summary_metrics": "metric",
}
"""What other tools write before the names of parameters and metrics, and what it is here."""
_IN_PLACE_OF = {
    **dict.fromkeys(("regex", "regexp", "re", "text"), "use * for any text, as in tag:*text*"),
    **dict.fromkeys(("sort", "sort_by", "order", "order_by", "orderby"), "--sort KEY sorts, and s in the explorer"),
    **dict.fromkeys(("limit", "top"), "--limit N limits"),
    **dict.fromkeys(("group", "group_by", "groupby"), "b in the explorer makes groups"),
    **dict.fromkeys(("is", "state"), "use status, as in status:fail"),
    **dict.fromkeys(("name", "run_name", "display_name"), "use id"),
    **dict.fromkeys(("created", "created_at", "date", "age", "time", "when"), "use started, as in started>2d"),
    **dict.fromkeys(("finished", "finished_at", "completed", "completed_at"), "use ended, as in ended>2d"),
    **dict.fromkeys(("runtime", "elapsed"), "use duration, as in duration>5m"),
    **dict.fromkeys(("missing", "no", "empty"), "use not has: for what is missing, as in not has:metric.loss"),
    **dict.fromkeys(("exists", "_exists_"), "use has: to ask for a value, as in has:metric.loss"),
}
"""What other tools write before a colon that is no field of a run, and what there is here."""
_OF_A_TABLE = re.compile(
    r"(?:.*\W)?(?P<prefix>metric|param)s?(?:\.|\[)(?P<quote>[\"']?)(?P<name>.+?)(?P=quote)\]?",
    re.IGNORECASE | re.DOTALL,
)
"""A parameter or metric as tables, dictionaries and paths name it: ``df.metric.loss``, ``metrics['loss']``."""
_CUTOFF = 0.5
"""How alike two names must be, as `difflib` counts, for one to be proposed in the place of the other."""
_SHORT, _CUTOFF_OF_SHORT = 3, 0.6
"""Two letters in common make no likeness with a name of so few."""
_FEW, _CUTOFF_OF_FEW = 4, 0.75
"""With a name of so few letters that begins otherwise all but one have to be in common."""
_MOST_ALIKE = 3
"""Names among which the likeliest is looked for that is not too short for what it has in common."""
_MOST_LOOKED_AT = 2000
"""Names that are compared with what was asked for; each takes some 20 µs."""
_LONGEST = 100
"""Characters of a name that is compared: the time grows with the product of the lengths."""


def closest(name: str, known: Iterable[str]) -> str | None:
    """The one of some names that was probably meant by `name`; None where none is like it."""
    import difflib

    candidates = list(known)
    folded = name.casefold()
    for candidate in candidates:
        if candidate.casefold() == folded:
            return candidate
    outer = [one for one in candidates if folded.startswith(f"{one.casefold()}.")]
    if outer:
        return max(outer, key=len)
    ends = [one for one in candidates if _last(one) == _last(folded)]
    if len(ends) == 1:
        return ends[0]
    if len(name) > _LONGEST:
        return None
    near = [one for one in candidates if abs(len(one) - len(name)) <= len(name) // 2 + 1 and len(one) <= 2 * _LONGEST]
    by_folded = {one.casefold(): one for one in reversed(near[:_MOST_LOOKED_AT])}
    found = difflib.get_close_matches(folded, by_folded, n=_MOST_ALIKE, cutoff=_CUTOFF)
    for one in found:
        shorter = min(len(one), len(name))
        cutoff = _CUTOFF_OF_SHORT if shorter <= _SHORT else _CUTOFF
        if shorter <= _FEW and one[:1] != folded[:1]:
            cutoff = _CUTOFF_OF_FEW
        if difflib.get_close_matches(folded, [one], cutoff=cutoff):
            return by_folded[one]
    return None


def _last(name: str) -> str:
    """The last part of a name in which `.` or `/` separate, without case."""
    return re.split(r"[./]", name.casefold())[-1]


def unknown_field(text: str, known: Sequence[str], fields: Sequence[str]) -> str:
    """What to say of a field that does not exist.

    Args:
        text: as it was written.
        known: the fields, without parameters and metrics, and their other names.
        fields: the fields as they are listed.
    """
    said = f"there is no field {_short(text)!r}"
    prefix, dot, rest = text.partition(".")
    kind = prefix.lower()
    if text[:1] in "+-" and text[1:2].isalpha():
        return f"{said}: use not for what a run must not have, as in not {_short(text[1:])}:…"
    if is_quoted(text) or re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?%?", text, re.IGNORECASE):
        return f"{said}: the field comes first, as in metric.loss<0.3; between two values is metric.loss:0.1..0.3"
    if kind in ("metric", "metrics", "param", "params", "parameter", "parameters"):
        return f"{said}: its name follows behind a dot, as in {kind}.NAME"
    if kind in _ELSEWHERE and dot:
        return f"{said}: here it is {_ELSEWHERE[kind]}.{_short(rest)}"
    if kind in ("tags", "tag") and dot:
        return f"{said}: a run has one tag, as in tag:{_short(rest)}"
    if text.lower() in _IN_PLACE_OF:
        return f"{said}: {_IN_PLACE_OF[text.lower()]}"
    named = _OF_A_TABLE.fullmatch(text)
    if named is not None:
        name = named["name"] if is_bare_name(named["name"]) else quoted(named["name"])
        return f"{said}: here it is {named['prefix'].lower()}.{_short(name)}"
    meant = closest(text, known) if "." not in text else None
    # The one other name that stands on every screen.
    listed = ", ".join(fields).replace("duration", "duration or took")
    if meant is not None:
        return f"{said}: did you mean {meant}? (the fields are {listed})"
    return f"{said}: did you mean {either(text)}? (the fields are {listed})"


def either(text: str) -> str:
    """The metric and the parameter that may be meant by a bare name, where it is not known which there are."""
    plain = _short(text)
    return f"metric.{plain} or param.{plain}"


def _short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= 60 else text[:59] + "…"
