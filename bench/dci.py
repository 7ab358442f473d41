"""How fast partners' machines are answered by the DCI standard: searches by one number, and by a thousand in a message.

Shape   a whole web server as `amparo serve` starts it, asked over loopback HTTP by several connections of one other process
Units   searches, identifiers and messages a second; milliseconds from the last byte sent to the last one read. Everything
        that answers and asks shares this machine: server, database and client
Nulls   none: an answer that is refused, unsigned, of somebody else or not in the log stops the benchmark
Errors  RuntimeError, where what was measured is not what is promised

Each message is signed (http-signature, Ed25519) before the clock runs, for it must be new; each is let in by its token, counted
against machine and address (whose limits are out of the way), held to its signature, taken once, kept sealed, answered within
its agreement and area, counted, written down and answered signed. Baseline: pages that hold nothing, of the same server.
"""

import csv
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from amparo.dci.signing import Profile, expect_signed
from amparo.kernel import clock
from amparo.profiles.synth import generate
from amparo.profiles.types import Profile as Country
from amparo.project import serving
from amparo.project.databases import connect, installation
from amparo.trust.actions import grant_role, open_account
from amparo.trust.covering import Direction, FieldTerm, Given, Period, Terms
from amparo.trust.machines.message_key import message_key
from amparo.trust.types import Role, system
from bench.imports import FILES, OBSERVED_ON, imported
from tests.lib.agreeing import in_force
from tests.lib.country import PASSWORD
from tests.lib.dci import Partner, by_number, partner, searching

ROOT = Path(__file__).parents[1]
BY = system("bench")
US = "ministry"
CONNECTIONS, BATCH, BATCH_CONNECTIONS = 8, 1_000, 2
WARMING = 200
PATH = "/dci/v1/sr/registry/sync/search"
MANY = "1000000000"
FIELDS = (
    FieldTerm("person", "birth_date"),
    FieldTerm("person", "sex"),
    FieldTerm("household", "income_per_month", Given.BAND, (100_000, 250_000)),
)
TERMS = Terms(
    provider=US,
    consumer="pension_fund",
    direction=Direction.OUT,
    purpose="eligibility",
    legal_basis="law-social-protection-act-s7",
    fields=FIELDS,
    areas=("VM",),
    starts_on=date(2026, 1, 1),
    ends_on=date(2099, 12, 31),
    volume=int(MANY),
    period=Period.MONTH,
    retention_days=30,
    identifiers=("national_id",),
)


def run(
    profile: Country,
    *,
    households: int,
    searches: int = 10_000,
    seed: int = 1,
    tell: Callable[[str], None] = lambda stage: None,
) -> dict[str, Any]:
    """Return how fast searches and batches were answered. Needs an empty country with keys of its own."""
    tell("people")
    numbers = people(profile, households, seed)
    asking = let_in()
    draw = random.Random(seed)
    with served() as port:
        asking.program.token = token(port, asking)
        tell("pages")
        pages = asked(port, [_nothing(port)] * searches, CONNECTIONS)
        known, warming = known_of(port, asking, numbers)
        asked(port, [_search(port, asking, [each]) for each in draw.choices(known, k=WARMING)], CONNECTIONS)
        tell("searches")
        wanted = [_search(port, asking, [each]) for each in draw.choices(known, k=searches)]
        one_by_one = asked(port, wanted, CONNECTIONS)
        tell("batches")
        batches = [draw.choices(known, k=BATCH) for _ in range(max(searches // 250, 4))]
        many = asked(port, [_search(port, asking, each) for each in batches], BATCH_CONNECTIONS)
    expect_answered(one_by_one.bodies, [1] * searches)
    expect_answered(many.bodies, [BATCH] * len(batches))
    expect_kept(warming + WARMING + searches + len(batches))
    return {
        "persons": len(known),
        "searches": searches,
        "connections": CONNECTIONS,
        "search_per_second": round(searches / one_by_one.seconds),
        "search_p50_ms": round(1000 * _share(one_by_one.waits, 0.5), 1),
        "search_p99_ms": round(1000 * _share(one_by_one.waits, 0.99), 1),
        "batches": len(batches),
        "batch_ids_per_second": round(BATCH * len(batches) / many.seconds),
        "batch_p50_ms": round(1000 * _share(many.waits, 0.5), 1),
        "empty_per_second": round(searches / pages.seconds),
        "load_before": round(LOAD, 2),
    }


LOAD = os.getloadavg()[0]  # of others, before anything is measured


def people(profile: Country, households: int, seed: int) -> list[str]:
    """Import a census, and return the numbers of those who have one."""
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:
        made = generate(profile, households=households, seed=seed, folder=Path(folder), format="csv", on=OBSERVED_ON)
        imported(profile, [made.files[name] for name in FILES])
        with open(made.files["persons"], newline="") as file:
            found = sorted({each["national_id"] for each in csv.DictReader(file)} - {""})
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT amparo_analyze_registry()")
        cursor.execute("ANALYZE")
    return found


def let_in() -> Partner:
    """Take the scratch installation live, and return a partner whose agreement is signed and whose key is confirmed."""
    name = connections["default"].settings_dict["NAME"]
    with connect(installation().server, name) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("INSERT INTO trust_impactassessment VALUES (0, '{}', 'bench', now(), gen_random_uuid())")
        superuser.execute(
            "INSERT INTO trust_stage (is_live, at, by_id, assessment_id) VALUES (true, now(), gen_random_uuid(), 0)"
        )
    for each in ("lina", "jamal", "keiko"):
        account = open_account(each, PASSWORD, display_name=each, by=BY)
        grant_role(account.id, Role.DATA_PROTECTION_OFFICER, area_code=None, by=BY, on=date(2020, 1, 1))
    return partner(in_force("bench_search", TERMS), profile=Profile.HTTP.value)


@contextmanager
def served() -> Iterator[int]:
    """Serve the scratch database as `amparo serve` does, and yield the port."""
    port = serving.port_to_use("127.0.0.1", None)
    command = [sys.executable, "-m", *serving.web_command("127.0.0.1", port)[:-1], "bench.door:application"]
    known = {
        "PYTHONPATH": str(ROOT),
        "AMPARO_DOOR": "web",
        "AMPARO_DATABASE": connections["default"].settings_dict["NAME"],
        "AMPARO_BENCH_KEYS": str(settings.KEY_FOLDER),
        **{f"AMPARO_API_{kind}_{time}": MANY for kind in ("MACHINE", "ADDRESS") for time in ("SECOND", "MINUTE")},
    }
    known |= {"AMPARO_PROFILE": settings.INSTALLATION.profile, "AMPARO_DATA_DIR": str(settings.DATA_DIR)}
    program = subprocess.Popen(command, env=os.environ | known, cwd=ROOT, stdout=sys.stderr)
    try:
        deadline = time.monotonic() + serving.READY_SECONDS
        while not _is_ready(port):
            if program.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server of the benchmark does not answer")
            time.sleep(0.1)
        yield port
    finally:
        serving.end([program])


def _is_ready(port: int) -> bool:
    return serving.answers("127.0.0.1", port)


def token(port: int, asking: Partner) -> str:
    door = http.client.HTTPConnection("127.0.0.1", port)
    sent = {
        "grant_type": "client_credentials",
        "client_id": str(asking.program.machine),
        "client_secret": asking.program.secret,
    }
    door.request("POST", "/api/token", json.dumps(sent), {"Content-Type": "application/json"})
    return json.loads(door.getresponse().read())["access_token"]


def _nothing(port: int) -> bytes:
    return f"GET /dci/v1/.well-known/jwks.json HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def _search(port: int, asking: Partner, numbers: Sequence[str]) -> bytes:
    """Return a whole request, signed now."""
    body = json.dumps(asking.envelope(searching(*map(by_number, numbers)), receiver_id=US)).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {asking.program.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Asked:
    """What came back: the bodies, how long each was waited for, and how long all took together."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.waits: list[float] = []
        self.seconds = 0.0


def asked(port: int, requests: Sequence[bytes], at_once: int) -> Asked:
    """Send requests over some connections that stay open, each as soon as the one before it was answered."""
    found = Asked()
    waiting = iter(requests)
    lock = threading.Lock()

    def one() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as door:
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    request = next(waiting, None)
                if request is None:
                    return
                begun = time.perf_counter()
                door.sendall(request)
                body = _answer(door)
                found.waits.append(time.perf_counter() - begun)
                found.bodies.append(body)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(at_once)]
    begun = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found.seconds = time.perf_counter() - begun
    if len(found.bodies) != len(requests):
        raise RuntimeError(f"{len(requests) - len(found.bodies)} of {len(requests)} requests were not answered")
    return found


def _answer(door: socket.socket) -> bytes:
    """Read one answer of HTTP/1.1 whose length is said."""
    got = bytearray()
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += _some(door)
    head = bytes(got[:end]).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(got) < end + 4 + length:
        got += _some(door)
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(bytes(got[: end + 4 + min(length, 500)]))
    return bytes(got[end + 4 :])


def _some(door: socket.socket) -> bytes:
    if piece := door.recv(1 << 20):
        return piece
    raise RuntimeError("the server closed a connection")


def known_of(port: int, asking: Partner, numbers: Sequence[str]) -> tuple[list[str], int]:
    """Return the numbers that somebody holds (some of a census lie in quarantine), and how many messages that took."""
    batches = [numbers[place : place + BATCH] for place in range(0, len(numbers), BATCH)]
    known = []
    for each in batches:
        [body] = asked(port, [_search(port, asking, each)], 1).bodies
        parts = json.loads(body)["message"]["search_response"]
        known += [number for number, part in zip(each, parts, strict=True) if part["data"]["reg_records"]]
    return known, len(batches)


def expect_answered(bodies: Sequence[bytes], records: Sequence[int]) -> None:
    """Stop unless each answer is signed by us and holds so many records, each with the number that was asked for."""
    keys = [message_key().as_dict(private=False)]
    for body, many in zip(bodies, records, strict=True):
        told = json.loads(body)
        signed = {"header": told["header"], "message": told["message"]}
        sent_at = clock.now()
        expect_signed(told["signature"], signed, profile=Profile.HTTP, sender=US, keys=keys, now=sent_at)
        parts = told["message"]["search_response"]
        if len(parts) != many or any(len(each["data"]["reg_records"]) != 1 for each in parts):
            raise RuntimeError("an answer does not hold what was asked for")


def expect_kept(messages: int) -> None:
    """Stop unless each message was kept with its answer, and each page was written down and counted."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE raw IS NOT NULL), count(*) FROM trust_keptmessage")
        kept = cursor.fetchone()
        cursor.execute("SELECT event, count(*) FROM trust_audit WHERE event = ANY (%s) GROUP BY 1", [EVENTS])
        lines = dict(cursor.fetchall())
        cursor.execute("SELECT sum(pages) FROM trust_exchange")
        (pages,) = cursor.fetchone()
    if kept != (messages, 2 * messages) or set(lines.values()) != {messages} or pages != messages:
        raise RuntimeError(f"not everything was kept: {messages} messages, {kept}, {lines}, {pages}")


EVENTS = ["message-received", "records-exchanged", "message-sent"]


def _share(waits: Sequence[float], share: float) -> float:
    return statistics.quantiles(waits, n=1000, method="inclusive")[round(share * 1000) - 1]
