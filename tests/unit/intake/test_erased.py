"""A delivery that names somebody who was erased is held back until a person decides (PRV-8), and brings back nobody unseen."""

import json
from datetime import timedelta

import pytest
from django.db import connections

from amparo.intake.letting_in import admit
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.trust.actions.erasures import install_schedules
from amparo.trust.context import acting
from amparo.trust.keeping import ledger, replaying, retention
from amparo.trust.types import Permission, system
from amparo.trust.types.parties import ScheduleConfig
from tests.lib import country
from tests.lib.erasing import WORKER, erased, rows
from tests.unit.intake.census import MAPPING, delivered

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger", "own_keys")
HOUSEHOLDS = "hh | area | rooms | income\n1  | n1   | 3     | 100\n2  | n1   | 2     | 90"
PERSONS = """
    hh | line | name  | sex    | born       | nid
    1  | 1    | Amina | female | 1980-02-03 | 4011
    1  | 2    | Bela  | male   | 2010-05-06 |
    2  | 1    | Karim | male   | 1950-01-01 | 4012
"""
# The same people as another source has them: its own keys, and the number of Amina's card written otherwise.
ELSEWHERE = PERSONS.replace("    1  |", "    71 |").replace("    2  |", "    72 |").replace("4011", "40-11")
HOMES_ELSEWHERE = HOUSEHOLDS.replace("1  |", "71 |").replace("2  |", "72 |")
TAX = MAPPING.replace('source = "census"', 'source = "tax"')
KEPT = ScheduleConfig("numbers", "erased-numbers", "", "erased", 730, "law")


def stated() -> None:
    install_schedules([KEPT], by=system("test"))


def came(folder, **given: str) -> dict:
    return delivered(folder, **{"households": HOUSEHOLDS, "persons": PERSONS} | given)


def person(name: str):
    return rows("SELECT person_id FROM registry_fact_person WHERE given_name = %s", [name])[0][0]


def known() -> set[str]:
    return {name for (name,) in rows("SELECT given_name FROM registry_fact_person")}


def held_back() -> list[tuple[int, list[str]]]:
    found = rows("SELECT position, reasons::text FROM intake_quarantine ORDER BY batch_id, position")
    return [(position, [each["id"] for each in json.loads(reasons)]) for position, reasons in found]


def of_erased() -> list[int]:
    return [position for position, reasons in held_back() if "intake-erased" in reasons]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"mapping": MAPPING, "persons": PERSONS.replace("Karim ", "Karima")}, "the key of the source's own record"),
        ({"mapping": TAX, "households": HOMES_ELSEWHERE, "persons": ELSEWHERE}, "a number, however it is written"),
    ],
)
def test_somebody_erased_is_held_back_with_their_household_and_others_are_taken_in(tmp_path, given, reason):
    stated()
    came(tmp_path / "a")
    erased(person("Amina"))
    came(tmp_path / "b", **given)
    assert len(of_erased()) == 1, reason
    assert len([each for _, reasons in held_back() if "intake-household-held" in reasons for each in reasons]) == 2
    assert known() == {"Bela", "Karim" if reason.startswith("a number") else "Karima"}


def test_nothing_is_kept_that_says_who_was_erased(tmp_path):
    stated()
    came(tmp_path)
    amina = person("Amina")
    erased(amina)
    kept = rows("SELECT r::text FROM registry_erased_number r")
    assert len(kept) == 2
    assert not any(each in str(kept) for each in ("4011", "Amina", str(amina), "1/1"))
    assert not any(each in ledger.ledger_file().read_text() for each in ("4011", "Amina", "1/1"))


def test_without_a_stated_time_nothing_is_kept_and_nobody_is_held_back(tmp_path):
    came(tmp_path / "a")
    erased(person("Amina"))
    came(tmp_path / "b", persons=PERSONS.replace("Karim ", "Karima"))
    assert rows("SELECT count(*) FROM registry_erased_number") == [(0,)]
    assert of_erased() == []


def test_what_is_kept_goes_on_its_day_and_not_before(tmp_path):
    stated()
    came(tmp_path)
    erased(person("Amina"))
    for days, left in ((730, 2), (731, 0)):
        retention.run(by=WORKER, on=clock.today() + timedelta(days=days))
        assert rows("SELECT count(*) FROM registry_erased_number") == [(left,)]


def test_a_restored_backup_knows_them_again_once_the_erasures_are_replayed(tmp_path):
    stated()
    came(tmp_path)
    erased(person("Amina"))
    before = rows("SELECT key, scheme, digest FROM registry_erased_number ORDER BY scheme")
    forget_as_a_backup()
    assert len(replaying.not_replayed()) == 1
    replaying.replay(by=WORKER)
    assert set(before) <= set(rows("SELECT key, scheme, digest FROM registry_erased_number"))


def forget_as_a_backup() -> None:
    """Let the database know of the erasure and its numbers no more, as a backup from before it would."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM registry_erased_number")
        cursor.execute("ALTER TABLE trust_erasure DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE trust_erasure NO FORCE ROW LEVEL SECURITY")
        cursor.execute("DELETE FROM trust_erasure")
        cursor.execute("ALTER TABLE trust_erasure ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE trust_erasure FORCE ROW LEVEL SECURITY")


def deciding(batch, position: int, *, by: str = "ines", ground: str = "Court order 12/2026") -> None:
    with acting(getattr(country.cast(), by).narrowed(Permission.READ_QUARANTINE)):
        admit(batch, position, ground=ground, by=getattr(country.cast(), by), under=country.GROUND)


def test_whoever_is_let_in_comes_with_the_next_delivery_as_somebody_new(tmp_path):
    stated()
    came(tmp_path / "a")
    amina = person("Amina")
    erased(amina)
    batch = came(tmp_path / "b", persons=PERSONS.replace("Karim ", "Karima"))["batch"]
    [position] = of_erased()
    with pytest.raises(Refused, match="trust-erasure-without-ground"):
        deciding(batch, position, ground=" ")
    other = next(at for at, reasons in held_back() if "intake-erased" not in reasons)
    with pytest.raises(Refused, match="intake-row-not-erased"):
        deciding(batch, other)
    with pytest.raises(NotFound):
        deciding(batch, position + 9_999)
    deciding(batch, position)
    with pytest.raises(Refused, match="intake-row-not-erased"):
        deciding(batch, position)
    [(details,)] = rows("SELECT details::text FROM trust_audit WHERE event = 'erased-let-in'")
    assert "4011" not in details
    came(tmp_path / "c", persons=PERSONS.replace("Karim ", "Karimb"))
    assert "Amina" in known()
    assert person("Amina") != amina


@pytest.mark.parametrize("name", ["amina", "bruno", "lina", "emre"])
def test_nobody_else_lets_anybody_in(tmp_path, name):
    stated()
    came(tmp_path / "a")
    erased(person("Amina"))
    batch = came(tmp_path / "b", persons=PERSONS.replace("Karim ", "Karima"))["batch"]
    [position] = of_erased()
    with pytest.raises(NotPermitted):
        admit(batch, position, ground="x", by=getattr(country.cast(), name), under=country.GROUND)
