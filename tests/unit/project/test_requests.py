"""The web server as `amparo serve` starts it meets requests that no browser sends: none is taken, none keeps it from answering (H7)."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from amparo.project import patience, serving
from tests.lib import counting
from tests.lib.web_server import web_server

LONGEST = 30  # seconds that anything may be held
ESTABLISHED = 1  # the kernel's state of a connection that neither side has ended


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


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    seen = folder / "seen"
    seen.touch()
    with web_server("tests.lib.counting:application", REQUESTS_SEEN=str(seen)) as port:
        yield Server(port, seen)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def waited(tmp_path_factory) -> Iterator[dict[str, Future]]:
    """What is over only when a time of the server's is, all begun at once: each has a server of its own and waits by itself."""
    with ExitStack() as servers, ThreadPoolExecutor(len(WAITS)) as together:
        folders = {name: tmp_path_factory.mktemp("server") for name in WAITS}
        found = {name: servers.enter_context(running(folder)) for name, folder in folders.items()}
        yield {name: together.submit(wait, found[name]) for name, wait in WAITS.items()}


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
    began = time.monotonic()
    server.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    assert time.monotonic() - began < LONGEST
    assert server.answers()


SLOWLY = {
    "a body byte by byte": (request(b"POST /slow HTTP/1.1", b"Content-Length: 1000"), b"a"),
    "a body that never comes": (request(b"POST /slow HTTP/1.1", b"Content-Length: 1000"), b""),
    "a large one that never comes": (request(b"POST /slow HTTP/1.1", b"Content-Length: 50000000"), b""),
    "headers line by line": (b"GET /slow HTTP/1.1\r\nHost: x\r\n", b"X: a\r\n"),
    "nothing at all": (b"", b""),
}


@contextmanager
def slow_senders(server: Server, begin: bytes, then: bytes, many: int) -> Iterator[list[socket.socket]]:
    """Let as many hold a connection each, and send a little of a request from time to time; yield those not let go yet."""
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(many)]
    over = threading.Event()

    def send() -> None:
        for each in held:
            each.sendall(begin)
        while not over.wait(0.5):
            for each in held.copy():
                if is_let_go(each, then):
                    held.remove(each)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()
        for each in held:
            each.close()


def is_let_go(way: socket.socket, then: bytes) -> bool:
    """Whether the server ended a connection, once what it answered is read; a little more is sent where it did not."""
    way.setblocking(False)
    try:
        way.sendall(then)
        while way.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def dozens_send_slowly(server: Server, begin: bytes, then: bytes) -> None:
    with slow_senders(server, begin, then, many=60) as held:
        began = time.monotonic()
        while held and time.monotonic() - began < LONGEST:
            asked = time.monotonic()
            assert server.answers()
            assert time.monotonic() - asked < 3
            time.sleep(0.5)
        assert not held
    assert b"POST 3" in server.send(request(b"POST / HTTP/1.1", b"Content-Length: 3", body=b"abc"))


@pytest.mark.parametrize("sent", SLOWLY)
def test_while_dozens_send_slowly_pages_are_answered_and_nobody_is_held_for_long(waited, sent):
    waited[sent].result()


@contextmanager
def slow_readers(server: Server, many: int, *, a_second: int) -> Iterator[list[socket.socket]]:
    """Let as many ask for a long table each and take so many bytes of it a second; yield those not let go yet."""
    held = []
    for _ in range(many):
        way = socket.socket()
        way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        way.connect(("127.0.0.1", server.port))
        way.sendall(request(b"GET /table HTTP/1.1"))
        held.append(way)
    over = threading.Event()

    def read() -> None:
        while not over.wait(1):
            for each in held.copy():
                if is_cut(each, a_second):
                    held.remove(each)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()
        for each in held:
            each.close()


def is_cut(way: socket.socket, wanted: int) -> bool:
    """Whether the server ended a connection. Somebody reads so little that they never come to the end of what was sent before."""
    way.setblocking(False)
    try:
        way.recv(wanted)
        [state] = struct.unpack("=B", way.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))
        return state != ESTABLISHED
    except BlockingIOError:
        return False
    except OSError:
        return True


def dozens_read_slowly(server: Server) -> None:
    with slow_readers(server, many=24, a_second=1) as held:
        began = time.monotonic()
        while held and time.monotonic() - began < LONGEST:
            asked = time.monotonic()
            assert server.answers()
            assert time.monotonic() - asked < 3
            time.sleep(0.5)
        assert not held
    assert server.requests().count("made") >= patience.READERS
    answer = server.send(request(b"GET /table HTTP/1.1"))
    assert answer.count(b"x" * 1000) == len(counting.PIECE) * counting.PIECES // 1000


def test_while_dozens_read_slowly_pages_are_answered_and_nobody_is_held_for_long(waited):
    """A byte a second each: their tables are made to the end at once, and their threads are free within the time."""
    waited["dozens who read"].result()


def reads_enough(server: Server) -> None:
    with slow_readers(server, many=1, a_second=20 * patience.LEAST_RATE) as held:
        [way] = held
        time.sleep(patience.READ_SECONDS + 6)
        assert held == [way]
        held.clear()  # the rest is taken at once
        way.setblocking(True)
        way.settimeout(LONGEST)
        while piece := way.recv(1 << 16):
            last = piece
        assert last.endswith(b"x")


def test_whoever_reads_slowly_but_enough_reads_to_the_end(waited):
    waited["one who reads enough"].result()


def test_one_address_does_not_take_all_the_seats(server):
    """Forms of others are still taken in while one address holds as many seats as it gets."""
    begin, then = SLOWLY["a body byte by byte"]
    with slow_senders(server, begin, then, many=120):
        time.sleep(2)
        with socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0), timeout=5) as other:
            other.sendall(request(b"POST /other HTTP/1.1", b"Content-Length: 3", body=b"abc"))
            assert b"POST 3" in other.recv(1 << 16)


def sends_enough(server: Server) -> None:
    pieces = [b"a" * 2 * patience.LEAST_RATE] * 14
    head = request(b"POST /patient HTTP/1.1", b"Content-Length: %d" % sum(map(len, pieces)))
    assert b"POST %d" % sum(map(len, pieces)) in server.send(head, *pieces, pause=1)


def test_whoever_sends_slowly_but_enough_is_taken_in(waited):
    waited["one who sends enough"].result()


def test_a_body_that_ends_too_soon_is_not_taken_for_the_whole(server):
    before = len(server.requests())
    for length in (100, patience.WHOLE_BYTES + 100):
        with socket.create_connection(("127.0.0.1", server.port)) as way:
            way.sendall(request(b"POST /short HTTP/1.1", b"Content-Length: %d" % length, body=b"abc"))
            way.shutdown(socket.SHUT_WR)
            way.recv(1 << 16)
    assert server.requests()[before:] == []


def asks_for_what_takes_long(server: Server) -> None:
    begin, then = SLOWLY["a body that never comes"]
    with slow_senders(server, begin, then, many=4):
        assert b" 200 " in server.send(request(b"GET /long HTTP/1.1"))


def test_a_page_that_takes_long_is_waited_for(waited):
    """Its reader is silent too, but waits for us: nobody is cut off meanwhile."""
    waited["one who waits for us"].result()


WAITS = {
    **{sent: partial(dozens_send_slowly, begin=begin, then=then) for sent, (begin, then) in SLOWLY.items()},
    "dozens who read": dozens_read_slowly,
    "one who reads enough": reads_enough,
    "one who sends enough": sends_enough,
    "one who waits for us": asks_for_what_takes_long,
}
