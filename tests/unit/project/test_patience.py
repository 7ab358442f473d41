"""Places are for pages; seats are for bodies; what is done one by one has one place (H7, A5)."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from amparo.project import patience
from amparo.project.patience import Doorway, Owing, is_too_slow, is_too_slow_to_take
from amparo.project.postgres.server import wait_until

SIGN_IN = "/sign-in"


class Pages:
    """An application whose pages are finished when the test says so."""

    def __init__(self) -> None:
        self.begun, self.finish = threading.Semaphore(0), threading.Event()

    def __call__(self, environ, start_response):
        self.begun.release()
        if environ["PATH_INFO"] != "/quick":
            assert self.finish.wait(20)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]


def ask(doorway: Doorway, path: str, body: bytes = b"", *, said: int | None = None, method: str = "POST") -> str:
    """Return the status of one request; its body may be shorter than is said."""
    status = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_PORT": "1", "wsgi.input": io.BytesIO(body)}
    environ["CONTENT_LENGTH"] = str(len(body) if said is None else said)
    b"".join(doorway(environ, lambda line, headers: status.append(line[:3])))
    return status[0]


@contextmanager
def meanwhile(doorway: Doorway, path: str, many: int) -> Iterator[list[str]]:
    """Ask for the same as many times at once, finished when the block is left; yield what was answered."""
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(doorway, path))) for _ in range(many)]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        doorway.application.finish.set()
        for each in threads:
            each.join(20)


@pytest.fixture
def doorway(monkeypatch) -> Doorway:
    monkeypatch.setattr(patience, "TURN_SECONDS", 0.2)
    monkeypatch.setattr(patience, "PLACE_SECONDS", 0.2)
    return Doorway(Pages(), one_by_one=frozenset({SIGN_IN}))


def test_sign_ins_have_one_place_and_pages_the_others(doorway):
    with meanwhile(doorway, SIGN_IN, many=20) as answers:
        assert doorway.application.begun.acquire(timeout=10)
        assert [ask(doorway, "/quick") for _ in range(10)] == ["200"] * 10
        assert wait_until(lambda: len(answers) == 19, 10)
    assert sorted(answers) == ["200"] + ["503"] * 19


def test_the_form_itself_is_a_page(doorway):
    with meanwhile(doorway, SIGN_IN, many=1):
        assert doorway.application.begun.acquire(timeout=10)
        doorway.application.finish.set()
        assert ask(doorway, SIGN_IN, method="GET") == "200"


def test_with_all_places_taken_the_next_is_told_so_and_places_come_back(doorway):
    with meanwhile(doorway, "/slow", many=patience.PLACES) as answers:
        for _ in range(patience.PLACES):
            assert doorway.application.begun.acquire(timeout=10)
        assert ask(doorway, "/quick") == "503"
    assert answers == ["200"] * patience.PLACES
    assert ask(doorway, "/quick") == "200"
    assert not doorway.held


def test_a_page_that_fails_gives_its_place_back():
    def broken(environ, start_response):
        raise ZeroDivisionError

    doorway = Doorway(broken)
    for _ in range(2 * patience.PLACES):
        with pytest.raises(ZeroDivisionError):
            ask(doorway, "/")


@pytest.mark.parametrize("said", [10, patience.WHOLE_BYTES + 10])
def test_a_body_that_ends_too_soon_is_refused(doorway, said):
    if said < patience.WHOLE_BYTES:
        assert ask(doorway, "/quick", b"abc", said=said) == "400"
    else:
        with pytest.raises(ConnectionResetError):
            ask(doorway, "/quick", b"abc", said=said)


#  since | received | now | too slow
RATES = [
    (None, 0, 1000, False),  # it owes nothing
    (0, 0, 9, False),  # the first seconds are free
    (0, 0, 10, True),
    (0, 10 * patience.LEAST_RATE, 10, False),
    (0, 10 * patience.LEAST_RATE, 11, True),
]


@pytest.mark.parametrize(("since", "received", "now", "slow"), RATES)
def test_who_owes_bytes_sends_at_least_the_least_rate(since, received, now, slow):
    assert is_too_slow(Owing(sent=0, received=0, since=since), received, now) is slow


#  taken since | when it lay ready | now | too slow
TAKEN = [
    (0, None, 1000, False),  # nothing lies ready for it
    (0, 0, patience.READ_SECONDS - 1, False),
    (0, 0, patience.READ_SECONDS, True),
    (patience.LEAST_RATE * patience.READ_SECONDS, 0, patience.READ_SECONDS, False),
    (patience.LEAST_RATE * patience.READ_SECONDS - 1, 0, patience.READ_SECONDS, True),
]


@pytest.mark.parametrize(("taken", "ready_since", "now", "slow"), TAKEN)
def test_who_has_something_ready_takes_it_at_the_least_rate(taken, ready_since, now, slow):
    owing = Owing(sent=0, received=0, since=None, taken=7, ready_since=ready_since)
    assert is_too_slow_to_take(owing, 7 + taken, now) is slow


class Streamed:
    """An answer of so many bytes that is made piece by piece; what was made and closed is noted."""

    streaming = True

    def __init__(self, size: int) -> None:
        self.size, self.closed = size, False

    def __iter__(self):
        return iter([b"x" * 1000] * (self.size // 1000))

    def close(self) -> None:
        self.closed = True


def streamed(size: int) -> tuple[Doorway, list[Streamed]]:
    made: list[Streamed] = []

    def application(environ, start_response):
        made.append(Streamed(size))
        start_response("200 OK", [])
        return made[-1]

    return Doorway(application), made


def taken_along(doorway: Doorway):
    """Return status and answer of a request for a table, none of it read."""
    status, environ = [], {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PORT": "1", "wsgi.input": io.BytesIO()}
    answer = doorway(environ, lambda line, headers: status.append(line[:3]))
    return status[0], answer


def test_a_long_answer_is_made_and_closed_and_its_place_free_before_any_of_it_is_read():
    doorway, made = streamed(1_000_000)
    status, answer = taken_along(doorway)
    assert (status, made[0].closed, len(doorway.held)) == ("200", True, 0)
    assert doorway.places._value == patience.PLACES
    assert b"".join(answer) == b"x" * 1_000_000
    answer.close()
    assert (doorway.readers._value, doorway.waiting) == (patience.READERS, 0)


def test_a_short_one_waits_for_nobody():
    doorway, made = streamed(10_000)
    assert taken_along(doorway) == ("200", [b"x" * 10_000])
    assert (made[0].closed, doorway.waiting) == (True, 0)


def test_too_many_long_ones_at_once_are_told_so():
    doorway, made = streamed(1_000_000)
    read = [taken_along(doorway) for _ in range(patience.READERS)]
    assert {status for status, _ in read} == {"200"}
    assert taken_along(doorway)[0] == "503"
    assert made[-1].closed
    read[0][1].close()
    assert taken_along(doorway)[0] == "200"


def test_a_long_answer_that_fails_on_the_way_is_no_answer_and_gives_its_place_back():
    class Broken(Streamed):
        def __iter__(self):
            yield b"x" * 1000
            raise ZeroDivisionError

    def broken(environ, start_response):
        start_response("200 OK", [])
        return Broken(2000)

    doorway = Doorway(broken)
    with pytest.raises(ZeroDivisionError):
        taken_along(doorway)
    assert (doorway.places._value, doorway.readers._value) == (patience.PLACES, patience.READERS)
