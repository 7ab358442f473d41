"""Identifiers are held against their scheme over a whole column; a wrong one never costs the person their place (ID-4)."""

from dataclasses import replace
from random import Random

import duckdb
import pyarrow as pa
import pytest

from amparo.intake.config import mapping
from amparo.intake.validation.check_digits import unsound
from amparo.registry.schemes import CheckDigit, Scheme, Unsound, is_sound, normalised_identifier
from tests.unit.intake.delivering import deliver
from tests.unit.intake.drawn import DICTIONARY, TWO_FILES
from tests.unit.intake.test_validation import HOUSEHOLDS, PERSONS
from tests.unit.registry.test_schemes import CHECKED

WRITTEN = [
    "529.982.247-25", " 7992 7398 713", "12.345.678-5", "10000013-k", "١٠٠٠٠٠٠٠١٤٦", "१००००००0146", "10000000146", "2363",
    "", "-", "K", "KK", "1K2", "１２３４５６７８５", "11111111111", "00000000000", "9" * 40, "½2345678",
]  # fmt: skip


@pytest.mark.parametrize("scheme", [*CHECKED, Scheme("card", 9)], ids=lambda each: each.scheme)
def test_the_column_says_what_each_number_says(scheme):
    random = Random(11)
    sizes = [random.randint(scheme.least, scheme.digits) for _ in range(20_000)]
    numbers = WRITTEN + ["".join(random.choice("0123456789") for _ in range(size)) for size in sizes]
    asked = pa.table({"text": pa.array([*numbers, None])})  # noqa: F841 (DuckDB finds it by name)
    found = {text for (text,) in duckdb.sql(unsound(scheme, "asked", "text")).fetchall()}
    expected = {each for each in numbers if not is_sound(scheme, normalised_identifier(each))}
    assert found == expected
    assert len(expected) < len(set(numbers))


def census(unsound: Unsound):
    import tomllib

    scheme = Scheme("national_id", 2, CheckDigit.LUHN, unsound=unsound)
    words = replace(DICTIONARY, schemes=(scheme,), _by_key={})
    return mapping(tomllib.loads(TWO_FILES), words, "drawn")


# 18 passes Luhn's check, 12 does not.
SAID = {"households.csv": HOUSEHOLDS, "persons.csv": PERSONS.replace("| 11", "| 18")}


def test_a_person_with_a_wrong_number_is_taken_in_and_the_receipt_says_so(tmp_path):
    found = deliver(tmp_path, census(Unsound.MARK), SAID)
    assert found.quarantined == []
    assert found.receipt["warnings"] == [
        {"rule": "intake-identifier-unsound", "rows": 1, "file": "persons.csv", "line": 4, "field": "national_id"}
    ]


def test_where_the_profile_says_so_the_row_waits(tmp_path):
    assert deliver(tmp_path, census(Unsound.QUARANTINE), SAID).quarantined == [
        ("households.csv", 3, ["household-held"]),
        ("persons.csv", 4, ["identifier-unsound:national_id"]),
    ]


def test_a_scheme_the_country_does_not_name_asks_nothing(tmp_path):
    assert deliver(tmp_path, TWO_FILES, SAID).receipt["warnings"] == []
