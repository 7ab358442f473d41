"""The server: `GET /{institution}/persons/{identifier}` with a bearer token, JSON, over TLS where it has a certificate.

`POST /{institution}/dci/registry/sync/search` answers the same by the DCI standard.

`GET /{institution}/events?since=PLACE` tells what happened, and `POST /{institution}/emit` sends it as signed webhooks to an
address of this machine: `{"to": "http://…", "events": 20, "ways": ["shuffled", "doubled"]}`. It notes nothing of what it is
asked. `GET /` and `GET /{institution}` say what there is, and the key that webhooks are signed with.
"""

import hmac
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, unquote

from joserfc.jwk import OKPKey

from amparo.cli.ministry import dci, telling
from amparo.cli.ministry.faults import KINDS, Answer, Asked, Misbehaving, Sent, met, said
from amparo.cli.ministry.happenings import KINDS as HAPPENINGS
from amparo.cli.ministry.happenings import happened
from amparo.cli.ministry.institutions import INSTITUTIONS
from amparo.cli.ministry.people import Known, People
from amparo.kernel import clock
from amparo.kernel.errors import Refused

LINE_SECONDS = 60  # that a line may stay silent
DRIPS = 20
EVENTS, LARGEST = 200, 2**16
VERSION = "1"


@dataclass(frozen=True)
class Ministry:
    """What is served: whom the institutions know, what opens the door, in which currency they reckon, how they misbehave.

    `wait_seconds`  that an answer comes late by, or is dripped over
    `events`        how many each institution has to tell to whoever asks; `key`: what it signs with when it tells by itself
    """

    people: People
    token: str
    currency: str
    seed: int = 1
    faults: Sequence[Misbehaving] = ()
    wait_seconds: float = 5
    stopping: Event = field(default_factory=Event)
    events: int = EVENTS
    key: OKPKey = field(default_factory=telling.new_key, repr=False)

    def answer(self, path: str, authorization: str, body: bytes | None = None) -> Answer:
        """Return what is answered to a request, with the fault that it meets. `body`: of one that is posted."""
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode()):
            return Answer(said({"error": "token"}).body, 401, headers={"WWW-Authenticate": "Bearer"})
        place, _, asked = path.partition("?")
        match [unquote(each) for each in place.strip("/").split("/")]:
            case [institution, "emit"] if institution in INSTITUTIONS and body is not None:
                return self._emitted(institution, body)
            case [institution, *door] if institution in INSTITUTIONS and body is not None and tuple(door) == dci.DOOR:
                return dci.searched(institution, body, partial(self._of, institution), key=self.key)
            case [institution, "events"] if institution in INSTITUTIONS and body is None:
                since = parse_qs(asked).get("since", [""])[0]
                return said({"institution": institution, **telling.page(self._events(institution, self.events), since)})
            case _ if body is not None:
                return Answer(said({"error": "not-found"}).body, 404)
            case [""]:
                return said({"institutions": [self._about(each) for each in INSTITUTIONS]})
            case [institution] if institution in INSTITUTIONS:
                return said(self._about(institution) | {"key": telling.public(self.key)})
            case [institution, "persons", identifier] if institution in INSTITUTIONS:
                return self._of(institution, identifier)
        return Answer(said({"error": "not-found"}).body, 404)

    def _events(self, institution: str, count: int) -> list[dict[str, Any]]:
        return happened(self.people, institution, count, seed=self.seed, on=clock.today())

    def _emitted(self, institution: str, body: bytes) -> Answer:
        """Send events as they are asked for, and answer with what became of each."""
        try:
            asked = json.loads(body)
            events = self._events(institution, int(asked["events"]))
            going = telling.sendings(events, institution, self.key, asked.get("ways", ()), seed=self.seed)
            return said({"sent": len(going), "answered": telling.sent(going, str(asked["to"]))})
        except (ValueError, KeyError, TypeError, AttributeError, Refused):
            return Answer(said({"error": "form"}).body, 400)

    def _of(self, institution: str, identifier: str) -> Answer:
        known = self.people.known(identifier)
        right = self._right(institution, known)
        if known is None or right.status != 200:
            return right
        kind = met(self.faults, institution, identifier, seed=self.seed)
        if kind is None:
            return right
        asked = Asked(clock.today(), lambda: self._of_another(institution, identifier))
        return KINDS[kind](right, asked)

    def _of_another(self, institution: str, identifier: str) -> Answer:
        """Return what is right of the next person of whom the institution keeps anything."""
        other = self.people.another(identifier)
        while other != identifier:
            answer = self._right(institution, self.people.known(other))
            if answer.status == 200:
                return answer
            other = self.people.another(other)
        return self._right(institution, self.people.known(identifier))

    def _right(self, institution: str, known: Known | None) -> Answer:
        told = INSTITUTIONS[institution].tells(known, clock.today(), self.seed) if known else None
        if known is None or told is None:
            return Answer(said({"error": "not-found"}).body, 404)
        person = {"identifier": known.identifier, "identifier_scheme": known.scheme, **told}
        named = {"institution": institution, "version": VERSION, "currency": self.currency}
        return said({**named, "as_of": clock.today().isoformat(), "person": person})

    def _about(self, institution: str) -> dict[str, Any]:
        told = {"institution": institution, "class": INSTITUTIONS[institution].kind}
        return told | ({"tells": [each.name for each in HAPPENINGS[institution]]} if institution in HAPPENINGS else {})


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "institutions", ""
    timeout = LINE_SECONDS
    server: "_Server"

    def do_GET(self) -> None:
        answer = self.server.ministry.answer(self.path, self.headers.get("Authorization", ""))
        with suppress(OSError):  # whoever asked has gone
            _SENDING[answer.sent](self, answer)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), LARGEST)) if length.isdecimal() else b""
        answer = self.server.ministry.answer(self.path, self.headers.get("Authorization", ""), body)
        with suppress(OSError):
            _SENDING[answer.sent](self, answer)

    def log_message(self, *said: object) -> None:
        """Note nothing: addresses hold identifiers."""

    def begin(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection |= answer.length is not None

    def wait(self, seconds: float) -> None:
        self.server.ministry.stopping.wait(seconds)


def _whole(line: _Line, answer: Answer) -> None:
    line.begin(answer)
    line.wfile.write(answer.body)


def _late(line: _Line, answer: Answer) -> None:
    line.wait(line.server.ministry.wait_seconds)
    _whole(line, answer)


def _dripped(line: _Line, answer: Answer) -> None:
    line.begin(answer)
    step = max(len(answer.body) // DRIPS, 1)
    for place in range(0, len(answer.body), step):
        line.wait(line.server.ministry.wait_seconds / DRIPS)
        line.wfile.write(answer.body[place : place + step])
        line.wfile.flush()


def _cut(line: _Line, answer: Answer) -> None:
    line.begin(answer)
    line.wfile.write(answer.body[: len(answer.body) // 2])
    line.close_connection = True


def _reset(line: _Line, answer: Answer) -> None:
    line.close_connection = True


def _never(line: _Line, answer: Answer) -> None:
    line.wait(LINE_SECONDS)
    line.close_connection = True


_SENDING = {
    Sent.WHOLE: _whole,
    Sent.LATE: _late,
    Sent.DRIPPED: _dripped,
    Sent.CUT: _cut,
    Sent.RESET: _reset,
    Sent.NEVER: _never,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], ministry: Ministry, encryption: ssl.SSLContext | None) -> None:
        super().__init__(place, _Line)
        self.ministry = ministry
        if encryption:  # shaken hands on in the line's own thread: whoever says nothing holds up nobody
            self.socket = encryption.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *told: object) -> None:
        """A line that broke is whose it was."""


@contextmanager
def served(
    ministry: Ministry,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: Path | None = None,
    key: Path | None = None,
) -> Iterator[str]:
    """Serve within the block; yields the address. Beyond this machine only with a certificate.

    Raises Refused where the port is taken, the certificate cannot be read, or others could read along.
    """
    encryption = _encryption(certificate, key)
    if encryption is None and not _is_this_machine(host):
        raise Refused("cli-mock-ministry-open", host=host)
    try:
        server = _Server((host, port), ministry, encryption)
    except OSError as error:
        raise Refused("cli-mock-ministry-port", host=host, port=str(port)) from error
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if encryption else 'http'}://{host}:{server.server_address[1]}"
    finally:
        ministry.stopping.set()
        server.shutdown()
        server.server_close()


def _encryption(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Refused("cli-mock-ministry-certificate", file=str(certificate)) from error
    return context


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
