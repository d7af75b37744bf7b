"""How runs are recorded: which store, which catalog, which tracker, from YAML as the engine has it.

run_log_store:      {type: file-system, config: {log_folder: .run_log_store}}
catalog:            {type: file-system, config: {catalog_location: .catalog}}
experiment_tracker: {type: mlflow, config: {server_url: "http://127.0.0.1:8080", autolog: false}}
on_error: warn
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.recorder.failures import OnError
from magnus_tracking.runlog.default_names import CATALOG_FOLDER, STORE_FOLDER
from magnus_tracking.trackers import create_tracker

FILE_SYSTEM = "file-system"
CHUNKED = "chunked-fs"
BUFFERED = "buffered"
DO_NOTHING = "do-nothing"

_ENGINES_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "executor": ("local",),
    "pipeline_executor": ("local",),
    "job_executor": ("local",),
    "secrets": (DO_NOTHING, "env-secrets"),
    "pickler": ("pickle",),
}
"""Sections that only the engines' configurations have, and the types that make a run here match theirs."""

_ENGINES_TYPES: Mapping[str, str] = {
    "minio": "runnable",
    "chunked-minio": "runnable",
    "s3": "runnable",
    "k8s-job": "runnable",
    "k8s": "runnable",
    "emulator": "runnable",
}
"""The engine that knows a type; of all others that are not known here, either may."""

_STORES: Mapping[str, tuple[str, ...]] = {
    FILE_SYSTEM: ("log_folder",),
    CHUNKED: ("log_folder",),
    BUFFERED: (),
}
_CATALOGS: Mapping[str, tuple[str, ...]] = {FILE_SYSTEM: ("catalog_location", "compute_data_folder"), DO_NOTHING: ()}
_SECTIONS = ("run_log_store", "catalog", "experiment_tracker", "on_error", *_ENGINES_SECTIONS)
_SERVICE_KEYS = ("type", "config")


@dataclass(frozen=True, slots=True)
class Service:
    """One configured service: its type, and the keys of its configuration."""

    type: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Configuration:
    """How runs are recorded.

    Attributes:
        store: ``file-system``, ``chunked-fs`` or ``buffered``.
        log_folder: the folder of the run logs as it was given.
        root: the same, absolute; for ``buffered`` the one that would hold them.
        catalog: the folder of the catalog, absolute; None for a catalog that does nothing.
        catalog_location: the catalog as run logs name it: relative to the folder that holds the store, or absolute.
        tracker: where metrics go besides.
        on_error: what happens when recording fails.
        file: the file that the configuration came from, or empty.
    """

    store: str
    log_folder: str
    root: Path
    catalog: Path | None
    catalog_location: str
    tracker: Service = field(default_factory=lambda: Service(DO_NOTHING))
    on_error: OnError = OnError.WARN
    file: str = ""

    @property
    def chunked(self) -> bool:
        """Whether a run is a folder of chunks."""
        return self.store == CHUNKED

    def with_on_error(self, on_error: str) -> Configuration:
        """The same, with another answer to failures.

        Raises:
            ConfigurationError: it is neither ``raise`` nor ``warn``.
        """
        return replace(self, on_error=_on_error(on_error, "on_error"))


def default_configuration(store: str | Path | None = None) -> Configuration:
    """The configuration without a file.

    Args:
        store: a type of store, in ``.run_log_store`` of the current folder; or a folder, for run logs in files.
    """
    if store is None or str(store) in _STORES:
        kind = FILE_SYSTEM if store is None else str(store)
        return _build(Service(kind), Service(FILE_SYSTEM), Service(DO_NOTHING), OnError.WARN, "")
    service = Service(FILE_SYSTEM, {"log_folder": str(store)})
    return _build(service, Service(FILE_SYSTEM), Service(DO_NOTHING), OnError.WARN, "")


def load_configuration(path: str | Path) -> Configuration:
    """The configuration in a YAML file; what it leaves out has its default.

    Raises:
        ConfigurationError: the file can't be read, or says something that is not known.
    """
    from magnus_tracking.recorder.yaml_values import read_mapping

    # Runnable writes dashes since 0.36.
    text = {str(key).replace("-", "_"): value for key, value in read_mapping(path, "configuration").items()}
    for section, types in _ENGINES_SECTIONS.items():
        _check_engines(text.get(section), types, f"{path}: {section}")
    _known(text, _SECTIONS, f"{path}")
    store = _service(text, "run_log_store", _STORES, FILE_SYSTEM, path)
    catalog = _service(text, "catalog", _CATALOGS, FILE_SYSTEM, path)
    tracker = _service(text, "experiment_tracker", None, DO_NOTHING, path)
    on_error = _on_error(text.get("on_error", OnError.WARN), f"{path}: on_error")
    try:
        create_tracker(tracker.type, tracker.config)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return _build(store, catalog, tracker, on_error, str(path))


def _service(
    text: Mapping[str, Any], section: str, types: Mapping[str, tuple[str, ...]] | None, default: str, path: str | Path
) -> Service:
    """A section of the configuration, checked against the types and keys that are known."""
    given = text.get(section)
    if given is None:
        return Service(default)
    where = f"{path}: {section}"
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where} is not a mapping with 'type' and 'config'")
    _known(given, _SERVICE_KEYS, where)
    kind = given.get("type", default)
    config = given.get("config") or {}
    if not isinstance(config, dict):
        raise ConfigurationError(f"{where}: config is not a mapping")
    if types is not None:
        if not isinstance(kind, str) or kind not in types:
            engine = _ENGINES_TYPES.get(str(kind))
            hint = f"; {engine} runs with it" if engine else ""
            raise ConfigurationError(f"{where}: unknown type {kind!r}: known are {', '.join(types)}{hint}")
        _known(config, types[kind], f"{where}: config")
        odd = next((key for key, value in config.items() if not isinstance(value, str) or not value), None)
        if odd is not None:
            raise ConfigurationError(f"{where}: config: {odd} {config[odd]!r} is not a path: put it in quotes")
    return Service(str(kind), config)


def _check_engines(given: object, types: tuple[str, ...], where: str) -> None:
    """Take a section of an engine's configuration that changes nothing here, and name the engine otherwise."""
    if given is None:
        return
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where} is not a mapping with 'type' and 'config'")
    _known(given, _SERVICE_KEYS, where)
    kind = given.get("type", types[0])
    if kind not in types:
        engine = _ENGINES_TYPES.get(str(kind), "magnus or runnable")
        raise ConfigurationError(f"{where}: type {kind!r} is not run here (only {', '.join(types)}): use {engine}")


def _known(given: Mapping[str, Any], known: Collection[str], where: str) -> None:
    unknown = next((key for key in given if key not in known), None)
    if unknown is not None:
        raise ConfigurationError(f"{where}: unknown key {unknown!r}: known are {', '.join(known) or 'none'}")


def _on_error(value: object, where: str) -> OnError:
    try:
        return OnError(str(value))
    except ValueError:
        raise ConfigurationError(f"{where}: unknown value {value!r}: known are {', '.join(OnError)}") from None


def _build(store: Service, catalog: Service, tracker: Service, on_error: OnError, file: str) -> Configuration:
    log_folder = str(store.config.get("log_folder", STORE_FOLDER))
    root = expanded(log_folder).absolute()
    location = catalog.config.get("catalog_location")
    folder: Path | None = None
    name = ""
    if catalog.type != DO_NOTHING:
        folder = root.parent / CATALOG_FOLDER if location is None else expanded(location).absolute()
        # Readers take a catalog's location relative to the folder that holds the store.
        name = str(folder.relative_to(root.parent) if folder.is_relative_to(root.parent) else folder)
    return Configuration(store.type, log_folder, root, folder, name, tracker, on_error, file)
