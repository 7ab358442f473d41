"""Erasing somebody: four eyes, grounds, holds; by a role that can only take away; whole or not at all, and once."""

import json
import threading
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.utils import ProgrammingError

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry.actions import move, observe
from amparo.registry.queries import facts_of
from amparo.trust.actions.erasures import dismiss_erasure, end_hold, place_hold
from amparo.trust.context import acting
from amparo.trust.keeping import erasable, erasing, ledger
from amparo.trust.models import Erasure, Hold
from amparo.trust.types import FieldClass, Permission
from tests.lib import country
from tests.lib.erasing import GROUND, REFERENCE, WORKER, confirmed, erased, people, proposed, rows

pytestmark = pytest.mark.usefixtures("fresh_database", "own_ledger")


def home(area="n1", names=("Yara", "Omar")):
    return country.household(
        area, *[{"given_name": name, "sex": "female", "birth_date": date(1980, 2, 3)} for name in names], income=5_000
    )


def known(person) -> dict:
    with acting(country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)):
        return facts_of("person", [person], classes=FieldClass).get(person, {})


def test_somebody_is_unknown_afterwards_and_who_lives_with_them_is_as_before():
    yara, omar = people(home())
    before = known(omar)
    erased(yara)
    assert known(yara) == {}
    assert known(omar) == before
    assert rows("SELECT tombstone FROM registry_observation o JOIN registry_subjectlink l USING (subject_id)"
                " WHERE l.entity_id = %s", [yara]) == [(json.dumps({"on": clock.today().isoformat(), "ground": f"{GROUND} ({REFERENCE})"}),)]  # fmt: skip
    assert len(rows("SELECT 1 FROM registry_membership WHERE person_id = %s AND ends_on IS NULL", [yara])) == 1


def test_nothing_is_said_of_somebody_erased_any_more():
    here = home()
    yara, omar = people(here)
    erased(yara)
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        told = {"values": {}, "source": "office", "by": by, "on": country.DAY, "under": country.GROUND}
        with pytest.raises(Refused, match="registry-erased"):
            observe(here, members={yara: {"sex": "male"}}, **told)
        observe(here, members={omar: {"sex": "male"}}, **told)


def test_an_officer_who_is_writing_is_waited_for_and_one_who_comes_later_is_refused():
    """Else what they write down would stand there after the erasure."""
    here = home()
    yara, _ = people(here)
    id = confirmed(proposed(yara))
    begun, written, refused = threading.Event(), threading.Event(), []

    def officer() -> None:
        told = {"source": "office", "on": country.DAY, "under": country.GROUND, "values": {}}
        try:
            with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
                observe(here, members={yara: {"family_name": "Late"}}, by=by, **told)
                begun.set()
                written.wait(5)
            with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
                observe(here, members={yara: {"family_name": "Later"}}, by=by, **told)
        except Refused as error:
            refused.append(error.message.id)
        finally:
            connections.close_all()

    working = threading.Thread(target=officer)
    working.start()
    begun.wait(5)
    threading.Timer(0.5, written.set).start()
    erasing.erase(id, by=WORKER)
    working.join(10)
    assert refused in ([], ["registry-erased"])  # whichever of the two came first after the officer's first words
    assert rows("SELECT 1 FROM registry_observation WHERE \"values\" ->> 'family_name' LIKE 'Late%%'", []) == []
    assert known(yara) == {}


def test_the_household_goes_with_the_last_who_lives_in_it():
    here = home()
    for number, person in enumerate(people(here)):
        [(ended,)] = rows("SELECT erased_on FROM registry_household WHERE id = %s", [here])
        assert (number, ended) == (number, None)
        erased(person)
    [(ended, income)] = rows(
        "SELECT h.erased_on, f.income FROM registry_household h LEFT JOIN registry_fact_household f ON f.household_id = h.id"
        " WHERE h.id = %s",
        [here],
    )
    assert (ended, income) == (clock.today(), None)
    assert rows("SELECT 1 FROM registry_membership WHERE household_id = %s", [here]) == []


def test_an_old_number_leads_nowhere():
    (yara,) = people(home(names=("Yara",)))
    before = rows("SELECT number FROM registry_person WHERE id = %s", [yara])
    erased(yara)
    assert rows("SELECT number FROM registry_person WHERE id = %s", [yara]) != before


def test_a_record_that_was_linked_to_somebody_else_since_is_theirs():
    yara, omar = people(home())
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_subjectlink SET ends_at = now() WHERE entity_id IN (%s, %s)", [yara, omar])
        cursor.execute(
            "INSERT INTO registry_subjectlink (subject_id, entity_id, starts_at, ground, made_by, area_number)"
            " SELECT subject_id, %s, now(), 'officer', made_by, area_number FROM registry_subjectlink WHERE entity_id = %s",
            [omar, yara],
        )
    erased(yara)
    told = rows(
        "SELECT \"values\" ->> 'given_name' FROM registry_observation WHERE subject_id IN"
        " (SELECT subject_id FROM registry_subjectlink WHERE entity_id = %s) AND grain = 'person'",
        [omar],
    )
    assert sorted(told) == [("Omar",), ("Yara",)]


def test_it_takes_two_and_neither_may_be_the_same():
    (yara,) = people(home(names=("Yara",)))
    id = proposed(yara)
    with pytest.raises(Refused, match="trust-erasure-not-confirmed"):
        erasing.erase(id, by=WORKER)
    with pytest.raises(NotPermitted):
        confirmed(id, by="ines")
    with pytest.raises(NotPermitted):
        proposed(yara, by="lina")
    # Whatever the program says: the database refuses one person for both.
    with (
        pytest.raises(DatabaseError, match="one human being"),
        acting(country.cast().lina.narrowed(Permission.CONFIRM_ERASURE)),
    ):
        Erasure.objects.filter(id=id).update(
            state="confirmed", confirmed_by=country.cast().ines.id, confirmed_at=clock.now()
        )
    assert known(yara)


def test_a_proposal_is_answered_once_and_a_dismissed_one_erases_nobody():
    (yara,) = people(home(names=("Yara",)))
    id = proposed(yara)
    with pytest.raises(Refused, match="trust-erasure-open"):
        proposed(yara)
    with acting(country.cast().lina.narrowed(Permission.CONFIRM_ERASURE)) as by:
        dismiss_erasure(id, by=by)
    with pytest.raises(Refused, match="trust-erasure-not-proposed"):
        confirmed(id)
    with pytest.raises(Refused, match="trust-erasure-not-confirmed"):
        erasing.erase(id, by=WORKER)
    assert known(yara)


def test_nobody_proposes_outside_their_areas_or_without_a_ground():
    (yara,) = people(home("s1", ("Yara",)))
    for ground, reference in (("", REFERENCE), (GROUND, " ")):
        with pytest.raises(Refused, match="trust-erasure-without-ground"):
            proposed(yara, ground=ground, reference=reference)
    with pytest.raises(NotPermitted):
        proposed(yara, by="amina")  # an officer proposes nobody


@pytest.mark.parametrize("until", [None, 3])
def test_who_is_held_is_refused_until_the_hold_has_ended(until):
    (yara,) = people(home(names=("Yara",)))
    id = proposed(yara)
    day = until and clock.today() + timedelta(days=until)
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        hold = place_hold(yara, reason="investigation 7", until=day, by=by, under=country.GROUND)
    with pytest.raises(Refused, match="trust-erasure-held"):
        confirmed(id)
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        end_hold(hold, by=by, under=country.GROUND)
        with pytest.raises(NotFound):
            end_hold(hold, by=by, under=country.GROUND)
    erasing.erase(confirmed(id), by=WORKER)
    assert known(yara) == {}
    assert Hold.objects.using("bulk").count() == 1


def test_who_is_held_after_the_confirmation_is_not_erased():
    (yara,) = people(home(names=("Yara",)))
    id = confirmed(proposed(yara))
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        place_hold(yara, reason="court", until=None, by=by, under=country.GROUND)
    with pytest.raises(Refused, match="trust-erasure-held"):
        erasing.erase(id, by=WORKER)
    assert known(yara)


def test_it_is_done_whole_or_not_at_all_and_once(monkeypatch):
    (yara,) = people(home(names=("Yara",)))
    id = confirmed(proposed(yara))
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "certify", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            erasing.erase(id, by=WORKER)
    assert known(yara)
    assert list(ledger.entries()) == []
    first = erasing.erase(id, by=WORKER)
    again = erasing.erase(id, by=WORKER)
    assert (again.digest, again.done_at) == (first.digest, first.done_at)
    assert [each.persons for each in ledger.entries()] == [(yara,)]


def test_nothing_is_erased_where_the_ledger_cannot_be_written(monkeypatch, tmp_path):
    (yara,) = people(home(names=("Yara",)))
    id = confirmed(proposed(yara))
    monkeypatch.setattr(settings, "ERASURE_LEDGER", tmp_path)  # a folder
    with pytest.raises(Refused, match="trust-ledger-unwritable"):
        erasing.erase(id, by=WORKER)
    assert known(yara)


def test_nothing_is_certified_where_nobody_said_what_there_is_to_erase(monkeypatch):
    (yara,) = people(home(names=("Yara",)))
    id = confirmed(proposed(yara))
    monkeypatch.setattr(erasable, "_wired", [])
    with pytest.raises(Refused, match="trust-erasing-not-wired"):
        erasing.erase(id, by=WORKER)
    assert known(yara)


def test_a_certificate_counts_and_names_nobody():
    yara, _ = people(home())
    row = erased(yara)
    told = {each["place"]: each["erased"] for each in row.certificate["places"]}
    assert (told["registry_observation"], told["registry_person"], told["registry_fact_"]) == (1, 1, 1)
    assert erasing.digest(row.certificate) == row.digest
    plain = json.dumps(row.certificate)
    assert str(yara) not in plain
    assert "Yara" not in plain
    [(sealed,)] = rows("SELECT details ->> 'digest' FROM trust_audit WHERE event = 'person-erased'")
    assert sealed == row.digest


def test_the_eraser_can_do_nothing_else():
    (yara,) = people(home(names=("Yara",)))
    refused = (
        "UPDATE registry_person SET area_number = 0",
        "UPDATE registry_observation SET \"values\" = '{}'",
        "INSERT INTO registry_person (id, area_id, area_number, created_at) VALUES (gen_random_uuid(), 1, 1, now())",
        "DELETE FROM registry_person",
        "DELETE FROM registry_observation",
        "DELETE FROM trust_audit",
        "UPDATE trust_audit SET about_id = ''",
        "DELETE FROM programmes_decision",
        "UPDATE programmes_decision SET outcome = NULL",
        "UPDATE registry_identifier SET value = ''",
        "UPDATE trust_erasure SET ground = 'other'",
        "UPDATE trust_account SET username = 'x'",
        "SELECT * FROM trust_account",
    )
    for statement in refused:
        with pytest.raises(ProgrammingError, match=r"never changed|denied"), erasing.eraser() as cursor:
            cursor.execute(statement)
    assert known(yara)


def test_an_observation_loses_only_the_fields_its_tombstone_names_and_no_two_erasures_forget_the_first():
    (yara,) = people(home(names=("Yara",)))
    [(subject,)] = rows("SELECT subject_id FROM registry_subjectlink WHERE entity_id = %s", [yara])
    statement = 'UPDATE registry_observation SET "values" = "values" - %s::text[], tombstone = %s WHERE subject_id = %s'

    def lose(fields, named):
        stone = {"ground": "law", "on": "2026-05-01"} | ({"fields": named} if named else {})
        with erasing.eraser() as cursor:
            cursor.execute(statement, [fields, json.dumps(stone), subject])

    with pytest.raises(ProgrammingError, match="never changed"):
        lose(["given_name"], ["sex"])
    lose(["given_name"], ["given_name"])
    with pytest.raises(ProgrammingError, match="never changed"):
        lose(["sex"], ["sex"])  # forgets that the name was erased
    lose(["sex"], ["given_name", "sex"])
    erased(yara)
    assert rows('SELECT "values" FROM registry_observation WHERE subject_id = %s', [subject]) == [("{}",)]


def test_a_hold_goes_along_when_the_household_moves():
    """So that whoever is in charge of the new place sees why the record is kept."""
    here = home()
    yara, _ = people(here)
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        place_hold(yara, reason="court", until=None, by=by, under=country.GROUND)
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        move(here, to_area="s1", by=by, on=country.DAY, under=country.GROUND)
    [(of_hold, of_person)] = rows(
        "SELECT h.area_number, p.area_number FROM trust_hold h JOIN registry_person p ON p.id = h.person_id"
    )
    assert of_hold == of_person
