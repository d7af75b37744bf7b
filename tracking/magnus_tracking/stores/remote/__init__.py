"""Stores that are not a folder of this disk: buckets, listings over HTTP, and archives.

Each has a private copy in the cache folder, a `Mirror`, that a refresh brings up to date and that everything else reads
like any store. Nothing is ever written to where it came from.
"""

from __future__ import annotations

import os

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
"""What the names of archives end in that the standard library opens, the last of them from Python 3.14 on."""

_WITH_CONTAINER = frozenset({"az", "azure", "adl"})
"""Schemes of addresses that begin with an account and a container."""

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def is_url(given: str) -> bool:
    """Whether what the user gave is the address of a store rather than a path."""
    scheme, colon, _ = given.partition("://")
    return bool(colon) and scheme.isalnum() and scheme.isascii()


def is_archive_name(name: str) -> bool:
    """Whether a file of this name is an archive."""
    return name.lower().endswith(ARCHIVES)


def base_of(url: str) -> str:
    """The beginning of an address that names a bucket, a container or a server."""
    scheme, _, rest = url.partition("://")
    parts = rest.split("/")
    return f"{scheme}://{'/'.join(parts[: 2 if scheme in _WITH_CONTAINER else 1])}"


def endpoint() -> str:
    """Return the address of the S3 server that the environment names; empty where it is Amazon's."""
    return next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
