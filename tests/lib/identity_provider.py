"""An identity provider on this machine: honest by default, and as hostile as a test wants it.

It answers discovery, keys and tokens over HTTP on a port of its own. A test changes what it says before it is asked.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from amparo.kernel import clock

AUDIENCE, SECRET = "amparo", "between us"


def key(kind: type, kid: str, **more: Any) -> Any:
    made = {RSAKey: lambda: RSAKey.generate_key(2048), ECKey: lambda: ECKey.generate_key("P-256")}
    return kind.import_key(made[kind]().as_dict(private=True) | {"kid": kid} | more)


@dataclass
class Provider:
    """What it says. `claims`, `header` and `about` override; a value of None leaves the name out."""

    address: str = ""
    signing: Any = None
    alg: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] | None = None
    token: Callable[["Provider", dict[str, Any]], Any] | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    redirects: str = ""
    huge: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    used_codes: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)

    def said_of_itself(self) -> dict[str, Any]:
        return whole(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
            }
            | self.about
        )

    def said_of_keys(self) -> dict[str, Any]:
        return {"keys": [self.signing.as_dict(private=False)] if self.keys is None else self.keys}

    def honest_claims(self) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        said = {"iss": self.address, "sub": "amina-there", "aud": AUDIENCE, "iat": now, "exp": now + 300}
        return whole(said | {"nonce": self.asked.get("nonce", "")} | self.claims)

    def id_token(self) -> Any:
        claims = self.honest_claims()
        if self.token:
            return self.token(self, claims)
        header = whole({"alg": self.alg, "kid": self.signing.kid} | self.header)
        return jwt.encode(header, claims, self.signing, algorithms=[self.alg])

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Return status and body for a code, which is taken once, from the client it was made for and who began."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        is_known = authorization == "Basic " + base64.b64encode(f"{AUDIENCE}:{SECRET}".encode()).decode()
        is_same = challenge.rstrip(b"=").decode() == self.asked.get("code_challenge")
        code = form.get("code", "")
        if not (is_known and is_same and code) or code in self.used_codes:
            return 400, {"error": "invalid_grant"}
        self.used_codes.add(code)
        told = {"access_token": "access", "token_type": "Bearer", "id_token": self.id_token()}
        return self.status, whole(told | self.answer)


def whole(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """Return a token as text, signed by nobody."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


@contextmanager
def serving(signing: Any) -> Iterator[Provider]:
    """Serve a provider on a free port of this machine while the block runs."""
    provider = Provider(signing=signing)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requests.append(self.path)
            if self.path.startswith("/.well-known/openid-configuration"):
                self.say(200, provider.said_of_itself())
            elif self.path == "/keys":
                self.say(200, provider.said_of_keys())
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            provider.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.say(*provider.exchange(form, self.headers.get("Authorization", "")))

        def say(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode() + (b" " * 2_000_000 if provider.huge else b"")
            self.send_response(302 if provider.redirects else status)
            if provider.redirects:
                self.send_header("Location", provider.redirects)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the other end has had enough, as it should

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked_at(address: str) -> dict[str, str]:
    """Return what a browser was sent to the provider with."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
