"""Machines of partners for tests: opened, let in, and asking over the API."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OKPKey

from amparo.kernel import clock
from amparo.trust.actions.machines import confirm_credential, make_secret, open_machine, register_key
from amparo.trust.context import acting
from amparo.trust.machines.assertion import KIND
from amparo.trust.models import Machine
from amparo.trust.types import Permission
from tests.lib.agreeing import officer

AUDIENCE = "http://testserver/api/token"


def opened(agreement: UUID, *, name: str = "Nightly check", by: str = "lina", **more: Any) -> Machine:
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        return open_machine(agreement, name, by=who, **more)


def confirmed(credential: UUID, *, by: str = "jamal") -> None:
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        confirm_credential(credential, by=who)


def secret_of(machine: UUID, *, by: str = "lina", is_confirmed: bool = True) -> str:
    with acting(officer(by).narrowed(Permission.OPEN_MACHINE)) as who:
        made, secret = make_secret(machine, by=who)
    if is_confirmed:
        confirmed(made.id)
    return secret


def key_of(machine: UUID, key: Any = None, *, is_confirmed: bool = True) -> Any:
    """Register a key for a machine and return it whole, as the partner keeps it, named as it is registered."""
    key = key or OKPKey.generate_key("Ed25519")
    with acting(officer("lina").narrowed(Permission.OPEN_MACHINE)) as who:
        made = register_key(machine, json.dumps(key.as_dict(private=False)), by=who)
    if is_confirmed:
        confirmed(made.id)
    return type(key).import_key(key.as_dict(private=True) | {"kid": made.jwk["kid"]})


def assertion(machine: UUID, key: Any, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a token that a machine signs to be let in; a claim or header of None is left out."""
    now = int(clock.now().timestamp())
    said = {"iss": str(machine), "sub": str(machine), "aud": AUDIENCE, "iat": now, "exp": now + 60, "jti": str(uuid4())}
    named = {"alg": "Ed25519", "typ": "JWT", "kid": key.kid} | (header or {})
    kept = {name: value for name, value in named.items() if value is not None}
    told = {name: value for name, value in (said | claims).items() if value is not None}
    return jwt.encode(kept, told, key, algorithms=[kept["alg"]])


@dataclass
class Program:
    """A partner's program: asks for a token when it has none, and sends it with each request."""

    machine: UUID
    secret: str = ""
    key: Any = None
    address: str = "192.0.2.1"
    token: str = ""
    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def let_in(self) -> HttpResponse:
        sent = {"grant_type": "client_credentials", "client_id": str(self.machine)}
        if self.secret:
            sent |= {"client_secret": self.secret}
        else:
            sent |= {"client_assertion_type": KIND, "client_assertion": assertion(self.machine, self.key)}
        return self.browser.post("/api/token", sent, REMOTE_ADDR=self.address, content_type="application/json")

    def headers(self, **more: str) -> dict[str, str]:
        self.token = self.token or self.let_in().json()["access_token"]
        return {"Authorization": f"Bearer {self.token}", **more}

    def get(self, path: str, asked: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.browser.get(f"/api/v1/{path}", asked, headers=self.headers(**headers), REMOTE_ADDR=self.address)

    def post(self, path: str, body: Any, *, key: str = "", **headers: str) -> HttpResponse:
        sent = self.headers(**headers) | {"Idempotency-Key": key or str(uuid4())}
        return self.browser.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=sent, REMOTE_ADDR=self.address
        )


def program(agreement: UUID, **more: Any) -> Program:
    """Return a program with a secret that is confirmed, for a machine opened under an agreement."""
    machine = opened(agreement, **more)
    return Program(machine.id, secret=secret_of(machine.id))


def basic(machine: object, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{machine}:{secret}".encode()).decode()
