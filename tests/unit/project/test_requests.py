"""The web server as `amparo serve` starts it meets requests that no browser sends: none is taken, none keeps it from answering."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from amparo.project import serving

ROOT = Path(__file__).parents[3]
LONGEST = 30  # seconds that anything may be held


@dataclass(frozen=True)
class Server:
    """A running server, and the file in which what stands behind it notes each request."""

    port: int
    seen: Path

    def requests(self) -> list[str]:
        return self.seen.read_text().splitlines()

    def send(self, *pieces: bytes, pause: float = 0, wait: float = LONGEST) -> bytes:
        """Send bytes on a connection of their own; return everything that is answered until it is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as way:
            for piece in pieces:
                try:
                    way.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break
                time.sleep(pause)
            answer = b""
            try:
                while more := way.recv(1 << 16):
                    answer += more
            except (ConnectionResetError, TimeoutError):
                pass
            return answer

    def answers(self) -> bool:
        return b" 200 " in self.send(b"GET /well HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    port = serving.port_to_use("127.0.0.1", None)
    seen = folder / "seen"
    seen.touch()
    command = [*serving.web_command("127.0.0.1", port)[:-1], "tests.lib.counting:application"]
    environment = os.environ | {"REQUESTS_SEEN": str(seen), "PYTHONPATH": str(ROOT)}
    program = subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    found = Server(port, seen)
    try:
        deadline = time.monotonic() + LONGEST
        while not _is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found
    finally:
        program.terminate()
        program.wait(20)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def request(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((*lines, b"Host: x", b"Connection: close", b"", body))


def test_an_honest_request_is_answered(server):
    assert b"POST 3" in server.send(request(b"POST / HTTP/1.1", b"Content-Length: 3", body=b"abc"))


IN_DOUBT = {
    "two lengths": [b"Content-Length: 3", b"Content-Length: 40"],
    "a length that is none": [b"Content-Length: abc"],
    "a negative length": [b"Content-Length: -1"],
    "a length with a sign": [b"Content-Length: +3"],
    "a length with two values": [b"Content-Length: 3, 40"],
    "a packing nobody knows": [b"Transfer-Encoding: cow"],
    "a packing that is not the last": [b"Transfer-Encoding: chunked, identity"],
    "a packing hidden by a tab": [b"Transfer-Encoding\t: chunked"],
    "a name with a space": [b"Content-Length : 3"],
    "a line that goes on": [b"X: a", b" Content-Length: 40"],
}


@pytest.mark.parametrize("headers", IN_DOUBT.values(), ids=IN_DOUBT)
def test_a_request_whose_end_is_in_doubt_is_not_taken(server, headers):
    """Whatever follows the bytes of the one request is never taken for another: that is how requests are smuggled."""
    before = len(server.requests())
    answer = server.send(
        request(b"POST /doubt HTTP/1.1", *headers, body=b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"), wait=2
    )
    assert b" 200 " not in answer
    assert server.requests()[before:] == []


def test_with_length_and_packing_the_packing_counts_and_nothing_is_smuggled(server):
    before = len(server.requests())
    both = [b"POST /both HTTP/1.1", b"Content-Length: 4", b"Transfer-Encoding: chunked"]
    server.send(request(*both, body=b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"), wait=2)
    assert not any("/smuggled" in each for each in server.requests()[before:])


def test_headers_beyond_their_limit_are_refused(server):
    for many in ([b"X: " + b"a" * (4 * serving.HEADER_BYTES)], [b"X%d: a" % n for n in range(20_000)]):
        answer = server.send(request(b"GET / HTTP/1.1", *many), wait=5)
        assert b" 200 " not in answer
    assert b" 200 " not in server.send(
        b"GET /" + b"a" * (4 * serving.HEADER_BYTES) + b" HTTP/1.1\r\nHost: x\r\n\r\n", wait=5
    )
    assert server.answers()


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/9.9", b"GET /", b"\x16\x03\x01\x02\x00", b"PRI * HTTP/2.0", b"G\0T / HTTP/1.1"]
)
def test_what_is_no_request_is_refused(server, line):
    assert b" 200 " not in server.send(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n", wait=5)


def test_headers_that_come_slowly_are_not_waited_for(server):
    """Of bodies that come slowly the proxy before us keeps us free (docs/how-to/operator.md): the server waits for them."""
    began = time.monotonic()
    server.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    assert time.monotonic() - began < LONGEST
    assert server.answers()
