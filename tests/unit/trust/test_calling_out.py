"""Nothing that comes from outside turns a call to what stands inside (H4): a canary that listens there is never reached."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from amparo.kernel.errors import Refused
from amparo.trust.calling_out import NoAnswer, NotCalled, call, place_of

HOST = "idp.example"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Listener:
    """Something that listens on this machine, counts who comes, and says to each what a test wants."""

    def __init__(self, says=lambda line: line.sendall(HELLO)) -> None:
        self.visits, self.asked, self.says = 0, [], says
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            self.visits += 1
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line:
            self.asked.append(asked_of(line).decode("latin-1"))
            try:
                self.says(line)
            except OSError:
                return


def asked_of(line: socket.socket) -> bytes:
    """Read one whole request: what follows the headers may come in a packet of its own."""
    with line.makefile("rb") as reader:
        lines = []
        while (each := reader.readline()) not in (b"", b"\r\n"):
            lines.append(each)
        named = re.search(rb"(?i)content-length: *(\d+)", b"".join(lines))
        return b"".join(lines) + each + reader.read(int(named[1]) if named else 0)


@contextmanager
def listening(*args) -> Iterator[Listener]:
    listener = Listener(*args)
    try:
        yield listener
    finally:
        listener.socket.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def inside(monkeypatch):
    """Let this machine be called, as an operator would for a provider inside the network."""
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": ["127.0.0.1", HOST]})


def named(monkeypatch, *answers: list[str]) -> list[str]:
    """Let the name server give these addresses, one list for each time that it is asked; return what it was asked."""
    asked, waiting, real = [], list(answers), socket.getaddrinfo

    def getaddrinfo(host, port, *more, **also):
        if host != HOST:  # an address: nobody is asked
            return real(host, port, *more, **also)
        asked.append(host)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def every_name_leads_here(monkeypatch) -> None:
    """Let every name lead to this machine; what is a number in some reader's eyes stays what the system makes of it."""
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *_, **__):
        try:
            return real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except OSError:
            return real("127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


# Ways to write an address that leads to this machine for some reader or other. `{port}` is the canary's.
FORMS = """
http://127.0.0.1:{port}/
http://localhost:{port}/
http://LOCALHOST:{port}/
http://localhost.:{port}/
http://localhost.localdomain:{port}/
http://127.1:{port}/
http://127.0.1:{port}/
http://127.00.00.01:{port}/
http://0177.0.0.1:{port}/
http://0x7f.0.0.1:{port}/
http://0x7f000001:{port}/
http://2130706433:{port}/
http://017700000001:{port}/
http://127.0.0.1.:{port}/
http://0:{port}/
http://0.0.0.0:{port}/
http://[::1]:{port}/
http://[::]:{port}/
http://[::ffff:127.0.0.1]:{port}/
http://[::ffff:7f00:1]:{port}/
http://[::127.0.0.1]:{port}/
http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/
http://[64:ff9b::7f00:1]:{port}/
http://[2002:7f00:1::]:{port}/
http://[::1%25lo]:{port}/
http://idp.example@127.0.0.1:{port}/
http://idp.example:x@127.0.0.1:{port}/
http://127.0.0.1:{port}@idp.example/
http://127.0.0.1:{port}#@idp.example/
http://idp.example#@127.0.0.1:{port}/
http://127.0.0.1:{port}\\@idp.example/
http://idp.example\\@127.0.0.1:{port}/
http://127.0.0.1:{port}?@idp.example/
http:127.0.0.1:{port}/
http:/127.0.0.1:{port}/
http:///127.0.0.1:{port}/
//127.0.0.1:{port}/
127.0.0.1:{port}
HTTP://127.0.0.1:{port}/
 http://127.0.0.1:{port}/
http://127.0.0.1 :{port}/
http://127.0.0.1:{port} /
http://127.0.0.1:0{port}/
http://127.0.0.1:+{port}/
http://127.0.0.1%3a{port}/
http://%31%32%37.0.0.1:{port}/
http://127。0。0。1:{port}/
http://１２７.０.０.１:{port}/
http://①②⑦.⓪.⓪.①:{port}/
http://ⓛocalhost:{port}/
http://127.0.0.1\\t:{port}/
http://127.0.0.1\\r\\nHost: idp.example:{port}/
https://127.0.0.1:{port}/
ftp://127.0.0.1:{port}/
gopher://127.0.0.1:{port}/_x
dict://127.0.0.1:{port}/x
file:///etc/passwd
jar:http://127.0.0.1:{port}!/
ldap://127.0.0.1:{port}/
unix:///run/docker.sock
data:text/plain,x
http+unix://%2Frun%2Fdocker.sock/
http://169.254.169.254/latest/meta-data/
http://[fd00:ec2::254]/latest/
http://metadata.google.internal/
http://10.0.0.1:{port}/
http://192.168.0.1:{port}/
http://172.16.0.1:{port}/
http://100.64.0.1:{port}/
http://127.0.0.1.nip.io:{port}/
http://idp.example.127.0.0.1.nip.io:{port}/
http://xn--nxasmq6b:{port}/
http://-idp.example:{port}/
http://idp..example:{port}/
http://[127.0.0.1]:{port}/
http://[:{port}/
""".strip("\n").split("\n")


def test_there_are_as_many_forms_as_the_goal_asks_for():
    assert len(FORMS) >= 60


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_an_address_reaches_what_nobody_named(canary, monkeypatch, form):
    """Neither where nothing but the provider is named, nor where the form itself is and leads inside."""
    address = form.format(port=canary.port).replace("\\t", "\t").replace("\\r\\n", "\r\n")
    every_name_leads_here(monkeypatch)
    for places in ([], [address]):
        monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
        with pytest.raises((NotCalled, NoAnswer)):
            call(address, allowed=[f"https://{HOST}/", *places], seconds=1)
    assert canary.visits == 0


INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.1.1",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "203.0.113.5",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:7f00:1::",
    "2001:0:1:2:3:4:5:6",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_called_whatever_else_it_leads_to(monkeypatch, address):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
    for answers in ([address], ["8.8.8.8", address], [address, "8.8.8.8"]):
        named(monkeypatch, answers)
        with pytest.raises(NotCalled):
            call(f"http://{HOST}/", allowed=[f"http://{HOST}/"])


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "::ffff:127.0.0.1"])
def test_some_places_are_never_called_also_where_a_host_may_be_inside(monkeypatch, inside, address):
    named(monkeypatch, [address])
    with pytest.raises(NotCalled):
        call(f"http://{HOST}/", allowed=[f"http://{HOST}/"])


def test_a_name_is_resolved_once_and_the_address_that_was_looked_at_is_called(monkeypatch, inside, canary):
    """A name server that answers the truth first and this machine afterwards finds nobody asking a second time."""
    with listening() as honest:
        asked = named(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        place = f"http://{HOST}:{honest.port}/"
        assert call(place, allowed=[place]).body == b"hello"
        assert (asked, honest.visits) == ([HOST], 1)
        assert f"host: {HOST}:{honest.port}" in honest.asked[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(inside, canary, status):
    before = canary.visits

    def redirect(line):
        line.sendall(f"HTTP/1.1 {status} Go\r\nLocation: {canary.address}\r\nContent-Length: 0\r\n\r\n".encode())

    with listening(redirect) as honest:
        assert call(honest.address, allowed=[honest.address]).status == status
    assert canary.visits == before


def test_a_refresh_a_link_and_an_alternative_address_are_not_followed(inside, canary):
    before = canary.visits

    def refer(line):
        told = f'Refresh: 0; url={canary.address}\r\nLink: <{canary.address}>; rel=preload\r\nAlt-Svc: h2=":{canary.port}"\r\n'
        line.sendall(f"HTTP/1.1 200 OK\r\n{told}Content-Length: 0\r\n\r\n".encode())

    with listening(refer) as honest:
        assert call(honest.address, allowed=[honest.address]).status == 200
    assert canary.visits == before


def test_the_environment_of_a_proxy_changes_nothing(inside, canary, monkeypatch):
    before = canary.visits
    for each in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(each, canary.address)
    with listening() as honest:
        assert call(honest.address, allowed=[honest.address]).body == b"hello"
    assert canary.visits == before


def endless(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def drip(line):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        line.sendall(b"x")
        time.sleep(0.05)


def drip_headers(line):
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        line.sendall(b"X: y\r\n")
        time.sleep(0.05)


SILENT = {
    "endless": endless,
    "a drip of a body": drip,
    "a drip of headers": drip_headers,
    "nothing": lambda line: time.sleep(5),
    "broken off": lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
    "no HTTP": lambda line: line.sendall(b"SSH-2.0-x\r\n"),
    "packed": lambda line: line.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"
    ),
    "two lengths": lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
}


@pytest.mark.parametrize("fault", SILENT)
def test_no_whole_answer_in_time_is_none(inside, fault):
    began = time.monotonic()
    with listening(SILENT[fault]) as place, pytest.raises(NoAnswer):
        call(place.address, allowed=[place.address], seconds=0.6, largest=2**20)
    assert time.monotonic() - began < 3


def test_a_name_server_that_hangs_holds_nobody_for_longer(inside, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: held.wait(10))
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        call(f"http://{HOST}/", allowed=[f"http://{HOST}/"], seconds=0.3)
    held.set()
    assert time.monotonic() - began < 2


def test_whoever_claims_to_be_the_host_without_its_certificate_is_not_heard(inside):
    with listening() as place, pytest.raises(NoAnswer):
        call(f"https://127.0.0.1:{place.port}/", allowed=[f"https://127.0.0.1:{place.port}/"], seconds=1)


@pytest.mark.parametrize("other", [f"https://{HOST}:8443/", f"http://{HOST}/", "https://other.example/"])
def test_scheme_host_and_port_must_all_be_named(monkeypatch, other):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
    with pytest.raises(NotCalled):
        call(other, allowed=[f"https://{HOST}/"])
    assert place_of(f"https://{HOST}/") == place_of(f"https://{HOST}:443/x?y")


def test_a_place_that_the_operator_names_badly_allows_nothing(monkeypatch):
    monkeypatch.setattr(settings, "CALLS", {"places": ["*", f"https://{HOST}/"], "inside": []})
    with pytest.raises(Refused):
        call(f"https://{HOST}/", allowed=[])


def test_what_is_sent_arrives(inside):
    with listening() as place:
        call(place.address, allowed=[place.address], method="POST", headers={"X-One": "1"}, content=b"a=b")
    assert place.asked[0].startswith("POST / HTTP/1.1\r\n")
    assert "X-One: 1" in place.asked[0]
    assert place.asked[0].endswith("\r\n\r\na=b")


def test_nothing_else_of_the_product_calls_out():
    """Every library that could is imported by the guard alone."""
    from tests.structure import sources

    libraries = ("httpx", "httpcore", "requests", "urllib3", "aiohttp", "urllib.request", "http.client", "socket")
    allowed = {
        "amparo/trust/calling_out.py": "the guard",
        "amparo/project/serving.py": "asks our own server whether it is up",
        "amparo/project/patience.py": "hangs up on who sends too slowly, and calls nobody",
        "amparo/project/postgres/server.py": "looks for a free port",
        "amparo/cli/ministry/telling.py": "the made-up institutions, which send to this machine alone",
    }
    found = {
        f"{file}: {name}"
        for file in sources.python()
        if file not in allowed
        for line in sources.text(file).splitlines()
        for name in libraries
        if line.strip().startswith((f"import {name}", f"from {name} import"))
    }
    assert found == set()
