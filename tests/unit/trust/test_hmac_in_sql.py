"""A column's HMACs are those of its values one by one, and the key is nowhere but in the connection's memory (E1, E5)."""

import hmac
import random

import duckdb
import pytest

from amparo.kernel.errors import Refused
from amparo.registry.contact_values import digest_in_sql, digests
from amparo.trust.keys.hmac_in_sql import hmac_sha256, holding

# A letter of many a script, what joins to the one before, what is written with two halves, and what SQL would read.
SIGNS = "aZ09 '\"\\%-+@.éßıİğşçΩЖЯאبپ٠۵हि०বাแ中あ한\u0301\u200d\U0001f9d1\U00020000\ufeff\x01\x7f"


def drawn(count: int = 3_000) -> list[str]:
    random_ = random.Random(5)
    return ["", *("".join(random_.choices(SIGNS, k=random_.randint(1, 90))) for _ in range(count))]


def of_column(expression: str, texts: list[str], key: bytes) -> list[str]:
    with duckdb.connect() as db, holding(db, key):
        return [
            got for (got,) in db.execute(f"SELECT {expression} FROM (SELECT unnest(?) AS text)", [texts]).fetchall()
        ]


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64])
def test_a_column_has_the_digests_of_its_values(size):
    key, texts = random.Random(size).randbytes(size), drawn()
    expected = [hmac.digest(key, each.encode(), "sha256").hex() for each in texts]
    assert of_column(hmac_sha256("encode(text)"), texts, key) == expected


def test_values_of_contact_have_in_sql_the_digests_that_they_have_one_by_one():
    key, texts = random.Random(9).randbytes(32), drawn()
    assert of_column(digest_in_sql("phone", "text"), texts, key) == digests("phone", texts, key=key)


def test_a_longer_key_is_refused_and_without_one_there_is_no_digest():
    with duckdb.connect() as db:
        with pytest.raises(ValueError), holding(db, bytes(65)):
            raise AssertionError("never held")
        with pytest.raises(Refused), holding(db, b"key"):
            raise Refused("intake-stopped")  # whatever goes wrong, the key is let go
        assert db.execute(f"SELECT {hmac_sha256('encode(' + repr('x') + ')')}").fetchall() == [(None,)]


def test_the_key_is_in_no_file(tmp_path):
    key = random.Random(3).randbytes(32)
    with duckdb.connect(tmp_path / "batch.duckdb") as db, holding(db, key):
        db.execute(
            f"CREATE TABLE made AS SELECT text, {hmac_sha256('encode(text)')} AS digest FROM (SELECT unnest(?) AS text)",
            [drawn()],
        )
        db.execute("CHECKPOINT")
    padded = [bytes(each ^ pad for each in key) for pad in (0, 0x36, 0x5C)]
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert not any(each in content or each.hex().encode() in content for each in padded)
