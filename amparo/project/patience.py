"""How long senders and readers are waited for: bodies come in on many seats, pages are made at few places.

The server behind which we stand waits for a body without end, in the thread that answers. So threads are many and cheap:
in most of them bodies are waited for; a place, with its database connection, is taken only once the body is here. Whoever
owes bytes and sends fewer than the least is cut off at the socket, which alone ends a thread's wait: the kernel
counts what came, and we let nobody go while any page takes so long that its reader is silent for a reason.

An answer is whole before any of it is sent: its place, its connection and its transaction are free again however slowly somebody
reads. What is too long to be handed over at once lies in a file without a name, and its thread waits for the reader; these are few
of the threads, and who takes less than the least rate of what lies ready for them is cut off too.

Units   seconds; bytes; bytes a second
Errors  none: a request without a seat or a place is answered 503 and one that ends too soon 400, both without a body
Source  least rate: below that of a telephone on GPRS (RFC 3481), four times that of Apache's mod_reqtimeout
"""

import fcntl
import io
import os
import socket
import stat
import struct
import tempfile
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO

PLACES = 4  # in one Python, each with one database connection
SEATS = 48
SEATS_OF_ADDRESS = 12
READERS = 8  # of long answers
LARGE_AT_ONCE = 2  # bodies that come while their request has a place already
WHOLE_BYTES = 3 << 20  # what is larger is asked about before any of it is read
MEMORY_BYTES = 1 << 18
FREE_SECONDS, LEAST_RATE = 10, 2048
READ_SECONDS = 20  # within which what lies ready is taken at the least rate
PLACE_SECONDS = 30
TURN_SECONDS, TURNS_WAITED_FOR = 5, 12  # of what is done one by one
LOOK_SECONDS = 1
PIECE = 1 << 16

Application = Callable[[dict, Callable], Iterable[bytes]]


class NoRoom(Exception):
    """All seats, or all places, are taken."""


@dataclass(eq=False)
class Held:
    """One request: `works_since` is when its sender began to wait for us, None while we wait for them."""

    works_since: float | None = None

    def works(self) -> None:
        self.works_since = time.monotonic()

    def waits(self) -> None:
        self.works_since = None


@dataclass(frozen=True)
class Arriving:
    """A large body that is read while its request has a place. Raises ConnectionResetError where it ends too soon."""

    source: object
    held: Held
    left: list[int]

    def read(self, size: int = -1) -> bytes:
        wanted = self.left[0] if size is None or size < 0 else min(size, self.left[0])
        self.held.waits()
        try:
            piece = self.source.read(wanted)
        finally:
            self.held.works()
        self.left[0] -= len(piece)
        if len(piece) < wanted:
            raise ConnectionResetError
        return piece


@dataclass(frozen=True)
class Long:
    """An answer that is whole and too long to be handed over at once. It has no place, and goes when it is closed."""

    file: IO[bytes]
    leaving: ExitStack

    def __iter__(self) -> Iterator[bytes]:
        return iter(partial(self.file.read, PIECE), b"")

    def close(self) -> None:
        self.leaving.close()


@dataclass
class Doorway:
    """The way in for one application.

    `of_address` is how many seats one address has: all, where a proxy has one address. What is sent to `one_by_one` has one
    place: a flood of it leaves the others.
    """

    application: Application
    of_address: int = SEATS_OF_ADDRESS
    one_by_one: frozenset[str] = frozenset()
    folder: str | None = None
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(PLACES))
    readers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(READERS))
    large: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(LARGE_AT_ONCE))
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(1))
    queue: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(TURNS_WAITED_FOR))
    lock: threading.Lock = field(default_factory=threading.Lock)
    seated: Counter = field(default_factory=Counter)
    held: set[Held] = field(default_factory=set)
    waiting: int = 0
    port: int = 0

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        self._begin(environ)
        with ExitStack() as leaving:
            try:
                if not self._take_in(environ, leaving):
                    return _empty(start_response, "400 Bad Request")
                held = leaving.enter_context(self._place(environ))
                self._let_arrive(environ, held, leaving)
                return self._whole(environ, start_response)
            except NoRoom:
                return _empty(start_response, "503 Service Unavailable", ("Retry-After", "10"))

    def _whole(self, environ: dict, start_response: Callable) -> list[bytes] | Long:
        """Have the answer made to its end before any of it is sent. Raises NoRoom where too many read long ones."""
        said: list[tuple] = []
        answer = self.application(environ, lambda *line_and_headers: said.append(line_and_headers))
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            made = self._kept(answer) if getattr(answer, "streaming", False) else list(answer)
        start_response(*said[-1])
        return made

    def _kept(self, answer: Iterable[bytes]) -> list[bytes] | Long:
        with ExitStack() as leaving:
            file = leaving.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES, dir=self.folder))
            file.writelines(answer)
            is_short = file.tell() <= MEMORY_BYTES
            file.seek(0)
            if is_short:
                return [file.read()]
            leaving.enter_context(_taken(self.readers, seconds=0))  # whoever waited here would hold a place
            leaving.enter_context(self._waited_for())
            return Long(file, leaving.pop_all())

    def _begin(self, environ: dict) -> None:
        """Look after connections from the first request on: the server forks before it answers."""
        with self.lock:
            if self.port:
                return
            self.port = int(environ["SERVER_PORT"])
        threading.Thread(target=self._look_after, daemon=True).start()

    def _take_in(self, environ: dict, leaving: ExitStack) -> bool:
        """Read a body of usual size to its end; return False where it ended too soon. Raises NoRoom."""
        length = length_of(environ)
        if length > WHOLE_BYTES:
            return True
        if not length:
            environ["wsgi.input"] = io.BytesIO()
            return True
        body = leaving.enter_context(tempfile.SpooledTemporaryFile(MEMORY_BYTES, dir=self.folder))  # noqa: SIM115
        source, environ["wsgi.input"] = environ["wsgi.input"], body
        with self._seat(environ.get("REMOTE_ADDR", "")):
            while length and (piece := source.read(min(length, PIECE))):
                body.write(piece)
                length -= len(piece)
        body.seek(0)
        return not length

    def _let_arrive(self, environ: dict, held: Held, leaving: ExitStack) -> None:
        length = length_of(environ)
        if length <= WHOLE_BYTES:
            return
        leaving.enter_context(_taken(self.large, seconds=0))
        leaving.enter_context(self._waited_for())
        environ["wsgi.input"] = Arriving(environ["wsgi.input"], held, [length])

    @contextmanager
    def _seat(self, address: str) -> Iterator[None]:
        with self.lock:
            if self.seated.total() >= SEATS or self.seated[address] >= self.of_address:
                raise NoRoom
            self.seated[address] += 1
        try:
            with self._waited_for():
                yield
        finally:
            with self.lock:
                self.seated[address] -= 1
                self.seated += Counter()  # forgets the addresses that have none

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        with self.lock:
            self.waiting += 1
        try:
            yield
        finally:
            with self.lock:
                self.waiting -= 1

    @contextmanager
    def _place(self, environ: dict) -> Iterator[Held]:
        held = Held(time.monotonic())
        self.held.add(held)
        with ExitStack() as leaving:
            leaving.callback(self.held.discard, held)
            if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in self.one_by_one:
                with _taken(self.queue, seconds=0):
                    leaving.enter_context(_taken(self.turn, seconds=TURN_SECONDS))
            leaving.enter_context(_taken(self.places, seconds=PLACE_SECONDS))
            yield held

    def _look_after(self) -> None:
        known: dict[int, Owing] = {}
        while True:
            time.sleep(LOOK_SECONDS)
            known = look(self.port, known, may_cut=not self._is_late()) if self.waiting else {}

    def _is_late(self) -> bool:
        """Whether somebody may have been silent for so long because they wait for us."""
        before = time.monotonic() - FREE_SECONDS
        return any(each.works_since is not None and each.works_since < before for each in self.held.copy())


@contextmanager
def _taken(room: threading.Semaphore, *, seconds: float) -> Iterator[None]:
    if not room.acquire(timeout=seconds):
        raise NoRoom
    try:
        yield
    finally:
        room.release()


def length_of(environ: dict) -> int:
    """Return how long a body is said to be; one that does not say it is read as empty (`web.bodies`)."""
    said = environ.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdecimal() else 0


def _empty(start_response: Callable, status: str, *headers: tuple[str, str]) -> list[bytes]:
    kept = [("Content-Length", "0"), ("Connection", "close"), ("Cache-Control", "no-store")]
    start_response(status, [*kept, ("X-Content-Type-Options", "nosniff"), *headers])
    return [b""]


@dataclass(frozen=True)
class Owing:
    """What a connection had sent and been sent when it was last seen to begin anew, and since when it owes us more.

    `taken`  what it had taken when we last began to count, and `ready_since` when; None while nothing lies ready for it
    """

    sent: int
    received: int
    since: float | None
    taken: int = 0
    ready_since: float | None = None


_AT_ONCE = struct.pack("=ii", 1, 0)  # closed without waiting for anything to be taken
_BYTES = struct.Struct("=120xQQ")  # of the kernel's tcp_info: how many bytes the other side took, and sent


def look(port: int, known: dict[int, Owing], *, may_cut: bool) -> dict[int, Owing]:
    """Look at every connection to a port once; return what is known of each, by its inode. Cuts off who is too slow."""
    now, found = time.monotonic(), {}
    for inode, connection in connections(port):
        with connection:
            sent, received = _BYTES.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES.size))
            owing = _reading(_sending(known.get(inode), sent, received, now), sent, _ready(connection), now)
            found[inode] = owing
            if is_too_slow_to_take(owing, sent, now) or (may_cut and is_too_slow(owing, received, now)):
                # Else the kernel would keep what lies ready for as long as the other side lives.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                connection.shutdown(socket.SHUT_RDWR)
    return found


def _sending(before: Owing | None, sent: int, received: int, now: float) -> Owing:
    if before is None:
        return Owing(sent, received, now)
    if sent > before.sent:
        return replace(before, sent=sent, received=received, since=None)
    if before.since is None and received > before.received:
        return replace(before, sent=sent, since=now)
    return before


def _reading(owing: Owing, taken: int, ready: int, now: float) -> Owing:
    if not ready:
        return replace(owing, ready_since=None)
    is_over = owing.ready_since is not None and now - owing.ready_since >= READ_SECONDS
    if owing.ready_since is None or (is_over and not is_too_slow_to_take(owing, taken, now)):
        return replace(owing, taken=taken, ready_since=now)
    return owing


def _ready(connection: socket.socket) -> int:
    """Return how many bytes wait for the other side to take them."""
    [ready] = struct.unpack("=i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
    return ready


def is_too_slow(owing: Owing, received: int, now: float) -> bool:
    """Whether less came than the least rate, once the first seconds are over."""
    if owing.since is None or now - owing.since < FREE_SECONDS:
        return False
    return received - owing.received < LEAST_RATE * (now - owing.since)


def is_too_slow_to_take(owing: Owing, taken: int, now: float) -> bool:
    """Whether so little was taken of what lies ready that the least rate was missed for a while."""
    if owing.ready_since is None or now - owing.ready_since < READ_SECONDS:
        return False
    return taken - owing.taken < LEAST_RATE * READ_SECONDS


def connections(port: int) -> Iterator[tuple[int, socket.socket]]:
    """Yield this process's connections that came in at a port, each by a copy of its own."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if not stat.S_ISSOCK((seen := os.fstat(int(name))).st_mode):
                continue
            connection = socket.socket(fileno=os.dup(int(name)))
        except OSError:  # closed since
            continue
        try:
            if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.getsockname()[1] == port:
                connection.getpeername()
                yield seen.st_ino, connection
        except OSError:  # it listens, or was closed since
            pass
        finally:
            connection.close()
