"""The server: `GET /{institution}/persons/{identifier}` with a bearer token, JSON, over TLS where it has a certificate.

It notes nothing of what it is asked. `GET /` and `GET /{institution}` say what there is.
"""

import hmac
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from urllib.parse import unquote

from amparo.cli.ministry.faults import KINDS, Answer, Asked, Misbehaving, Sent, met, said
from amparo.cli.ministry.institutions import INSTITUTIONS
from amparo.cli.ministry.people import Known, People
from amparo.kernel import clock
from amparo.kernel.errors import Refused

LINE_SECONDS = 60  # that a line may stay silent
DRIPS = 20
VERSION = "1"


@dataclass(frozen=True)
class Ministry:
    """What is served: whom the institutions know, what opens the door, in which currency they reckon, how they misbehave.

    `wait_seconds`  that an answer comes late by, or is dripped over
    """

    people: People
    token: str
    currency: str
    seed: int = 1
    faults: Sequence[Misbehaving] = ()
    wait_seconds: float = 5
    stopping: Event = field(default_factory=Event)

    def answer(self, path: str, authorization: str) -> Answer:
        """Return what is answered to a request, with the fault that it meets."""
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode()):
            return Answer(said({"error": "token"}).body, 401, headers={"WWW-Authenticate": "Bearer"})
        match [unquote(each) for each in path.partition("?")[0].strip("/").split("/")]:
            case [""]:
                return said({"institutions": [self._about(each) for each in INSTITUTIONS]})
            case [institution] if institution in INSTITUTIONS:
                return said(self._about(institution))
            case [institution, "persons", identifier] if institution in INSTITUTIONS:
                return self._of(institution, identifier)
        return Answer(said({"error": "not-found"}).body, 404)

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

    @staticmethod
    def _about(institution: str) -> dict[str, str]:
        return {"institution": institution, "class": INSTITUTIONS[institution].kind}


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "institutions", ""
    timeout = LINE_SECONDS
    server: "_Server"

    def do_GET(self) -> None:
        answer = self.server.ministry.answer(self.path, self.headers.get("Authorization", ""))
        with suppress(OSError):  # whoever asked has gone
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
