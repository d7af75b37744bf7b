"""The models of a run log, in every dialect that magnus 0.5 and runnable 0.12 to 0.50 write.

The models are lossless: a field that the file does not have is not added, a field that is not known is kept, and
keys come out in the order in which they came in, so that ``RunLog.model_validate(d).model_dump() == d``, order
included. Types are strict, because a coerced value would no longer be what the file holds.

Fields that only one dialect has carry a default, which `model_dump` leaves out unless it was set.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from magnus_tracking.runlog.vocabulary import COMPOSITE_STEP_TYPES, TERMINAL_STEP_TYPES

_KEY_ORDERS: dict[tuple[str, ...], tuple[str, ...]] = {}
"""The orders in which keys came: a handful, as engines write them, so that all models share them."""
_MOST_ORDERS = 1024
"""How many are kept, as what is no engine's can come in any order."""


class LogModel(BaseModel):
    """What all models share: nothing lost, nothing added, nothing reordered."""

    model_config = ConfigDict(extra="allow", strict=True, protected_namespaces=())

    # A slot, as pydantic makes a dict and two calls of each private attribute, which a run of 20,000 steps notices.
    __slots__ = ("_keys",)

    @model_validator(mode="wrap")
    @classmethod
    def _remember_key_order(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        if isinstance(data, dict):
            model._remember(tuple(data))
        return model

    def _remember(self, keys: tuple[str, ...]) -> None:
        known = _KEY_ORDERS.get(keys)
        if known is None and len(_KEY_ORDERS) < _MOST_ORDERS:
            _KEY_ORDERS[keys] = keys
        object.__setattr__(self, "_keys", known or keys)

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied._remember(self._key_order)
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        copied = super().__deepcopy__(memo)
        copied._remember(self._key_order)
        return copied

    @property
    def _key_order(self) -> tuple[str, ...]:
        return getattr(self, "_keys", ())

    @model_serializer(mode="wrap")
    def _dump_as_it_came(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped: dict[str, Any] = handler(self)
        present = self.model_fields_set
        keys = dict.fromkeys(key for key in self._key_order if key in present)
        keys.update(dict.fromkeys(key for key in dumped if key in present))
        return {key: dumped[key] for key in keys if key in dumped}


class CodeIdentity(LogModel):
    """Which code ran: a git commit or a container image.

    `code_identifier_dependable` is false when the tree had uncommitted changes; `code_identifier_message` then
    lists the changed files.
    """

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

    name: str
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

    name: str
    internal_name: str
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
        return self.step_type in COMPOSITE_STEP_TYPES or bool(self.branches)

    @property
    def is_terminal(self) -> bool:
        """Whether the step only marks the end of a graph."""
        return self.step_type in TERMINAL_STEP_TYPES

    @property
    def is_leaf(self) -> bool:
        """Whether the step does work: neither composite nor terminal."""
        return not self.is_composite and not self.is_terminal


class BranchLog(LogModel):
    """One branch of a composite step. `parameters` is runnable's, since 0.50."""

    internal_name: str
    status: str = "FAIL"
    steps: dict[str, StepLog] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)


class JobLog(LogModel):
    """A runnable job: one piece of work without a pipeline around it (runnable since 0.20)."""

    status: str = "FAIL"
    message: str = ""
    mock: bool = False
    code_identities: list[CodeIdentity] = Field(default_factory=list)
    attempts: list[StepAttempt] = Field(default_factory=list)
    data_catalog: list[DataCatalog] = Field(default_factory=list)
    user_defined_metrics: dict[str, Any] = Field(default_factory=dict)


class RunLog(LogModel):
    """All that is known of one run. `use_cached` and `original_run_id` are magnus's, `job` is runnable's."""

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
