"""Places are for pages; seats are for bodies; what is done one by one has one place (H7, A5)."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from amparo.project import patience
from amparo.project.patience import Doorway, Owing, is_too_slow
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
