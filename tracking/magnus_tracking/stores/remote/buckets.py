"""A store in a bucket, or behind HTTP, through obstore, which the extra `remote` brings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.runlog.default_names import STORE_FOLDERS
from magnus_tracking.stores.remote import base_of, endpoint
from magnus_tracking.stores.remote.origin import Item, Origin

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PAGE = 1000
"""Objects a portion, as S3 lists them."""

_PART = 1 << 20
_OPTIONS = {"connect_timeout": "10s", "timeout": "120s"}
_RETRY = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}

_NO_CREDENTIALS = "there are no credentials"
_HINTS = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_SKIP_SIGNATURE=true for a public bucket",
    "az": "set AZURE_STORAGE_ACCOUNT_KEY, or AZURE_SKIP_SIGNATURE=true for a public container",
}
"""What to do about it, by the beginning of the scheme."""

_REASONS = (
    ("NoSuchBucket", "there is no such bucket"),
    ("InvalidAccessKeyId", "the access key is not known there"),
    ("SignatureDoesNotMatch", "the secret key does not match the access key"),
    ("ExpiredToken", "the credentials have expired"),
    ("Missing(AccessKeyId|SecretAccessKey)|169\\.254\\.169\\.254|metadata", _NO_CREDENTIALS),
    ("code: 403|AccessDenied|PermissionDenied", "access is denied: the credentials may not list or read it"),
    ("code: 401|Unauthenticated|Unauthorized", "the credentials are refused"),
    ("code: 404|NotFound", "there is nothing at this address"),
    ("code: (405|501)", "the server does not list folders (WebDAV)"),
    ("timed out|deadline", "the network is too slow: it did not answer in time"),
    ("invalid path", "it holds an object whose key can't be a path; open a folder beside it"),
    ("recognise URL", "addresses begin with s3://, gs://, az://, http:// or https://"),
    ("error sending request|connect|dns|tcp|request or response body", "it can't be reached over the network"),
)
"""What the library says, and what we say of it, in the order in which they are looked for."""


class Bucket(Origin):
    """What an address of a bucket, or of a server, names.

    Args:
        url: the address.
    """

    at_once: ClassVar[int] = 32

    def __init__(self, url: str) -> None:
        self._url = url
        place = base_of(url)
        path = unquote(url[len(place) :]).strip("/")
        self.prefix = f"{path}/" if path else ""
        with self._telling():
            self._store = _open(place)

    def items(self, prefix: str) -> Iterator[Sequence[Item]]:
        """See `Origin.items`."""
        with self._telling():
            for page in self._store.list(prefix or None, chunk_size=_PAGE):
                yield [Item(one["path"], one["size"], int(one["last_modified"].timestamp()), _tag(one)) for one in page]

    def folders(self, prefix: str) -> list[str]:
        """See `Origin.folders`."""
        with self._telling():
            found = self._store.list_with_delimiter(prefix or None)["common_prefixes"]
        return [path.rstrip("/").rpartition("/")[2] for path in found]

    def find_store(self) -> str:
        """See `Origin.find_store`: the folder that is called like a store, else the address itself."""
        prefix = self.prefix
        if prefix.rstrip("/").rpartition("/")[2] in STORE_FOLDERS:
            return prefix
        folders = set(self.folders(prefix))
        return next((f"{prefix}{name}/" for name in STORE_FOLDERS if name in folders), prefix)

    def read(self, key: str) -> Iterator[bytes]:
        """See `Origin.read`."""
        with self._telling():
            for part in self._store.get(key).stream(min_chunk_size=_PART):
                yield bytes(part)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in one line what the library makes of a refusal, or of a network that is gone."""
        from obstore.exceptions import BaseError, NotFoundError

        try:
            yield
        except (FileNotFoundError, NotFoundError) as error:
            raise FileNotFoundError(str(error)) from None
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnreadableError(self._url, _reason(self._url, str(error))) from None
        except BaseException as error:
            # The library's own faults are not exceptions to Python.
            if type(error).__name__ != "PanicException":
                raise
            raise StoreUnreadableError(self._url, f"the library obstore failed: {error}") from None


def _open(place: str) -> ObjectStore:
    try:
        from obstore.store import from_url
    except ImportError:
        raise StoreUnreadableError(place, "reading it needs the extra: pip install 'magnus-tui[remote]'") from None
    options: dict[str, Any] = {"client_options": dict(_OPTIONS), "retry_config": _RETRY}
    server = place
    if place.startswith("s3"):
        from magnus_tracking.stores.remote.aws import profile

        config = profile()
        if endpoint():
            config["endpoint_url"] = endpoint()
        server = config.get("endpoint_url", "")
        options["config"] = config
    if server.startswith("http://"):
        options["client_options"]["allow_http"] = True
    return from_url(place, **options)


def _tag(found: Any) -> str:
    return found.get("e_tag") or found.get("version") or ""


def _reason(url: str, said: str) -> str:
    first = " ".join(said.partition("Debug source")[0].split())
    for pattern, reason in _REASONS:
        if re.search(pattern, first, re.IGNORECASE):
            hint = _HINTS.get(url[:2], "") if reason == _NO_CREDENTIALS else ""
            return f"{reason}: {hint}" if hint else reason
    return first[:200]
