"""Values of contact are sealed one by one: read back as told by whoever may, in the clear nowhere, and nobody else's (E1)."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import contact_values, queries
from amparo.registry.actions import fold, move, protect, revoke_link
from amparo.registry.types import Contact
from amparo.trust.context import acting
from amparo.trust.types import FieldClass, Permission, system
from tests.lib import contacts, country
from tests.lib.canaries import dumped, holds
from tests.lib.contacts import conflicts, known, rows, sealed, stands, told
from tests.lib.erasing import people

BY = system("test")
HEX = "^[0-9a-f]{32}$"


@pytest.fixture(scope="module", autouse=True)
def installed(database):
    contacts.install()


# What is said, as it is read back


@given(phone=st.text(max_size=200), address=st.none() | st.text(max_size=1000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_told_is_what_is_read_back_and_what_is_not_told_stays_unknown(phone, address):
    said = {"phone": phone} | ({} if address is None else {"address": address})
    home = country.household("n1", {"phone": address or ""}, **said)
    [person] = people(home)
    assert known(home) == said
    assert known(person, "person")["phone"] == (address or "")
    assert {name for name, _ in stands(home).items() if _ is None} == {"phone", "address"} - said.keys()


def test_half_a_character_is_refused_in_words_and_nothing_is_written():
    with pytest.raises(Refused, match="registry-value-type"):
        country.household("n1", phone="\ud83d")


def test_a_digest_stands_in_its_place_and_the_value_is_in_no_table_in_the_clear(server, database):
    canary = "+999 7351 9284 6061"
    home = country.household("n1", {"phone": canary}, phone=canary, address=f"Mill lane 4\n{canary}", told_on="earth")
    told(home, phone=canary, source="tax")
    content = dumped(server, database)
    assert not holds(content, canary)
    assert not holds(content, "Mill lane")
    assert known(home)["address"] == f"Mill lane 4\n{canary}"
    assert rows("SELECT told_on, phone ~ %s FROM registry_fact_household WHERE household_id = %s", [HEX, home]) == [
        ("earth", True)
    ]
    said = rows("SELECT \"values\" ->> 'phone' FROM registry_observation WHERE \"values\" ? 'phone'")
    assert all(len(digest) == 32 for (digest,) in said)


def test_of_a_field_and_a_value_the_digest_is_always_one_and_of_another_field_or_value_another():
    key = contact_values.digest_key(using="bulk")
    assert contact_values.digests("phone", ["1", "1", "2"], key=key) == [
        *contact_values.digests("phone", ["1"], key=key) * 2,
        *contact_values.digests("phone", ["2"], key=key),
    ]
    assert contact_values.digests("phone", ["1"], key=key) != contact_values.digests("address", ["1"], key=key)
    assert contact_values.digests("phone", ["1"], key=key) != contact_values.digests("phone", ["1"], key=bytes(32))


# Facts: folded from digests


def test_two_sources_that_say_the_same_do_not_differ_and_two_that_do_are_both_kept():
    home = country.household("n1", phone="+999 1", on=country.DAY)
    told(home, source="tax", phone="+999 1", on=country.DAY + timedelta(1))
    assert conflicts(home) == []
    told(home, source="tax", phone="+999 2", on=country.DAY + timedelta(2))
    assert conflicts(home) == ["phone"]
    assert known(home)["phone"] == "+999 2"
    history = _history(home)
    assert [each.values["phone"] for each in history] == ["+999 2", "+999 1", "+999 1"]


def _history(home):
    by = country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        return queries.history(home, by=by, under=country.GROUND)


def test_what_was_known_at_a_past_instant_is_read_as_it_was_then():
    home = country.household("n1", phone="+999 1")
    before = clock.now()
    told(home, phone="+999 2", on=country.DAY + timedelta(1))
    assert known(home, as_of=before)["phone"] == "+999 1"
    assert known(home)["phone"] == "+999 2"


def test_what_a_record_says_again_is_sealed_once():
    home = country.household("n1", phone="+999 1")
    before = sealed(home)
    told(home, phone="+999 1", on=country.DAY + timedelta(1))
    assert sealed(home) == before
    told(home, phone="+999 2", on=country.DAY + timedelta(2))
    assert [field for _, field, _ in sealed(home)] == ["phone", "phone"]


def test_values_go_with_the_record_that_said_them_to_whom_it_is_linked_next():
    home, other = country.household("n1", phone="+999 1"), country.household("n1", rooms=2)
    [(subject,)] = rows("SELECT subject_id FROM registry_subjectlink WHERE entity_id = %s", [home])
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        revoke_link(subject, ground="mistaken", by=by, on=country.DAY, under=country.GROUND)
    rows(
        "INSERT INTO registry_subjectlink (subject_id, entity_id, starts_at, ground, made_by, area_number)"
        " SELECT subject_id, %s, now(), 'review', made_by, area_number FROM registry_subjectlink WHERE subject_id = %s",
        [other, subject],
    )
    with acting(by):
        fold("household", [home, other])
    assert (known(home), known(other)) == ({}, {"phone": "+999 1", "rooms": 2})


def test_whoever_is_not_let_read_the_class_is_told_nothing_not_even_the_digest():
    home = country.household("n1", phone="+999 1", rooms=2)
    assert known(home, classes=[FieldClass.SITUATION]) == {"rooms": 2}


def test_notices_go_to_the_value_of_the_home_and_of_the_person():
    home = country.household("n1", {"given_name": "Yara", "phone": "+999 3"}, phone="+999 1", told_on="earth")
    other = country.household("n1", {"given_name": "Zoe"}, address="Mill lane 4")
    [yara], [zoe] = people(home), people(other)
    wanted = {
        "own": ("person", "phone"),
        "homes": ("household", "phone"),
        "letter": ("household", "address"),
        "way": ("household", "told_on"),
    }
    with transaction.atomic(using="bulk"):
        found = queries.contacts([yara, zoe], [home], wanted=wanted, by=system("notices"), under=country.GROUND)
    of_yara = Contact("Yara", {"own": "+999 3", "homes": "+999 1", "letter": "", "way": "earth"})
    assert found == {
        yara: of_yara,
        home: of_yara,
        zoe: Contact("Zoe", {"own": "", "homes": "", "letter": "Mill lane 4", "way": ""}),
    }


# Nobody else's


SWAPS = {
    "values exchanged between rows": (
        (
            "UPDATE registry_contact c SET value = o.value FROM registry_contact o"
            " WHERE (c.id, o.id) IN ((%(one)s, %(other)s), (%(other)s, %(one)s))"
        ),
        "trust-sealed-broken",
    ),
    "a byte changed": (
        "UPDATE registry_contact SET value = set_byte(value, 20, get_byte(value, 20) # 1) WHERE id = %(one)s",
        "trust-sealed-broken",
    ),
    "another's row given to the record": (
        (
            "WITH gone AS (DELETE FROM registry_contact WHERE id = %(one)s RETURNING subject_id, digest)"
            " UPDATE registry_contact c SET subject_id = gone.subject_id, digest = gone.digest FROM gone"
            " WHERE c.id = %(other)s"
        ),
        "trust-sealed-broken",
    ),
    "another's row and digest given to the record": (
        (
            "WITH gone AS (DELETE FROM registry_contact WHERE id = %(one)s RETURNING subject_id),"
            " given AS (UPDATE registry_contact c SET subject_id = gone.subject_id FROM gone WHERE c.id = %(other)s)"
            ' UPDATE registry_observation o SET "values" = "values" || jsonb_build_object(\'phone\', %(digest)s::text)'
            " FROM gone WHERE o.subject_id = gone.subject_id"
        ),
        "trust-sealed-broken",
    ),
    "another's digest given to the observation": (
        (
            'UPDATE registry_observation SET "values" = "values" || jsonb_build_object(\'phone\', %(digest)s::text)'
            " WHERE subject_id = (SELECT subject_id FROM registry_contact WHERE id = %(one)s)"
        ),
        "registry-contact-unreadable",
    ),
    "another digest given to the row and the observation": (
        (
            "WITH named AS (UPDATE registry_contact SET digest = decode(%(digest)s, 'hex') WHERE id = %(one)s"
            " RETURNING subject_id) UPDATE registry_observation o"
            ' SET "values" = "values" || jsonb_build_object(\'phone\', %(digest)s::text)'
            " FROM named WHERE o.subject_id = named.subject_id"
        ),
        "registry-contact-unreadable",
    ),
    "the row taken away": ("DELETE FROM registry_contact WHERE id = %(one)s", "registry-contact-unreadable"),
    "a value in the clear put in its place": (
        (
            'UPDATE registry_observation SET "values" = "values" || \'{"phone": "+999 666"}\''
            " WHERE subject_id = (SELECT subject_id FROM registry_contact WHERE id = %(one)s)"
        ),
        "registry-contact-unreadable",
    ),
}


@pytest.mark.parametrize("name", SWAPS)
def test_what_was_moved_or_changed_is_refused_and_neither_it_nor_a_digest_is_shown(server, database, name):
    statement, refusal = SWAPS[name]
    home, other = country.household("n1", phone="+999 1"), country.household("n1", phone="+999 2")
    [(one, _, _)], [(theirs, _, digest)] = sealed(home), sealed(other)
    with contacts.tampering(server, database) as superuser:
        superuser.execute(statement, {"one": one, "other": theirs, "digest": digest})
    with pytest.raises(Refused, match=refusal) as refused:
        known(home)
    assert "+999" not in str(refused.value)
    assert digest not in str(refused.value)
    with pytest.raises(Refused, match=refusal):
        _history(home)
    by = country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by), pytest.raises(Refused, match=refusal):
        queries.household(home, by=by, under=country.GROUND)


def test_a_fact_that_names_anothers_digest_sends_no_notice_there(server, database):
    home = country.household("n1", {"given_name": "Yara"}, phone="+999 1")
    [(_, _, digest)] = sealed(country.household("n1", phone="+999 2"))
    with contacts.tampering(server, database) as superuser:
        superuser.execute("UPDATE registry_fact_household SET phone = %s WHERE household_id = %s", [digest, home])
    wanted = {"homes": ("household", "phone")}
    with pytest.raises(Refused, match="registry-contact-unreadable"), transaction.atomic(using="bulk"):
        queries.contacts([], [home], wanted=wanted, by=system("notices"), under=country.GROUND)


# Who may do what with the table


def as_role(role: str, statement: str, values=None, *, using: str = "default", scope: str = "") -> list[tuple]:
    with transaction.atomic(using=using):
        rows("SELECT set_config('role', %s, true), set_config('amparo.scope', %s, true)", [role, scope], using=using)
        return rows(statement, values, using=using)


def test_officers_read_the_rows_of_their_areas_alone_and_nobody_without_a_role_any(cast):
    home = country.household("s1", phone="+999 1")
    [(id, _, _)] = sealed(home)
    found = "SELECT count(*) FROM registry_contact WHERE id = %s"
    for actor, count in ((cast.chen, 1), (cast.amina, 0), (cast.ines, 1)):
        with acting(actor.narrowed(Permission.READ_HOUSEHOLD)):
            assert rows(found, [id], using="default") == [(count,)]
    for role in ("amparo_citizen", "amparo_partner"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(role, found, [id])
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(found, [id], using="default")


@pytest.mark.parametrize(
    ("role", "using"), [("amparo_area", "default"), ("amparo_national", "default"), ("amparo_bulk", "bulk")]
)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM registry_contact",
        "UPDATE registry_contact SET value = value",
        "UPDATE registry_contact SET subject_id = 1",
        "UPDATE registry_contact SET area_number = 1",
        "UPDATE registry_contact_key SET value = value",
        "DELETE FROM registry_contact_key",
    ],
)
def test_who_writes_records_adds_to_it_and_changes_nothing(role, using, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(role, statement, using=using)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE registry_contact SET digest = digest", "DELETE FROM registry_contact", "TRUNCATE registry_contact"],
)
def test_who_seals_anew_changes_nothing_else(statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role("amparo_sealer", statement, using="bulk")


def test_they_move_with_their_home_and_out_of_sight_with_whoever_is_in_danger(cast):
    home = country.household("n1", {"phone": "+999 3"}, phone="+999 1")
    by = cast.ines.narrowed(Permission.REGISTER)
    with acting(by):
        move(home, to_area="s1", by=by, on=country.DAY, under=country.GROUND)
    where = (
        "SELECT DISTINCT c.area_number = h.area_number, c.area_number < 0 FROM registry_household h"
        " JOIN registry_membership m ON m.household_id = h.id"
        " JOIN registry_subjectlink l ON l.entity_id IN (h.id, m.person_id)"
        " JOIN registry_contact c ON c.subject_id = l.subject_id WHERE h.id = %s"
    )
    assert rows(where, [home]) == [(True, False)]
    with acting(by):
        move(home, to_area="n1", by=by, on=country.DAY, under=country.GROUND)
    by = cast.nadia.narrowed(Permission.PROTECT)
    with acting(by):
        protect(people(home)[0], by=by, on=country.DAY, under=country.GROUND)
    assert rows(where, [home]) == [(True, True)]
    with acting(cast.ines.narrowed(Permission.READ_HOUSEHOLD)):
        assert rows("SELECT count(*) FROM registry_contact WHERE area_number < 0", using="default") == [(0,)]
