"""The models of a run log, in every dialect that magnus 0.5 and runnable 0.12 to 0.50 write.

The models are lossless: a field that the file does not have is not added, a field that is not known is kept, and
keys come out in the order in which they came in, so that ``RunLog.model_validate(d).model_dump() == d``, order
included. Types are strict, because a coerced value would no longer be what the file holds.

Fields that only one dialect has carry a default, which `model_dump` leaves out unless it was set.

What summaries do not read costs no run: a field of another type than its own is kept as it came, and counts as one that
is not there. What they do read is of the types that `magnus_tracking.runlog.outline` decodes, so that a run opens if
its row is fine.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from magnus_tracking.runlog.json import parse_object
from magnus_tracking.runlog.step_kinds import is_composite, is_leaf, is_terminal

_KEY_ORDERS: dict[tuple[str, ...], tuple[str, ...]] = {}
"""The orders in which keys came: a handful, as engines write them, so that all models share them."""
_MOST_ORDERS = 1024
"""How many are kept, as what is not an engine's can come in any order."""


class LogModel(BaseModel):
    """What all models share: nothing lost, nothing added, nothing reordered."""

    model_config = ConfigDict(extra="allow", strict=True, protected_namespaces=())

    tolerated: ClassVar[frozenset[str]] = frozenset()
    """Fields that may be of any type."""

    # Slots, as pydantic makes a dict and two calls of each private attribute, which a run of 20,000 steps notices.
    __slots__ = ("_keys", "_odd")

    @model_validator(mode="wrap")
    @classmethod
    def _take_as_it_came(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            model = handler(data)
        except ValidationError as error:
            odd = cls._odd_fields_in(data, error)
            if not odd:
                raise
            model = handler({key: value for key, value in data.items() if key not in odd})
            object.__setattr__(model, "_odd", odd)
        if isinstance(data, dict):
            keys = tuple(data)
            # Not by `_remember`, as this is done for each of the hundred thousand models of a wide run.
            _set_keys(model, _KEY_ORDERS.get(keys) or _kept_order(keys))
        return model

    @classmethod
    def _odd_fields_in(cls, data: Any, error: ValidationError) -> dict[str, Any]:
        """The fields that are wrong and may be; none where others are wrong, too."""
        if not isinstance(data, dict):
            return {}
        wrong = {part["loc"][0] if part["loc"] else "" for part in error.errors(include_url=False, include_input=False)}
        nulls = {name for name in ("user_defined_metrics",) if data.get(name, "") is None}
        return {str(name): data[name] for name in wrong} if wrong <= cls.tolerated | nulls else {}

    @property
    def odd(self) -> dict[str, Any]:
        """What the fields that are of another type than their own hold, by name."""
        return getattr(self, "_odd", {})

    def _remember(self, keys: tuple[str, ...]) -> None:
        _set_keys(self, _kept_order(keys))

    def _remember_as(self, other: Self) -> Self:
        self._remember(getattr(other, "_keys", ()))
        if other.odd:
            object.__setattr__(self, "_odd", other.odd)
        return self

    def settle(self) -> None:
        """Validate what has been left for later; see `BranchLog.late`."""

    def __copy__(self) -> Self:
        self.settle()
        return super().__copy__()._remember_as(self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        self.settle()
        return super().__deepcopy__(memo)._remember_as(self)

    @model_serializer(mode="wrap")
    def _dump_as_it_came(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        self.settle()
        dumped: dict[str, Any] = handler(self)
        present = self.model_fields_set
        if self.odd:
            odd = {name: value for name, value in self.odd.items() if name not in present}
            dumped, present = {**dumped, **odd}, present | odd.keys()
        keys = dict.fromkeys(key for key in getattr(self, "_keys", ()) if key in present)
        keys.update(dict.fromkeys(key for key in dumped if key in present))
        return {key: dumped[key] for key in keys if key in dumped}


_set_keys = LogModel.__dict__["_keys"].__set__
"""Sets the slot of a model; pydantic's own way of setting an attribute takes ten times as long."""


def _kept_order(keys: tuple[str, ...]) -> tuple[str, ...]:
    known = _KEY_ORDERS.get(keys)
    if known is None and len(_KEY_ORDERS) < _MOST_ORDERS:
        _KEY_ORDERS[keys] = keys
    return known or keys


class CodeIdentity(LogModel):
    """Which code ran: a git commit or a container image.

    `code_identifier_dependable` is false when the tree had uncommitted changes; `code_identifier_message` then
    lists the changed files.
    """

    tolerated = frozenset({"code_identifier_type", "code_identifier_url", "code_identifier_message"})

    code_identifier: str | None = ""
    code_identifier_type: str | None = ""
    code_identifier_dependable: bool | None = False
    code_identifier_url: str | None = ""
    code_identifier_message: str | None = ""


class DataCatalog(LogModel):
    """A file that a step took from (`stage` "get") or put into (`stage` "put") the catalog.

    `data_hash` is the SHA-256 of the content, in hexadecimal. `catalog_relative_path` is relative to
    `catalog_handler_location`, which is relative to the project folder, or absolute, or empty.
    """

    tolerated = frozenset({"name", "data_hash", "catalog_relative_path", "catalog_handler_location", "stage"})

    name: str = ""
    data_hash: str = ""
    catalog_relative_path: str = ""
    catalog_handler_location: str = ""
    stage: str = ""


class StepAttempt(LogModel):
    """One attempt of a step.

    Times are naive local time of the machine that ran, as text. `parameters` and `duration` are magnus's;
    `input_parameters`, `output_parameters`, `user_defined_metrics`, `retry_indicator` and `code_identities`
    are runnable's. The tracking core writes `user_defined_metrics` too, for steps that failed or were retried.
    """

    tolerated = frozenset({"duration", "parameters", "input_parameters", "output_parameters", "retry_indicator"})

    attempt_number: int = 1
    start_time: str = ""
    end_time: str = ""
    duration: str = ""
    status: str = "FAIL"
    message: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    input_parameters: dict[str, Any] = Field(default_factory=dict)
    output_parameters: dict[str, Any] = Field(default_factory=dict)
    user_defined_metrics: dict[str, Any] = Field(default_factory=dict)
    retry_indicator: str = ""
    code_identities: list[CodeIdentity] = Field(default_factory=list)


class StepLog(LogModel):
    """A step: a leaf that does work, a composite that holds branches, or a terminal one.

    `internal_name` is the dotted path ``step.branch.step…``; it is the key in the `steps` that hold this step.
    """

    tolerated = frozenset({"name", "data_catalog"})

    name: str = ""
    internal_name: str = ""
    status: str = "FAIL"
    step_type: str = "task"
    message: str = ""
    mock: bool = False
    code_identities: list[CodeIdentity] = Field(default_factory=list)
    attempts: list[StepAttempt] = Field(default_factory=list)
    user_defined_metrics: dict[str, Any] = Field(default_factory=dict)
    branches: dict[str, BranchLog] = Field(default_factory=dict)
    data_catalog: list[DataCatalog] = Field(default_factory=list)

    @property
    def is_composite(self) -> bool:
        """Whether the step holds branches rather than doing work itself."""
        return is_composite(self)

    @property
    def is_terminal(self) -> bool:
        """Whether the step only marks the end of a graph."""
        return is_terminal(self)

    @property
    def is_leaf(self) -> bool:
        """Whether the step does work: neither composite nor terminal."""
        return is_leaf(self)


class BranchLog(LogModel):
    """One branch of a composite step. `parameters` is runnable's, since 0.50."""

    tolerated = frozenset({"parameters"})

    internal_name: str = ""
    status: str = "FAIL"
    steps: dict[str, StepLog] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)

    __slots__ = ("_text",)

    @classmethod
    def late(cls, text: bytes, internal_name: str, status: str) -> Self:
        """A branch that is validated once more of it is asked for than its name and its status.

        Nobody looks into most branches of a run of thousands, and the models of all take three times as long as their
        outlines.

        Args:
            text: of an outline that was decoded, so that it is known to be a branch.
            internal_name: as the outline has it.
            status: likewise.
        """
        branch = cls.__new__(cls)
        object.__setattr__(branch, "__dict__", {"internal_name": internal_name, "status": status})
        object.__setattr__(branch, "__pydantic_fields_set__", set())
        object.__setattr__(branch, "__pydantic_extra__", None)
        object.__setattr__(branch, "__pydantic_private__", None)
        object.__setattr__(branch, "_text", text)
        return branch

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            self.settle()
            if name in self.__dict__:
                return self.__dict__[name]
        return super().__getattr__(name)  # type: ignore[misc]  # pydantic hides it from type checkers

    def settle(self) -> None:
        """See `LogModel.settle`; in any thread."""
        if getattr(self, "_text", None) is None:
            return
        with _settling:
            text = self._text
            if text is None:
                return
            whole = type(self).model_validate(parse_object(text))
            self.__dict__.update(whole.__dict__)
            for name in ("__pydantic_fields_set__", "__pydantic_extra__"):
                object.__setattr__(self, name, getattr(whole, name))
            self._remember_as(whole)
            object.__setattr__(self, "_text", None)


_settling = threading.Lock()


class JobLog(LogModel):
    """A runnable job: one piece of work without a pipeline around it (runnable since 0.20)."""

    tolerated = frozenset({"data_catalog"})

    status: str = "FAIL"
    message: str = ""
    mock: bool = False
    code_identities: list[CodeIdentity] = Field(default_factory=list)
    attempts: list[StepAttempt] = Field(default_factory=list)
    data_catalog: list[DataCatalog] = Field(default_factory=list)
    user_defined_metrics: dict[str, Any] = Field(default_factory=dict)


class RunLog(LogModel):
    """All that is known of one run. `use_cached` and `original_run_id` are magnus's, `job` is runnable's."""

    tolerated = frozenset({"use_cached", "run_config"})

    run_id: str
    dag_hash: str | None = None
    use_cached: bool = False
    tag: str | None = ""
    original_run_id: str | None = ""
    status: str = "FAIL"
    steps: dict[str, StepLog] = Field(default_factory=dict)
    job: JobLog | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    run_config: dict[str, Any] = Field(default_factory=dict)


StepLog.model_rebuild()
