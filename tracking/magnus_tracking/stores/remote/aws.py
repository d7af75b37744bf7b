"""The keys that `aws configure` writes: obstore reads the environment alone."""

from __future__ import annotations

import configparser
import contextlib
import os
from pathlib import Path

from magnus_tracking.filesystem.regular_files import read_text

_FIELDS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "region": "AWS_REGION",
    "endpoint_url": "AWS_ENDPOINT_URL",
}
"""What a profile says, and the variable that says the same and goes first."""

_OTHER = {"AWS_REGION": ("AWS_DEFAULT_REGION",), "AWS_ENDPOINT_URL": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT")}
_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_MOST = 1 << 20


def profile() -> dict[str, str]:
    """Return what the profile that the environment names, or the default one, adds to the environment."""
    name = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    found = {
        **_section("AWS_CONFIG_FILE", "config", name if name == "default" else f"profile {name}"),
        **_section("AWS_SHARED_CREDENTIALS_FILE", "credentials", name),
    }
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        for key in _KEYS:
            found.pop(key, None)
    for key, variable in _FIELDS.items():
        if any(os.environ.get(one) for one in (variable, *_OTHER.get(variable, ()))):
            found.pop(key, None)
    return found


def _section(variable: str, name: str, section: str) -> dict[str, str]:
    path = Path(os.environ.get(variable) or Path.home() / ".aws" / name)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read_string(read_text(path, most=_MOST))
    if not parser.has_section(section):
        return {}
    return {key: value for key, value in parser.items(section) if key in _FIELDS and value}
