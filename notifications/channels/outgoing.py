"""HTTP to somebody else's server: bounded in time and size, and never into our own network."""

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from notifications.channels.contract import AddressGone, Refused, Unavailable

# Together less than the 10 seconds that a channel has.
CONNECT_SECONDS, READ_SECONDS = 3, 6
LONGEST_ANSWER = 64 * 1024
TRY_LATER = (408, 425, 429)
GONE = (404, 410)


class ForbiddenAddress(AddressGone):
    """The URL leads where nothing of ours may go: no https, or a private address."""


class _PinnedAdapter(HTTPAdapter):
    """Connects to the address that was checked, whatever the name resolves to a moment later; the
    certificate must still be the name's."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = str(host["host"])
        port = int(host["port"] or (443 if host["scheme"] == "https" else 80))
        address = checked_address(name, port)
        if host["scheme"] == "https" and address != name:
            pool = {**pool, "server_hostname": name, "assert_hostname": name}
        return {**host, "host": address}, pool


_local = threading.local()


def session() -> requests.Session:
    """This thread's session: connections stay open between messages. Neither proxies nor passwords
    from the environment are used."""
    found: requests.Session | None = getattr(_local, "session", None)
    if found is None:
        found = requests.Session()
        found.trust_env = False
        found.mount("https://", _PinnedAdapter())
        found.mount("http://", _PinnedAdapter())
        _local.session = found
    return found


def post(
    url: str,
    *,
    headers: Mapping[str, str],
    data: bytes | None = None,
    form: Mapping[str, str] | None = None,
) -> requests.Response:
    """Posts once, without following redirects; at most 64 KiB of the answer are read.

    Raises `ForbiddenAddress` where nothing may go, `Unavailable` when no answer comes.
    """
    refuse_unsafe(url)
    host = {"Host": urlsplit(url).netloc.rpartition("@")[2]}
    try:
        response = session().post(
            url,
            data=data if form is None else dict(form),
            headers={**headers, **host},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        )
        response._content = _bounded_body(response)
    except (requests.RequestException, OSError) as error:
        raise Unavailable(type(error).__name__) from None
    return response


def _bounded_body(response: requests.Response) -> bytes:
    # A timeout counts from byte to byte; a server that sends one now and then is not waited for.
    ends, body = time.monotonic() + READ_SECONDS, b""
    while len(body) < LONGEST_ANSWER and time.monotonic() < ends:
        piece = response.raw.read1(LONGEST_ANSWER, decode_content=True)
        if not piece:
            response.raw.release_conn()
            return body
        body += piece
    response.raw.close()
    return body


def refuse_unsafe(url: str) -> None:
    """Raises `ForbiddenAddress` for what is no plain web address; in production only https is."""
    parts = urlsplit(url)
    schemes = ("https",) if settings.PRODUCTION else ("https", "http")
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
        raise ForbiddenAddress("no such address")


def checked_address(host: str, port: int) -> str:
    """The address to connect to for `host`; raises `ForbiddenAddress` when any that it has is in a
    private network (in production), and `Unavailable` when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(type(error).__name__) from None
    addresses = [str(entry[4][0]) for entry in found]
    if settings.PRODUCTION and not all(is_public(address) for address in addresses):
        raise ForbiddenAddress("a private address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether `address` is one of the open internet, also where IPv6 wraps an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def failure_of(response: requests.Response, at: datetime) -> Exception | None:
    """What the status says: None when it was taken, else the exception to raise."""
    status = response.status_code
    if 200 <= status < 300:
        return None
    if status in GONE:
        return AddressGone(f"HTTP {status}")
    if status in TRY_LATER or status >= 500:
        return Unavailable(f"HTTP {status}", retry_after=retry_after(response, at))
    return Refused(f"HTTP {status}")


def retry_after(response: requests.Response, at: datetime) -> timedelta | None:
    """How long the other side asks to wait, in seconds or until a date; None when it does not say
    or says nothing sensible."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=int(given[:9]))
    try:
        until = parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - at, timedelta(0))
