"""A partner that speaks the DCI standard: named by one officer, confirmed by another, signing as it was agreed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from joserfc.jwk import OKPKey

from amparo.dci.envelope import stamp
from amparo.dci.signing import Profile, sign
from amparo.kernel import clock
from amparo.registry.queries import household
from amparo.registry.schemes import Scheme
from amparo.trust.actions.peers import confirm_peer, name_peer
from amparo.trust.context import acting
from amparo.trust.covering import FieldTerm, Given
from amparo.trust.types import Permission
from tests.lib import country
from tests.lib.agreeing import officer
from tests.lib.machines import Program, key_of, opened, secret_of

US = "ministry"
WORDS = replace(country.DICTIONARY, version="dci-1", schemes=(Scheme("national_id", 11),), _by_key={})
FIELDS = (
    FieldTerm("person", "birth_date"),
    FieldTerm("person", "given_name"),
    FieldTerm("person", "sex"),
    FieldTerm("household", "income"),
    FieldTerm("household", "rooms", Given.BAND, (3,)),
    FieldTerm("household", "floor", Given.KNOWN),
)


def number(each: int) -> str:
    return f"{each:011d}"


def member_of(home: UUID) -> UUID:
    """Return who lives alone in a household."""
    by = country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        return household(home, by=by, under=country.GROUND).members[0].id


def peer(machine: UUID, *, by: str = "lina", is_confirmed: bool = True, **more: Any) -> UUID:
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        made = name_peer(machine, more.pop("sender", f"{machine}.example.org"), by=who, **more)
    if is_confirmed:
        with acting(officer("jamal").narrowed(Permission.OPEN_MACHINE)) as who:
            confirm_peer(made.id, by=who)
    return made.id


@dataclass
class Partner:
    """A machine with a token and, where its profile asks for one, a key; `sender`: as whom it sends."""

    program: Program
    sender: str
    profile: str = ""
    key: Any = None
    peer: UUID | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def envelope(self, message: dict[str, Any], *, action: str = "search", **header: Any) -> dict[str, Any]:
        """Return a message, signed as agreed. A member of the header that is given as None is left out."""
        said = {
            "version": "1.0.0",
            "message_id": str(uuid4()),
            "message_ts": stamp(clock.now()),
            "action": action,
            "sender_id": self.sender,
            "receiver_id": US,
            "total_count": len(message.get("search_request", [1])),
            "is_msg_encrypted": False,
        } | header
        whole = {"header": {name: each for name, each in said.items() if each is not None}, "message": message}
        return {"signature": self.signature(whole), **whole}

    def signature(self, whole: dict[str, Any]) -> str:
        if not self.profile:
            return "unsigned-stub"
        return sign(whole, self.key, profile=Profile(self.profile), sender=self.sender, now=clock.now())

    def post(self, path: str, whole: Any) -> HttpResponse:
        body = whole if isinstance(whole, bytes) else json.dumps(whole)
        return self.program.browser.post(
            f"/dci/v1/{path}", body, content_type="application/json", headers=self.program.headers(**self.headers)
        )

    def ask(self, path: str, message: dict[str, Any], **header: Any) -> HttpResponse:
        return self.post(path, self.envelope(message, **header))

    def search(self, *requests: dict[str, Any], path: str = "sr/registry/sync/search", **header: Any) -> HttpResponse:
        return self.ask(path, searching(*requests), **header)


def partner(agreement: UUID, *, profile: str = "", callback: str = "", **more: Any) -> Partner:
    """Return a partner of an agreement, for a machine of its own."""
    machine = opened(agreement, **more)
    program = Program(machine.id, secret=secret_of(machine.id))
    key = key_of(machine.id, OKPKey.generate_key("Ed25519")) if profile else None
    sender = f"{machine.id}.example.org"
    made = peer(machine.id, sender=sender, profile=profile, callback=callback)
    return Partner(program, sender, profile, key, made)


def searching(*requests: dict[str, Any]) -> dict[str, Any]:
    """Return the message of a search for these criteria."""
    made = [
        {"reference_id": f"r-{place}", "timestamp": stamp(clock.now()), "search_criteria": each}
        for place, each in enumerate(requests, 1)
    ]
    return {"transaction_id": str(uuid4()), "search_request": made}


def by_number(value: str, type: str = "UIN", **more: Any) -> dict[str, Any]:
    return {"query_type": "idtype-value", "query": {"type": type, "value": value}} | more


def by_expression(query: Any, collection: str = "Member", **more: Any) -> dict[str, Any]:
    value = {"expression": {"collection": collection, "query": query}}
    return {"query_type": "expression", "query": {"type": "ns:org:QueryType:expression", "value": value}} | more


def parts(answer: HttpResponse) -> list[dict[str, Any]]:
    return answer.json()["message"]["search_response"]


def records(answer: HttpResponse, part: int = 0) -> list[dict[str, Any]]:
    return parts(answer)[part]["data"]["reg_records"]


def code(answer: HttpResponse) -> str:
    """Return the code that a message was refused with."""
    return answer.json()["errors"][0]["code"]


class Callback:
    """Takes what is called back, on a free port of this machine. `taken`: path and body of each; `says`: what it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.says = (200, b'{"message": {"ack_status": "ACK"}}')
        outer = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.taken.append((self.path, json.loads(body)))
                status, told = outer.says
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/registry"


@contextmanager
def callback() -> Iterator[Callback]:
    made = Callback()
    Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
