"""Calls to other institutions' addresses: only to places that were named, at an address that was looked at, within a time.

Nothing that comes from outside (a document, a redirect, a name server) can turn a call to what stands inside this network.
The name is resolved once, every address that it has is looked at, and the connection is made to the one that was looked at.
Units   seconds for everything together, from the first question to the last byte; bytes as they come over the line
Errors  NotCalled where the place is not named or its address is inside; NoAnswer where nothing whole came in time
Source  OWASP, Server-Side Request Forgery Prevention; RFC 6890 (special addresses); RFC 3986 (addresses, of which few forms
        are taken)
"""

import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore
from django.conf import settings

from amparo.kernel.errors import Refused

LARGEST = 10 * 2**20
SECONDS = 5.0
_PORTS = {"https": 443, "http": 80}
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9]\d{0,4}))?(?P<rest>/[!-\[\]-~]*)?"
)
# Where IPv6 wraps an IPv4 address, which would have to be looked at instead; and where clouds keep their machines' secrets.
_WRAPS = [
    ip_network(each) for each in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
_NEVER = [ip_network(each) for each in ("0.0.0.0/8", "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32")]
_resolving = ThreadPoolExecutor(
    4, thread_name_prefix="resolve"
)  # a name server that hangs holds a thread, not a request


class NotCalled(Refused):
    """The place may not be called."""

    def __init__(self) -> None:
        super().__init__("trust-place-not-called")


class NoAnswer(Refused):
    """No whole answer came: refused, broken, too large or too late."""

    def __init__(self) -> None:
        super().__init__("trust-place-silent")


@dataclass(frozen=True)
class Place:
    """A scheme, a host and a port: what a call may go to."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True)
class Answer:
    """What came back. A redirect is an answer like any other: it is not followed."""

    status: int
    body: bytes


def place_of(address: str) -> Place:
    """Return where an address leads. Raises NotCalled for any form that readers might understand differently."""
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) and len(address) <= 2_000 else None
    if found is None or int(found["port"] or 1) > 65_535:
        raise NotCalled
    return Place(found["scheme"], found["host"], int(found["port"] or _PORTS[found["scheme"]]))


def is_safe(address: str) -> bool:
    """Whether what is sent to an address goes encrypted, or does not leave what the operator calls inside."""
    place = place_of(address)
    return place.scheme == "https" or place.host in settings.CALLS["inside"]


def call(
    address: str,
    *,
    allowed: Iterable[str],
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> Answer:
    """Call an address and return what it answers. `allowed`: addresses of the places that may be called, besides the operator's.

    The operator names further places, and hosts that may lie inside the network, in the environment (settings.CALLS).
    """
    deadline = time.monotonic() + seconds
    place = place_of(address)
    if place not in {place_of(each) for each in (*allowed, *settings.CALLS["places"])}:
        raise NotCalled
    pinned = _address_of(place, deadline)
    sent = {"Host": _host(place), "Accept-Encoding": "identity", "Connection": "close", **(headers or {})}
    line = _Line(str(pinned), deadline)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=line, max_connections=1) as pool,
            pool.stream(method, address, headers=list(sent.items()), content=content) as answer,
        ):
            return Answer(answer.status, _body(answer, largest))
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError):
        raise NoAnswer from None


def _host(place: Place) -> str:
    return place.host if place.port == _PORTS[place.scheme] else f"{place.host}:{place.port}"


def _body(answer: httpcore.Response, largest: int) -> bytes:
    """Return the body as it came. One that was packed is refused: unpacked it might be endless."""
    packed = {name.lower(): value for name, value in answer.headers}.get(b"content-encoding", b"identity")
    body = bytearray()
    for part in answer.iter_stream():
        body += part
        if len(body) > largest or packed.lower() != b"identity":
            raise NoAnswer
    return bytes(body)


def _address_of(place: Place, deadline: float) -> IPv4Address | IPv6Address:
    """Return the address to connect to. Raises NotCalled where any that the name has is inside."""
    found = [ip_address(each) for each in _resolved(place, deadline)]
    is_inside_allowed = place.host in settings.CALLS["inside"]
    if not found or not all(_may_be_called(each, is_inside_allowed=is_inside_allowed) for each in found):
        raise NotCalled
    return found[0]


def _resolved(place: Place, deadline: float) -> list[str]:
    asked: Future = _resolving.submit(socket.getaddrinfo, place.host.strip("[]"), place.port, type=socket.SOCK_STREAM)
    try:
        answers = asked.result(timeout=max(deadline - time.monotonic(), 0))
    except (OSError, TimeoutError, UnicodeError):
        raise NoAnswer from None
    return [address.partition("%")[0] for *_, (address, *_) in answers]


def _may_be_called(address: IPv4Address | IPv6Address, *, is_inside_allowed: bool) -> bool:
    """Whether an address is outside, or inside where the operator said that this host is."""
    if any(address in each for each in _NEVER) or address.is_multicast or address.is_unspecified:
        return False
    if address == ip_address("::1") or not any(address in each for each in _WRAPS):
        return address.is_global or (is_inside_allowed and (address.is_private or address.is_loopback))
    return False


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass
class _Line(httpcore.NetworkBackend):
    """Connects to the address that was looked at, whatever the name, and lets nothing last longer than all may take."""

    pinned: str
    deadline: float
    plain: httpcore.SyncBackend = field(default_factory=httpcore.SyncBackend)

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None) -> "_Stream":
        stream = self.plain.connect_tcp(self.pinned, port, timeout=_left(self.deadline), socket_options=socket_options)
        return _Stream(stream, self.deadline)


@dataclass
class _Stream(httpcore.NetworkStream):
    """A connection of which every read and write ends with the time for all of them."""

    plain: httpcore.NetworkStream
    deadline: float

    def read(self, max_bytes, timeout=None) -> bytes:
        return self.plain.read(max_bytes, timeout=_left(self.deadline))

    def write(self, buffer, timeout=None) -> None:
        self.plain.write(buffer, timeout=_left(self.deadline))

    def close(self) -> None:
        self.plain.close()

    def start_tls(self, ssl_context, server_hostname=None, timeout=None) -> "_Stream":
        return _Stream(self.plain.start_tls(ssl_context, server_hostname, timeout=_left(self.deadline)), self.deadline)

    def get_extra_info(self, name):
        return self.plain.get_extra_info(name)


def _left(deadline: float) -> float:
    """Return how many seconds are left. Raises where none are."""
    if (left := deadline - time.monotonic()) <= 0:
        raise httpcore.TimeoutException
    return left
