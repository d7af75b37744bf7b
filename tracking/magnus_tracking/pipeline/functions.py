"""Calling the function that a python task names."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from magnus_tracking.errors import ConfigurationError


def find_function(command: str) -> Callable[..., Any]:
    """The function that ``package.module.function`` names, looked for in the current folder first.

    Raises:
        ConfigurationError: there is no such function.
        Exception: what importing its module raised.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    module_name, _, name = command.rpartition(".")
    module = importlib.import_module(module_name)
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigurationError(f"module {module_name!r} has no function {name!r}")
    found: Callable[..., Any] = function
    return found


def call_function(function: Callable[..., Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Call a function with the parameters that it names.

    An argument that is annotated with a pydantic model is given that model, of the parameter's fields.

    Returns:
        The parameters that it set: the fields of the pydantic model that it returned, by alias.

    Raises:
        ValueError: a parameter that it needs is not there, or it returned something else than a pydantic model.
        Exception: what the function raised.
    """
    result = function(**_arguments(function, parameters))
    if result is None:
        return {}
    if not hasattr(type(result), "model_dump"):
        raise ValueError(
            f"the function returned {type(result).__name__!r}: return a pydantic model of parameters, or nothing"
        )
    fields: dict[str, Any] = result.model_dump(by_alias=True)
    return fields


def _arguments(function: Callable[..., Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    arguments = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name in parameters:
            arguments[name] = _as_annotated(name, parameters[name], parameter.annotation)
        elif parameter.default is parameter.empty:
            raise ValueError(f"parameter {name!r} is required by {function.__name__!r} and is not there")
    return arguments


def _as_annotated(name: str, value: Any, annotation: Any) -> Any:
    if hasattr(annotation, "model_validate"):
        return annotation.model_validate(value if isinstance(value, dict) else {name: value})
    if annotation in (int, float, str) and not isinstance(value, annotation):
        return annotation(value)
    return value
