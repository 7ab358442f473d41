"""What the page for integrators shows is run as it stands, against a server on this machine."""

import json
import re
import subprocess
import threading
from contextlib import contextmanager
from datetime import date
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from joserfc.jwk import OKPKey

from tests.lib import agreeing, country
from tests.lib.machines import Program, key_of, opened, secret_of
from tests.structure import sources

PAGE = "docs/how-to/integrator.md"
NAMES = ("REGISTRY", "MACHINE", "SECRET")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_) -> None:
        pass


@contextmanager
def serving():
    """Serve the whole installation on a free port while the block runs."""
    application = get_wsgi_application()

    def closing(environ, start_response):
        try:
            return application(environ, start_response)
        finally:
            connections.close_all()

    server = make_server("127.0.0.1", 0, closing, Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", sources.text(PAGE), re.M | re.S)


@pytest.fixture(scope="module")
def agreed(database):
    agreeing.install()
    person = {"given_name": "Yara", "family_name": "Haddad", "birth_date": date(1990, 1, 1)}
    country.household("n1", person, rooms=2)
    return agreeing.in_force("pension_check")


def test_the_commands_of_the_page_lead_to_the_records(agreed):
    machine = opened(agreed)
    with serving() as here:
        given = dict(zip(NAMES, (here, str(machine.id), secret_of(machine.id)), strict=True))
        first, *rest = blocks("sh")
        assert all(f"{name}=" in first for name in NAMES)
        script = "set -euo pipefail\n" + "\necho; echo ----\n".join(rest)
        ran = subprocess.run(
            ["bash", "-c", script], env=given | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
        )
    assert ran.returncode == 0, ran.stderr
    _, agreements, _, page = ran.stdout.split("----\n")
    [told] = json.loads(agreements)["agreements"]
    assert (told["code"], told["state"]) == ("pension_check", "in-force")
    [record] = json.loads(page)["records"]
    assert record["fields"] == {"person.birth_date": "1990-01-01", "household.rooms": 2}
    assert json.loads(page)["next"] is None


def test_the_token_of_the_page_lets_a_machine_in(agreed, tmp_path, monkeypatch):
    machine = opened(agreed)
    key = key_of(machine.id, OKPKey.generate_key("Ed25519"))
    (tmp_path / "machine.pem").write_bytes(key.as_pem(private=True))
    monkeypatch.chdir(tmp_path)
    [text] = blocks("python")
    names = {"REGISTRY": "http://testserver", "MACHINE": str(machine.id)}
    exec(text, names)
    program = Program(machine.id)
    answer = program.browser.post("/api/token", names["asked"], content_type="application/json")
    assert answer.status_code == 200
