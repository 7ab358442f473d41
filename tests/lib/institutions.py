"""Other institutions' servers, real ones on a free port of this machine: they answer by JSON, and misbehave as they are told.

GET /<institution>/persons/<number>; `faults` says of an institution how it misbehaves, by a name of `FAULTS`.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

HERE = "127.0.0.1"
Record = dict[str, Any]
NEVER = 5.0  # longer than anybody waits here


def _http(status: int, body: bytes, *more: str) -> bytes:
    lines = (f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Content-Type: application/json", *more)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _said(record: Record) -> bytes:
    return _http(200, json.dumps(record).encode())


def _with(**changes: Any) -> Callable[[Record], bytes]:
    return lambda record: _said({**record, **changes})


def _values(change: Callable[[Any], Any]) -> Callable[[Record], bytes]:
    return lambda record: _said({**record, "values": {name: change(each) for name, each in record["values"].items()}})


def _text(change: Callable[[str], str], *, encoding: str = "utf-8") -> Callable[[Record], bytes]:
    return lambda record: _http(200, change(json.dumps(record, ensure_ascii=False)).encode(encoding))


def _plain(answer: bytes) -> Callable[[Record], bytes]:
    return lambda record: answer


def _renamed(record: Record) -> bytes:
    return _said({**record, "values": {f"{name}_v2": each for name, each in record["values"].items()}})


# What an institution answers in the place of a person's record; b"" closes the line without a word.
FAULTS: dict[str, Callable[[Record], bytes]] = {
    "cut before a word": _plain(b""),
    "cut in the headers": lambda record: _said(record)[:20],
    "cut in the body": lambda record: _said(record)[:-12],
    "half of the body, and a length that fits it": _text(lambda text: text[: len(text) // 2]),
    "another error": _plain(_http(500, b"{}")),
    "not now": _plain(_http(503, b"")),
    "too often": _plain(_http(429, b"", "Retry-After: 60")),
    "who are you": _plain(_http(401, b"")),
    "not you": _plain(_http(403, b"")),
    "nobody": _plain(_http(404, b'{"error": "unknown"}')),
    "elsewhere": _plain(_http(302, b"", "Location: http://169.254.169.254/latest/")),
    "nothing": _plain(_http(204, b"")),
    "an empty body": _plain(_http(200, b"")),
    "no protocol": _plain(b"\x00\xff\x13garbage\r\n\r\n"),
    "garbage": _plain(_http(200, bytes(range(256)))),
    "a page": _plain(_http(200, b"<html><body>Please sign in</body></html>")),
    "another person": lambda record: _said({**record, "number": "99999999", "values": record["other"]}),
    "nobody's name on it": lambda record: _said({k: v for k, v in record.items() if k != "number"}),
    "of last century": _with(as_of="1999-01-01"),
    "of next century": _with(as_of="2999-01-01"),
    "a day that is none": _with(as_of="yesterday"),
    "another version": _with(version="2"),
    "another currency": _with(currency="USD"),
    "other names": _renamed,
    "other codes": _values(lambda each: "X-42"),
    "nulls": _values(lambda each: None),
    "no values": _with(values={}),
    "lists": _values(lambda each: [each, each]),
    "words for values": _values(lambda each: "a lot"),
    "far too much": _values(lambda each: 10**12),
    "below zero": _values(lambda each: -5),
    "not a number": _text(lambda text: text.replace('"version"', '"x": NaN, "version"')),
    "a name twice": _text(lambda text: text[:-1] + ', "values": {"wage": "1.00", "insured": false, "level": "N"}}'),
    "two records": lambda record: _http(200, json.dumps([record, record]).encode()),
    "another encoding": _text(lambda text: text.replace('"version"', '"é": 1, "version"'), encoding="latin-1"),
    "too deep": lambda record: _http(200, b'{"a":' * 100_000),
    "too large": lambda record: _http(200, b" " * (2**20 + 1) + json.dumps(record).encode()),
    "packed": lambda record: _http(200, json.dumps(record).encode(), "Content-Encoding: gzip"),
}
# Those that take time: asked with little patience.
SLOW = ("silence", "a drip")


class Ministry:
    """`records`: institution → number → record; `asked`: (institution, number) as they came, whatever was answered."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Record]] = {}
        self.faults: dict[str, str] = {}
        self.delay = 0.0
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.socket = socket.create_server((HERE, 0), backlog=128)
        self.place = f"http://{HERE}:{self.socket.getsockname()[1]}"

    def address(self, institution: str) -> str:
        return f"{self.place}/{institution}/persons/{{number}}"

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as reader, suppress(OSError):
            path = reader.readline().decode().split(" ")[1]
            headers = {}
            while (each := reader.readline().strip()) != b"":
                name, _, value = each.decode().partition(": ")
                headers[name.lower()] = value
            _, institution, _, number = path.split("/")
            self.asked.append((institution, number))
            self.headers.append(headers)
            time.sleep(self.delay)
            self.say(line, institution, number)

    def say(self, line: socket.socket, institution: str, number: str) -> None:
        record, fault = self.records.get(institution, {}).get(number), self.faults.get(institution)
        if record is None:
            line.sendall(_http(404, b"{}"))
        elif fault == "silence":
            time.sleep(NEVER)
        elif fault == "a drip":
            for each in _said(record):
                line.sendall(bytes([each]))
                time.sleep(0.02)
        else:
            line.sendall(FAULTS[fault](record) if fault else _said({k: v for k, v in record.items() if k != "other"}))


@contextmanager
def serving() -> Iterator[Ministry]:
    """Let institutions serve until the block ends."""
    ministry = Ministry()
    threading.Thread(target=ministry.serve, daemon=True).start()
    try:
        yield ministry
    finally:
        with suppress(OSError):
            ministry.socket.shutdown(socket.SHUT_RDWR)
        ministry.socket.close()
