"""The ways in which an institution misbehaves. Which request meets one is drawn from the seed: asked again, it is the same.

Shape   an answer that is right in; one that is wrong out, in what it says or in how it is sent
Units   `share` of the persons asked for, above 0 up to 1
Errors  Refused for an institution or kind that does not exist, or a share that is none
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from amparo.cli.ministry.institutions import INSTITUTIONS, drawn
from amparo.kernel.errors import Refused

JSON, EVERYWHERE = "application/json", "all"
HUGE_BYTES, DEEP_LEVELS, AGAIN_AFTER_SECONDS = 20 << 20, 20_000, 30


class Sent(StrEnum):
    """How an answer goes over the line."""

    WHOLE = "whole"
    LATE = "late"  # after a while, and then whole
    DRIPPED = "dripped"  # a few bytes at a time
    CUT = "cut"  # half of it, then the line is closed
    RESET = "reset"  # nothing at all, and the line is closed
    NEVER = "never"  # the line stays open and nothing comes


@dataclass(frozen=True)
class Answer:
    """What is sent. `length` is told in Content-Length; None: as long as the body is."""

    body: bytes
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: Sent = Sent.WHOLE
    length: int | None = None

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Asked:
    """What a fault may need to know: the day, and the right answer about somebody else."""

    on: date
    other: Callable[[], Answer]


Fault = Callable[[Answer, Asked], Answer]


def said(content: Any) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode())


def _person(change: Callable[[dict[str, Any], Asked], Any]) -> Fault:
    """Make a fault of what changes the person in an answer."""

    def wrong(answer: Answer, asked: Asked) -> Answer:
        told = answer.told
        return replace(answer, body=said({**told, "person": change(dict(told["person"]), asked)}).body)

    return wrong


def _each(kinds: type | tuple[type, ...], change: Callable[[Any], Any]) -> Fault:
    """Make a fault of what changes every value of a kind, as deep as it lies. Whether is no number."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(each) for name, each in value.items()}
        if isinstance(value, list):
            return [walk(each) for each in value]
        is_meant = isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))
        return change(value) if is_meant else value

    return _person(lambda person, asked: {**walk(person), "identifier": person["identifier"]})


def _half(person: dict[str, Any], asked: Asked) -> dict[str, Any]:
    names = [name for name in person if name != "identifier"]
    return {name: each for name, each in person.items() if name not in names[len(names) // 2 :]}


def _drifted(person: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """The members in a new spelling, one level deeper."""
    named = {name.title().replace("_", ""): each for name, each in person.items() if name != "identifier"}
    return {"identifier": person["identifier"], "record": {"v2": named}}


def _days(change: Callable[[date, Asked], str]) -> Fault:
    """Make a fault of what changes every day that is told."""

    def wrong(person: dict[str, Any], asked: Asked) -> dict[str, Any]:
        return {name: change(day, asked) if (day := _day(each)) else each for name, each in person.items()}

    return _person(wrong)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _stale(answer: Answer, asked: Asked) -> Answer:
    return replace(answer, body=said({**answer.told, "as_of": (asked.on - timedelta(days=5 * 366)).isoformat()}).body)


def _impostor(answer: Answer, asked: Asked) -> Answer:
    """Another's record under the identifier that was asked for: nothing in the answer betrays it but the person."""
    mine = answer.told["person"]["identifier"]
    other = asked.other().told
    return replace(answer, body=said({**other, "person": {**other["person"], "identifier": mine}}).body)


def _someone_else(answer: Answer, asked: Asked) -> Answer:
    return replace(answer, body=asked.other().body)


def _repeated(answer: Answer, asked: Asked) -> Answer:
    """Two persons under one name: readers do not agree on which counts."""
    other = json.dumps(asked.other().told["person"], ensure_ascii=False).encode()
    return replace(answer, body=answer.body[:-1] + b', "person": ' + other + b"}")


_HUNDREDTHS = _each((int, float), lambda value: value * 100)


def _cents(answer: Answer, asked: Asked) -> Answer:
    """Every number a hundredfold, and the currency named so: whoever does not read it is a hundred times wrong."""
    changed = _HUNDREDTHS(answer, asked).told
    return replace(answer, body=said({**changed, "currency": f"{changed['currency']}/100"}).body)


def _answered(status: int, content: Any, **headers: str) -> Fault:
    named = {name.replace("_", "-"): each for name, each in headers.items()}
    return lambda answer, asked: replace(said(content), status=status, headers=named)


def _sent(how: Sent) -> Fault:
    return lambda answer, asked: replace(answer, sent=how)


def _body(make: Callable[[bytes], bytes], kind: str = JSON) -> Fault:
    return lambda answer, asked: replace(answer, body=make(answer.body), kind=kind)


_AGAIN = str(AGAIN_AFTER_SECONDS)
_LOGIN = b"<!doctype html><title>Sign in</title><form method=post><input name=password type=password></form>"

# How it is sent, what is answered instead, and what is wrong in it.
KINDS: Mapping[str, Fault] = {
    "delay": _sent(Sent.LATE),
    "drip": _sent(Sent.DRIPPED),
    "hang": _sent(Sent.NEVER),
    "cut": _sent(Sent.CUT),
    "reset": _sent(Sent.RESET),
    "short-length": lambda answer, asked: replace(answer, length=len(answer.body) // 2),
    "error-500": _answered(500, {"error": "internal"}),
    "unavailable": _answered(503, {"error": "maintenance"}, Retry_After=_AGAIN),
    "too-many": _answered(429, {"error": "too-many"}, Retry_After=_AGAIN),
    "expired-token": _answered(401, {"error": "token-expired"}, WWW_Authenticate='Bearer error="invalid_token"'),
    "not-found": _answered(404, {"error": "not-found"}),
    "redirect": _answered(302, {"error": "moved"}, Location="http://elsewhere.invalid/"),
    "empty": _body(lambda body: b""),
    "null": _body(lambda body: b"null"),
    "garbage": _body(lambda body: bytes((each * 7 + 131) % 256 for each in body)),
    "truncated": _body(lambda body: body[: len(body) // 2]),
    "twice": _body(lambda body: body + body),
    "listed": _body(lambda body: b"[" + body + b"," + body + b"]"),
    "huge": _body(lambda body: body[:-1] + b',"padding":"' + b"x" * HUGE_BYTES + b'"}'),
    "deep": _body(lambda body: b"[" * DEEP_LEVELS + b"]" * DEEP_LEVELS),
    "html": _body(lambda body: _LOGIN, "text/html; charset=utf-8"),
    "other-kind": _body(lambda body: body, "text/plain"),
    "encoding": _body(lambda body: body.decode().encode("utf-16"), "application/json; charset=utf-8"),
    "no-person": _person(lambda person, asked: None),
    "half": _person(_half),
    "schema-drift": _person(_drifted),
    "wrong-person": _someone_else,
    "impostor": _impostor,
    "repeated": _repeated,
    "stale": _stale,
    "texts": _each((int, float, bool), str),
    "yes-no": _each(bool, lambda value: "Y" if value else "N"),
    "cents": _cents,
    "negative": _each((int, float), lambda value: -abs(value) - 1),
    "days-ahead": _days(lambda day, asked: (asked.on + timedelta(days=366)).isoformat()),
    "days-swapped": _days(lambda day, asked: f"{day.day:02}/{day.month:02}/{day.year}"),
}


@dataclass(frozen=True)
class Misbehaving:
    """One kind of fault at one institution (`all`: at every one), for a share of the persons that are asked for."""

    institution: str
    kind: str
    share: float


def faults(written: Iterable[str]) -> list[Misbehaving]:
    """Return what `INSTITUTION=KIND[:share]` says, each; without a share it is every person."""
    return [_fault(each) for each in written]


def _fault(written: str) -> Misbehaving:
    institution, _, rest = written.partition("=")
    kind, _, share = rest.partition(":")
    if institution not in INSTITUTIONS and institution != EVERYWHERE:
        raise Refused("cli-mock-ministry-institution", institution=institution, known=[*INSTITUTIONS, EVERYWHERE])
    if kind not in KINDS:
        raise Refused("cli-mock-ministry-kind", kind=kind, known=list(KINDS))
    try:
        part = float(share or 1)
    except ValueError:
        part = 0.0
    if not 0 < part <= 1:
        raise Refused("cli-mock-ministry-share", share=share)
    return Misbehaving(institution, kind, part)


def met(of: Iterable[Misbehaving], institution: str, identifier: str, *, seed: int) -> str | None:
    """Return the kind of fault that a request meets, the first that is drawn for this person; None: it is answered right."""
    for each in of:
        is_here = each.institution in (institution, EVERYWHERE)
        if is_here and drawn(seed, "fault", institution, each.kind, identifier) < each.share:
            return each.kind
    return None
