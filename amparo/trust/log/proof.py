"""The proof of the audit log: what a leaf, a tree and a seal are, and whether rows hold to their seals.

Imports nothing of Amparo and asks no database, so that whoever does not trust either can run it on what was exported:
`python proof.py ROWS SEALS PUBLIC-KEYS [CUSTODIAN]` prints what it found as JSON, and ends with 1 where anything is wrong.

Shape   a row is one line of PostgreSQL's COPY in text form, columns in the order of COLUMNS, times in UTC; rows are
        ordered by place and id. A seal is one JSON object a line. Faults come out in the order of the log
Nulls   \\N, which COPY never writes for a text: null and empty are told apart
Errors  a line that cannot be read is a fault, not an error
Source  RFC 9162, section 2.1.1 (the tree); RFC 8032 (Ed25519); FIPS 180-4 (SHA-256)
"""

import json
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, field, fields
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORM = 1
COLUMNS = (
    *("place", "id", "at", "written_at", "event", "by_id", "by_kind", "permission", "purpose", "agreement"),
    *("about_kind", "about_id", "area_number", "details"),
)
WRITTEN_AT = COLUMNS.index("written_at")
HASH_BYTES = 32
NOTHING = "00" * HASH_BYTES  # what the first seal names as the one before it
MOST_FAULTS = 100

Key = tuple[int, str]  # place and id: where a row stands in the log
BEFORE_ALL: Key = (-1, "")


@dataclass(frozen=True)
class Seal:
    """One batch of rows, from the first to the last by place and id: their tree's root, chained and signed.

    `previous` is the hash of the seal before. Hashes, keys and signatures are in hexadecimal, times as PostgreSQL
    writes them in UTC; `first_at` and `last_at` are the earliest and the latest time that a row names.
    """

    form: int
    number: int
    previous: str
    count: int
    first_place: int
    first_id: str
    last_place: int
    last_id: str
    first_at: str
    last_at: str
    root: str
    sealed_at: str
    key: str
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        said = asdict(self)
        del said["signature"]
        return b"amparo audit seal\n" + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        return sha256(self.statement).hexdigest()

    @property
    def line(self) -> str:
        """The seal as the custodian keeps it."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @property
    def first(self) -> Key:
        return self.first_place, self.first_id

    @property
    def last(self) -> Key:
        return self.last_place, self.last_id


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold: in which seal, and the row where it is known, by id or by its position from 1."""

    kind: str
    seal: int | None = None
    row: str = ""
    position: int | None = None


@dataclass
class Proof:
    """What was looked at, and what is wrong with it: `faults` are the first, `wrong` is how many there are."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    oldest_unsealed: str = ""
    custodian_seals: int = 0
    wrong: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, found: Iterable[Fault]) -> None:
        for each in found:
            self.wrong += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(each)


def leaf(line: bytes) -> bytes:
    """Return the hash of one row."""
    return sha256(b"\0" + line).digest()


def root(leaves: list[bytes]) -> bytes:
    """Return the hash at the root of the tree over these leaves; of none, the hash of nothing."""
    level = leaves or [sha256(b"").digest()]
    while len(level) > 1:
        above = [sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = above + level[-1:] if len(level) % 2 else above
    return level[0]


def key_of(line: bytes) -> Key:
    """Return where a row stands; a line that is no row stands before all others, so that some seal must account for it."""
    try:
        place, id, _ = line.split(b"\t", 2)
        return int(place), id.decode()
    except ValueError:
        return BEFORE_ALL


def key_id(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def public_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """Return id → key of every Ed25519 key in a file. A file without any gives none, and then no seal holds."""
    blocks = re.findall(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", pem, re.S)
    found = [load_pem_public_key(each) for each in blocks]
    return {key_id(each): each for each in found if isinstance(each, Ed25519PublicKey)}


def is_signed(seal: Seal, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether one of these keys signed what the seal says. A key nobody vouches for signs nothing."""
    try:
        keys[seal.key].verify(bytes.fromhex(seal.signature), seal.statement)
    except (KeyError, ValueError, InvalidSignature):
        return False
    return True


def read_seal(line: str | bytes) -> Seal | None:
    """Return the seal in a line; None where it cannot be read."""
    try:
        said = json.loads(line)
        seal = Seal(**{each.name: said[each.name] for each in fields(Seal)})
    except (ValueError, KeyError, TypeError):
        return None
    return seal if all(type(each) in (int, str) for each in astuple(seal)) else None


class Rows:
    """Rows in order, taken seal by seal."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._held: deque[bytes] = deque()

    def of(self, seal: Seal) -> list[bytes]:
        """Return the rows up to a seal's last one, however many; none of them is given out again."""
        taken = list(islice(self if self._held else self._lines, seal.count))
        if len(taken) == seal.count and key_of(taken[-1]) == seal.last:
            return taken
        self._held.extendleft(reversed(taken))
        return list(self.until(seal.last))

    def until(self, last: Key) -> Iterator[bytes]:
        for line in self:
            if key_of(line) > last:
                self._held.appendleft(line)
                return
            yield line

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._held.popleft() if self._held else next(self._lines)


def verify(
    lines: Iterable[bytes],
    seals: Iterable[Seal | None],
    keys: Mapping[str, Ed25519PublicKey],
    *,
    leaves_of: Callable[[int], bytes],
    custodian: Iterable[Seal | None] = (),
    late: str = "",
) -> Proof:
    """Hold every row to its seal, every seal to the one before it and to its signature, and all to the custodian's.

    `leaves_of` gives the leaves kept of a seal, which only help to name a row: they are believed where their root is
    the signed one. A row that stands in no seal and was written before `late` is a fault.
    """
    proof, rows, kept = Proof(), Rows(lines), _Kept(custodian, keys)
    before: Seal | None = None
    for seal in seals:
        proof.seals += 1
        if seal is None:
            proof.add([Fault("seal-unreadable", (before.number if before else 0) + 1)])
            continue
        proof.add(_chain_faults(seal, before, keys))
        proof.add(kept.faults_of(seal))
        if is_signed(seal, keys):
            taken = rows.of(seal)
            proof.rows += len(taken)
            proof.add(_row_faults(seal, taken, leaves_of))
        else:  # what it says of itself cannot be believed: its rows are passed over, not gathered
            proof.rows += sum(1 for _ in rows.until(seal.last))
        before = seal
    proof.add(kept.faults_after(before))
    proof.custodian_seals = kept.count
    _count_unsealed(proof, rows, before, late)
    return proof


def _chain_faults(seal: Seal, before: Seal | None, keys: Mapping[str, Ed25519PublicKey]) -> Iterator[Fault]:
    number, hash, last = (before.number, before.hash, before.last) if before else (0, NOTHING, BEFORE_ALL)
    if seal.number != number + 1:
        yield Fault("seal-missing", number + 1)
    elif seal.previous != hash:
        yield Fault("chain-broken", seal.number)
    if seal.key not in keys:
        yield Fault("key-unknown", seal.number)
    elif seal.form != FORM or not is_signed(seal, keys):
        yield Fault("seal-altered", seal.number)
    elif not last < seal.first <= seal.last:
        yield Fault("seal-out-of-order", seal.number)


def _row_faults(seal: Seal, lines: list[bytes], leaves_of: Callable[[int], bytes]) -> Iterator[Fault]:
    leaves = [leaf(each) for each in lines]
    if len(leaves) != seal.count or root(leaves).hex() != seal.root:
        kept = leaves_of(seal.number)
        sealed = [kept[i : i + HASH_BYTES] for i in range(0, len(kept), HASH_BYTES)]
        if len(sealed) != seal.count or root(sealed).hex() != seal.root:
            yield Fault("rows-differ", seal.number)
        else:
            yield _first_difference(seal, lines, leaves, sealed)


def _first_difference(seal: Seal, lines: list[bytes], leaves: list[bytes], sealed: list[bytes]) -> Fault:
    """Name the first row that is not as it was sealed."""
    at = next((i for i, pair in enumerate(zip(leaves, sealed, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(leaves), len(sealed)) if at is None else at
    is_known = at < len(leaves) and leaves[at] in set(sealed)
    is_there = at < len(sealed) and sealed[at] in set(leaves)
    if at >= len(leaves) or (is_known and not is_there):
        ends = {0: seal.first_id, seal.count - 1: seal.last_id}
        return Fault("row-missing", seal.number, ends.get(at, ""), at + 1)
    kind = "row-added" if at >= len(sealed) or (is_there and not is_known) else "row-altered"
    return Fault(kind, seal.number, key_of(lines[at])[1], at + 1)


class _Kept:
    """The custodian's copies of the seals, followed beside the log's own."""

    def __init__(self, copies: Iterable[Seal | None], keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._copies = iter(copies)
        self._keys = keys
        self._next: Seal | None = None
        self._found: list[Fault] = []
        self.count = 0
        self._advance()
        self._first = self._next.number if self._next else None

    def _advance(self) -> None:
        """Go to the next copy that can be believed and comes after the one before."""
        last = self._next.number if self._next else 0
        for copy in self._copies:
            self.count += 1
            if copy is None or not is_signed(copy, self._keys):
                self._found.append(Fault("custodian-altered", copy.number if copy else None))
            elif copy.number <= last:
                self._found.append(Fault("custodian-forked", copy.number))
            else:
                self._next = copy
                return
        self._next = None

    def faults_of(self, seal: Seal) -> Iterator[Fault]:
        """What the copies say against a seal; those of seals that are missing are told by the chain."""
        while self._next and self._next.number < seal.number:
            self._advance()
        if self._next and self._next.number == seal.number:
            if self._next.statement != seal.statement:
                yield Fault("custodian-differs", seal.number)
            self._advance()
        elif self._next and self._first is not None and seal.number > self._first:
            yield Fault("custodian-lacks", seal.number)
        yield from self._told()

    def faults_after(self, last: Seal | None) -> Iterator[Fault]:
        """The first seal that the custodian has and the log has lost."""
        if self._next and self._next.number > (last.number if last else 0):
            yield Fault("seal-lost", self._next.number, self._next.first_id)
        while self._next:
            self._advance()
        yield from self._told()

    def _told(self) -> Iterator[Fault]:
        yield from self._found
        self._found = []


def _count_unsealed(proof: Proof, rows: Rows, last: Seal | None, late: str) -> None:
    first = ""
    for line in rows:
        if last and key_of(line) <= last.last:
            proof.add([Fault("row-added", last.number, key_of(line)[1])])
            continue
        written_at = line.split(b"\t", WRITTEN_AT + 1)[WRITTEN_AT].decode()
        proof.unsealed += 1
        if not first or written_at < proof.oldest_unsealed:
            first, proof.oldest_unsealed = key_of(line)[1], written_at
    if first and proof.oldest_unsealed < late:
        proof.add([Fault("row-unsealed", None, first)])


def main(arguments: list[str]) -> int:
    """Verify what was exported; print one JSON object and return the exit status."""
    rows, seals, keys, *custodian = map(Path, arguments)
    with rows.open("rb") as lines, seals.open("rb") as given:
        exported = [json.loads(each) for each in chain(given)]
        kept = {each.get("number"): bytes.fromhex(each.get("leaves", "")) for each in exported}
        copies = chain.from_iterable(each.read_text().splitlines() for each in custodian)
        proof = verify(
            (each.rstrip(b"\n") for each in lines),
            (read_seal(json.dumps(each)) for each in exported),
            public_keys(keys.read_bytes()),
            leaves_of=lambda number: kept.get(number, b""),
            custodian=map(read_seal, copies),
        )
    sys.stdout.write(json.dumps(asdict(proof)) + "\n")
    return 1 if proof.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
