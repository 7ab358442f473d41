"""A counterpart for payments that go by themselves: whoever pays, as a real server of G2P Connect 1.0.0 on a free port of this machine.

It holds messages to the standard's words and pays each reference once, whatever comes again. `does` lets a test choose what becomes
of a call; `says` what is told of a payment. It notes everything it was handed.
"""

import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum

from tests.lib.gateways import HERE

SECRET = "s3cret-of-who-pays"
_ADDRESS = re.compile(r"[a-zA-Z0-9.-]+:[a-zA-Z0-9.-]+@[a-zA-Z0-9.-]+")
_AMOUNT = re.compile(r"\d{1,13}\.\d{1,2}")
_MEMBERS = {
    *("reference_id", "payer_fa", "payee_fa", "amount", "scheduled_timestamp", "payer_name", "payee_name", "note"),
    *("purpose", "instruction", "meta", "currency_code", "locale"),
}
_HEADER = {"message_id", "message_ts", "action", "sender_id", "total_count"}


class Does(StrEnum):
    """What becomes of a call."""

    TAKES = "takes"
    FAILS = "fails"  # 500, and nothing is taken
    ERRS = "errs"  # refused by the standard's own word
    BABBLES = "babbles"  # taken, and answered with what is no JSON
    CUTS_AFTER = "cuts-after"  # taken, and the line is cut before an answer
    CUTS_BEFORE = "cuts-before"
    HANGS = "hangs"


class Payer:
    """`paid`: reference → how often money went out; `handed`: transaction → bodies of messages, as often as they came."""

    def __init__(self) -> None:
        self.paid: Counter[str] = Counter()
        self.amounts: dict[str, str] = {}
        self.handed: dict[str, list[dict]] = {}
        self.envelopes: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.does: Callable[[str, int], Does] = lambda path, number: Does.TAKES
        self.says: Callable[[str], dict] = lambda reference: {"status": "succ"}
        self.unknown = "rjct.srch_transaction_id.not_found"  # by what it says that it does not have something
        self.also: list[dict] = []  # told beside, of whatever was asked
        self.during: Callable[[], None] = lambda: None  # while an answer is awaited
        self.calls = 0
        self.lock = threading.Lock()
        self.socket = socket.create_server((HERE, 0))
        self.address = f"http://{HERE}:{self.socket.getsockname()[1]}/v1.0.0"

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as reader, suppress(OSError):
            path = reader.readline().split()[1].decode().removeprefix("/v1.0.0")
            headers = {}
            while (each := reader.readline().strip()) != b"":
                name, _, value = each.decode().partition(": ")
                headers[name.lower()] = value
            said = json.loads(reader.read(int(headers["content-length"])))
            with self.lock:
                self.calls += 1
                does = self.does(path, self.calls)
                self.headers.append(headers)
            if does is Does.HANGS:
                line.settimeout(30)
                line.recv(1)
                return
            if does is Does.CUTS_BEFORE:
                return
            status, body = self._answered(path, headers, said, does)
            self.during()
            if does is not Does.CUTS_AFTER:
                line.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def _answered(self, path: str, headers: dict[str, str], said: dict, does: Does) -> tuple[int, bytes]:
        if does is Does.FAILS:
            return 500, b"oops"
        if headers.get("authorization") != f"Bearer {SECRET}":
            return 401, b'{"errors": [{"code": "err.request.unauthorized"}]}'
        if does is Does.ERRS:
            return 200, _receipt("ERR", error={"code": "err.request.bad", "message": "Yara Haddad is nobody"})
        with self.lock:
            status, body = (self._disburse if path == "/disburse" else self._status)(said)
        return (200, b"<html>thank you") if does is Does.BABBLES else (status, body)

    def _disburse(self, said: dict) -> tuple[int, bytes]:
        expect_sound(said)
        self.envelopes.append(said)
        message = said["message"]
        self.handed.setdefault(message["transaction_id"], []).append(message)
        for each in message["disbursements"]:
            if each["reference_id"] not in self.amounts:
                self.paid[each["reference_id"]] += 1
                self.amounts[each["reference_id"]] = each["amount"]
        return 200, _receipt("ACK", correlation_id=f"c-{len(self.handed)}")

    def _status(self, said: dict) -> tuple[int, bytes]:
        asked = said["message"]["txnstatus_request"]
        assert (said["header"]["action"], asked["txn_type"], asked["attribute_type"]) == (
            *("search", "disburse", "transaction_id"),
        )
        transaction = asked["attribute_value"]
        self.asked.append(transaction)
        header = {"message_id": "1", "message_ts": _now(), "action": "on-search", "status": "succ"}
        if transaction not in self.handed:
            header |= {"status": "rjct", "status_reason_code": self.unknown}
            return 200, json.dumps({"header": header}).encode()
        told = {"transaction_id": transaction, "correlation_id": "c-1"}
        found = {"txn_type": "on-disburse", "txn_status": self.response(transaction)}
        return 200, json.dumps({"header": header, "message": told | {"txnstatus_response": found}}).encode()

    def response(self, transaction: str) -> dict:
        """Return the standard's DisburseResponse about what was handed over under a transaction."""
        listed = [
            {
                "reference_id": each["reference_id"],
                "timestamp": "2026-11-24T09:00:00Z",
                "payee_name": each["payee_name"],
            }
            | self.says(each["reference_id"])
            for each in self.handed[transaction][0]["disbursements"]
        ]
        return {"transaction_id": transaction, "disbursements_status": listed + self.also}

    def callback(self, transaction: str) -> dict:
        """Return what it would send by itself about a transaction."""
        header = {"message_id": "2", "message_ts": _now(), "action": "on-disburse", "status": "succ"}
        return {"header": header, "message": self.response(transaction)}


def _now() -> str:
    return datetime.now().astimezone().isoformat()


def _receipt(status: str, **more: object) -> bytes:
    return json.dumps({"message": {"ack_status": status, "timestamp": _now(), "correlation_id": "", **more}}).encode()


def expect_sound(said: dict) -> None:
    """Hold a message to what the standard demands of `/disburse`."""
    header, message = said["header"], said["message"]
    assert header.keys() >= _HEADER
    assert header["action"] == "disburse"
    assert header["version"] == "1.0.0"
    assert datetime.fromisoformat(header["message_ts"]).tzinfo is not None
    assert header["total_count"] == len(message["disbursements"]) > 0
    assert 0 < len(message["transaction_id"]) <= 99
    for each in message["disbursements"]:
        assert {"reference_id", "payer_fa", "payee_fa", "amount"} <= each.keys() <= _MEMBERS
        assert all(isinstance(value, str) for value in each.values())
        assert _ADDRESS.fullmatch(each["payer_fa"])
        assert _ADDRESS.fullmatch(each["payee_fa"])
        assert _AMOUNT.fullmatch(each["amount"])
        assert len(each["note"]) <= 99
        assert re.fullmatch(r"[A-Z]{3}", each["currency_code"])
