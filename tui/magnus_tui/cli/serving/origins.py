"""Which requests a server of the explorer answers: those that name it, and come from its own page.

A page from anywhere can make a browser send requests to this machine, and a name that somebody else controls can be
made to lead here (DNS rebinding). Both show in the headers ``Host`` and ``Origin``, which pages can't choose.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
_PORTS = {"http": 80, "https": 443}


def names_us(host: str | None, names: Collection[str]) -> bool:
    """Whether the header ``Host`` names this server: loopback by any name, or one of its own names, at any port.

    Args:
        host: the header.
        names: by which it is reached besides: host names or addresses, without a port.
    """
    name = host_name(host)
    return name is not None and (is_loopback(name) or name in {host_name(known) for known in names})


def is_ours(origin: str | None, host: str | None) -> bool:
    """Whether the header ``Origin``, where there is one, is that of our own page as it is reached by ``Host``."""
    if origin is None:
        return True
    try:
        given = urlsplit(origin)
        asked = urlsplit(f"{given.scheme}://{host}")
        ports = [part.port or _PORTS[given.scheme] for part in (given, asked)]
    except (KeyError, ValueError):
        return False
    is_bare = not (given.path or given.query or given.fragment or given.username or asked.username)
    return (
        is_bare
        and given.scheme in _PORTS
        and host_name(given.netloc) == host_name(asked.netloc) is not None
        and ports[0] == ports[1]
    )


def origin_of(url: str) -> str | None:
    """What browsers send as ``Origin`` from a page at `url`; None where it is not an address of a page."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    if split.scheme not in _PORTS or not host_name(split.netloc) or split.username is not None:
        return None
    shown = "" if port in (None, _PORTS[split.scheme]) else f":{port}"
    name = host_name(split.netloc) or ""
    return f"{split.scheme}://{f'[{name}]' if ':' in name else name}{shown}"


def host_name(host: str | None) -> str | None:
    """The host of ``HOST:PORT``, addresses in their shortest form; None where it is none."""
    if not host or not host.isascii() or any(character in "/@\\?#" or character.isspace() for character in host):
        return None
    try:
        split = urlsplit(f"//{host}" if host.count(":") < 2 or host.startswith("[") else f"//[{host}]")
        name, _ = split.hostname, split.port
    except ValueError:
        return None
    if not name:
        return None
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.removesuffix(".").lower() or None


def is_loopback(name: str) -> bool:
    """Whether a host, as `host_name` gives it, is this machine by one of the names that always mean it."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in _LOOPBACK
    mapped = getattr(address, "ipv4_mapped", None)
    return bool(address.is_loopback or (mapped is not None and mapped.is_loopback))
