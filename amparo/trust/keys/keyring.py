"""Which master keys there are and what each is for, as the database has it; and the count of what each has sealed.

The database knows the keys' numbers, never the keys. A sealed value names its key in a column that refers to `trust_key`,
so that the database itself lets no key go while a value rests on it, and takes in none that was let go.
Source  NIST SP 800-38D, 8.3: a key with random nonces of 96 bits seals no more than 2^32 times
Errors  Refused when the key in use has sealed so often: a new one must be added first
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import DataError, connections

from amparo.kernel.errors import Refused
from amparo.trust.keys.encryption import Key, Suite

# The kind of advisory lock that whoever compares by blind index holds shared, and the turn to another key alone.
TURN = 7268


@dataclass(frozen=True)
class Keyring:
    """What the master keys are for.

    `sealing`   seals what is written now
    `blinding`  makes the blind indexes that people are found by; they stand in the `spare` columns if `is_spare`
    `filling`   makes those that are written into the other columns meanwhile, to take their place; None: nothing is
    `emptying`  made those that stand in the other columns and have had their time; None: these are empty
    """

    sealing: Key
    blinding: int
    filling: int | None
    emptying: int | None
    is_spare: bool

    @property
    def blind_keys(self) -> list[int]:
        """The keys by which an index may have to be known until the next look at the ring."""
        return [self.blinding, *([self.filling] if self.filling else [])]


@dataclass(frozen=True)
class Held:
    """One key that values may rest on. `uses`: how often it has sealed, of 2^32; more than there are rows."""

    number: int
    suite: Suite
    made_at: datetime
    uses: int
    is_sealing: bool
    is_blinding: bool


def keys(*, using: str) -> list[Held]:
    """Return the keys that were not let go, the oldest first."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT k.number, k.suite, k.made_at, amparo_key_uses(k.number), k.number = r.sealing,"
            " k.number = r.blinding OR k.number IS NOT DISTINCT FROM r.filling FROM trust_key k, trust_keyring r ORDER BY k.number"
        )
        return [Held(number, Suite(suite), *rest) for number, suite, *rest in cursor.fetchall()]


def keyring(*, using: str = "default") -> Keyring:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT r.sealing, k.suite, r.blinding, r.filling, r.emptying, r.is_spare"
            " FROM trust_keyring r JOIN trust_key k ON k.number = r.sealing"
        )
        sealing, suite, *rest = cursor.fetchone()
        return Keyring(Key(sealing, Suite(suite)), *rest)


def sealing(uses: int = 1, *, using: str = "default") -> Key:
    """Return the key to seal with, and count its uses. What is rolled back stays counted: its nonces were drawn."""
    try:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT number, suite FROM amparo_use_key(%s)", [uses])
            number, suite = cursor.fetchone()
            return Key(number, Suite(suite))
    except DataError:  # the sequence that counts came to its end
        raise Refused("trust-key-used-up") from None
