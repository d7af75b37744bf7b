"""What the user chose, in a TOML file that they can edit: columns, sort, theme, time zone, stalled rule.

The file lies in the user's configuration folder. What the explorer remembers is written into it without losing the
user's own comments; a mistake in it is one clear line, and the defaults then hold.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import fields, replace

from magnus_tracking.errors import ConfigurationError, QueryError, os_reason
from magnus_tracking.filesystem.regular_files import read_text
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.runlog import times
from magnus_tracking.runlog.json import not_text

FILE_NAME = "settings.toml"
_LARGEST = 1 << 20
"""Bytes of a settings file; what is larger is none."""

_LONGEST_REASON = 200
"""Characters of a reason that are shown."""


class Settings(Struct, frozen=True):
    """The settings, each with the default that holds where the file does not name it.

    Attributes:
        theme: name of a theme.
        columns: parameters (``param.lr``) and metrics (``metric.loss``) that the run list shows; None: two that fit.
        sort: sort keys of the run list, ``-`` before what is sorted downwards.
        preview: what stands beside the run list where there is room: ``facts``, ``charts``, or nothing (``off``).
        widths: cells that a pane takes which the user made wider or narrower, by what it shows.
        time_zone: an IANA zone in which the runs' times are read, or empty for this machine's.
        stalled_after_minutes: the silence after which an unfinished run may be called stalled.
        follow: whether changes of the store are followed from the start.
        polling: ``auto``, ``always`` or ``never``: polling instead of file events.
        ignore: patterns of keys that comparisons leave out.
        catalogs: folders in which catalog files are looked for first, even outside the project.
        stores: what is opened together where no store is named, and the current folder has none.
        best: by metric, ``min`` or ``max``: which direction is best.
        charts: how charts are drawn, as `magnus_tui.charts.chart_options.ChartLook` names it.
        queries: saved queries by name.
        welcome: whether the list says which keys come first; no longer, once one of them was used.
        lists: by store, ``sort`` and ``columns`` as they were chosen there.
        keys: by verb of `magnus_tui.keys`, the key or keys that it has instead of its own.
    """

    theme: str = "magnus-dark"
    columns: tuple[str, ...] | None = None
    sort: tuple[str, ...] = ("-started",)
    preview: Literal["off", "facts", "charts"] = "facts"
    widths: dict[str, int] = field(default_factory=dict)
    time_zone: str = ""
    stalled_after_minutes: float = 60.0
    follow: bool = True
    polling: Literal["auto", "always", "never"] = "auto"
    ignore: tuple[str, ...] = ()
    catalogs: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    best: dict[str, str] = field(default_factory=dict)
    charts: dict[str, Any] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    welcome: bool = True
    lists: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    keys: dict[str, str | list[str]] = field(default_factory=dict)

    @property
    def stalled_after(self) -> timedelta:
        """The silence after which an unfinished run may be called stalled."""
        return timedelta(minutes=self.stalled_after_minutes)

    def catalogs_of(self, project: Path) -> list[str]:
        """The catalogs that the user named; a relative one is of the project folder."""
        return [path if "://" in path else str(project / expanded(path)) for path in self.catalogs]

    def of_store(self, place: str) -> Settings:
        """These settings, with what was chosen for the list of the store at `place`."""
        chosen: dict[str, Any] = {name: tuple(value) for name, value in self.lists.get(place, {}).items()}
        return replace(self, **chosen)

    def kept_for(self, place: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What is written of some changes: the columns of a store, and the order by one, mean nothing in another."""
        own = {name: list(value) for name, value in changes.items() if name in _OF_A_LIST}
        if not own:
            return dict(changes)
        others = [item for item in self.lists.items() if item[0] != place]
        lists = dict([*others[-_MOST_LISTS:], (place, {**self.lists.get(place, {}), **own})])
        return {**{name: value for name, value in changes.items() if name not in own}, "lists": lists}

    def with_next_best(self, metric: str) -> dict[str, str]:
        """The directions of `best` after another press of its key: ``min``, ``max``, then what the name says."""
        chosen = dict(self.best)
        following = {None: "min", "min": "max", "max": None}[chosen.pop(metric, None)]
        return chosen if following is None else {**chosen, metric: following}

    def now(self) -> datetime:
        """The time now, naive, in the zone in which the runs' times are read."""
        if not self.time_zone:
            return datetime.now()
        from zoneinfo import ZoneInfo  # late: few files name a zone

        zone = ZoneInfo(self.time_zone)
        return datetime.now(zone).replace(tzinfo=None)


_OF_A_LIST = ("sort", "columns")
"""What is remembered by store."""
_MOST_LISTS = 100
"""Stores of which that is remembered, beside the one that is open."""

_EXPECTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "theme": (str, "a text"),
    "columns": (list, "a list of strings"),
    "sort": (list, "a list of strings"),
    "preview": ((str, bool), "off, facts or charts"),
    "widths": (dict, "a table of cells by what a pane shows"),
    "time_zone": (str, "the name of a time zone such as Europe/Berlin"),
    "stalled_after_minutes": ((int, float), "a number of minutes"),
    "follow": (bool, "true or false"),
    "polling": (str, "auto, always or never"),
    "ignore": (list, "a list of strings"),
    "catalogs": (list, "a list of folders"),
    "stores": (list, "a list of stores"),
    "best": (dict, "a table of min or max by metric"),
    "charts": (dict, "a table of log, log_x, smoothing, clip and axis"),
    "queries": (dict, "a table of queries by name"),
    "welcome": (bool, "true or false"),
    "lists": (dict, "a table of sort and columns, each a list of strings, by store"),
    "keys": (dict, "a table of keys by verb, each a string or a list of strings"),
}


def settings_path() -> Path:
    """Where the settings file lies; ``MAGNUS_TUI_CONFIG`` names another folder."""
    folder = os.environ.get("MAGNUS_TUI_CONFIG")
    if folder:
        return Path(folder) / FILE_NAME
    import platformdirs  # late: not needed where the folder is named

    return platformdirs.user_config_path("magnus-tui", appauthor=False) / FILE_NAME


def load_settings(path: Path) -> Settings:
    """The settings in the file at `path`; the defaults where there is none.

    Raises:
        ConfigurationError: the file can't be read, is not TOML, or holds something unknown.
    """
    try:
        content = read_text(path, most=_LARGEST)
        import tomllib  # late: where there are no settings, a start is quicker without

        values = tomllib.loads(content)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise ConfigurationError(f"{path}: {os_reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: {_first_line(error)}") from None
    return replace(Settings(), **{name: _checked(path, name, value) for name, value in values.items()})


def use_settings(settings: Settings) -> None:
    """Let what holds for the whole process follow the settings: the zone in which runs are read."""
    times.use_zone(settings.time_zone)


def _checked(path: Path, name: str, value: Any) -> Any:
    if name not in _EXPECTED:
        known = ", ".join(item.name for item in fields(Settings))
        raise ConfigurationError(f"{path}: unknown setting {name!r}; the settings are {known}")
    kind, words = _EXPECTED[name]
    wrong_bool = isinstance(value, bool) and kind is not bool and name != "preview"
    if not isinstance(value, kind) or wrong_bool or not _fits(name, value):
        raise ConfigurationError(f"{path}: {name} must be {words}, not {_short(value)}")
    if name == "preview" and isinstance(value, bool):
        return "facts" if value else "off"  # as before there were charts
    if name == "lists":
        _check_lists(path, value)
    if not isinstance(value, list):
        return value
    if name == "sort":
        _check_sort(path, value)
    elif name == "columns":
        _check_columns(path, value)
    return tuple(value)


def _check_lists(path: Path, lists: Any) -> None:
    for chosen in lists.values():
        _check_sort(path, chosen.get("sort", ()))
        _check_columns(path, chosen.get("columns", ()))


def _check_sort(path: Path, keys: Sequence[str]) -> None:
    from magnus_tracking.query.ordering import parse_sort  # late: few files name an order

    for key in keys:
        try:
            parse_sort((key,))
        except QueryError as error:
            raise ConfigurationError(f"{path}: sort: {_short(key)}: {error}") from None


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    for column in columns:
        kind, _, name = column.partition(".")
        if kind not in ("param", "metric") or not name:
            raise ConfigurationError(
                f"{path}: columns: {_short(column)} is neither a parameter such as 'param.lr' "
                "nor a metric such as 'metric.loss'"
            )


def _short(value: Any) -> str:
    """A value as it is shown in a message: the beginning of a long one."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"such a {type(value).__name__}"
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    if name == "keys":
        return all(given and all(isinstance(key, str) and key for key in _listed(given)) for given in value.values())
    if name == "lists":
        return all(isinstance(chosen, dict) and all(map(_is_of_a_list, chosen.items())) for chosen in value.values())
    if name == "widths":
        return all(type(cells) is int and cells > 0 for cells in value.values())
    if name == "charts":
        return all(isinstance(item, str | int | float) for item in value.values())
    if isinstance(value, dict):
        return all(isinstance(item, str) and (name != "best" or item in ("min", "max")) for item in value.values())
    if name == "preview":
        return value in (True, False, "off", "facts", "charts")
    if name == "polling":
        return value in ("auto", "always", "never")
    if name == "stalled_after_minutes":
        return bool(0 < value < 10**7)
    if name == "time_zone" and value:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # late: few files name a zone

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return False
    return True


def _is_of_a_list(chosen: tuple[str, Any]) -> bool:
    name, value = chosen
    return name in _OF_A_LIST and isinstance(value, list) and all(isinstance(item, str) for item in value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def remember(path: Path, **changes: Any) -> None:
    """Write `changes` into the settings file, keeping everything else in it, comments included.

    Raises:
        ConfigurationError: the file can't be written, or is not TOML.
    """
    import tomlkit  # late: only writing needs it
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(read_text(path, most=_LARGEST)) if os.path.lexists(path) else tomlkit.document()
        for name, value in changes.items():
            document[name] = list(value) if isinstance(value, tuple) else value
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, tomlkit.dumps(document).encode())
    except OSError as error:
        raise ConfigurationError(f"{path}: {os_reason(error)}") from None
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: {_first_line(error)}") from None


class SettingsWriter:
    """Writes choices into a settings file, in the order in which they were made.

    Args:
        file: the settings file; None where nothing is to be written.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._waiting: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def keep(self, **changes: Any) -> None:
        """Take over choices, to be written by the next `write`; does not block."""
        with self._lock:
            self._waiting.update(changes)

    def write(self) -> None:
        """Write what has not been written yet; blocks, so it is called from threads of their own.

        Raises:
            ConfigurationError: the file can't be written, or is not TOML.
        """
        with self._writing:
            with self._lock:
                changes, self._waiting = self._waiting, {}
            if changes and self._file is not None:
                remember(self._file, **changes)


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside the settings and put it in their place, so that they are never half there."""
    import tempfile  # late: only writing needs it

    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)  # noqa: PTH105 - a name, no Path
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - likewise
        raise


def _first_line(error: Exception) -> str:
    """What a parser says, on one line, which a setting of any size may stand in."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return not_text(error)
    return next(iter(str(error).splitlines()), type(error).__name__)[:_LONGEST_REASON]
