"""A canary in every field of every person: none is in an answer to whoever may not read its class (B5).

What each role should read is written here by hand. Each canary is also found where it may be read, so that one which stands
nowhere does not pass for one that is kept back.
"""

import logging
import tomllib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from amparo.intake.withholding import shown_columns
from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.programmes.queries import decisions_of_household, explain_as_of_today
from amparo.registry import finding, queries
from amparo.registry.actions import install_dictionary, observe
from amparo.registry.dictionary import Field, Type
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.types import READS, FieldClass, Permission, Role, system
from tests.lib import country
from tests.unit.intake.census import HOUSEHOLDS, MAPPING, delivered
from tests.unit.programmes.country import MATERNITY, POOR_HOME, installed
from tests.views.conftest import signed_in

USED = country.USED
TEXTS = tuple(
    Field(f"{each.value}_text", grain, Type.TEXT, field_class=each, **USED)
    for grain in ("household", "person")
    for each in FieldClass
)
WORDS = replace(country.DICTIONARY, version="canaries", fields=(*country.DICTIONARY.fields, *TEXTS), _by_key={})
# Which classes each of the cast should see, and nobody else any.
ALL_BUT_PROTECTION = set(FieldClass) - {FieldClass.PROTECTION}
SHOULD_READ = {
    "amina": ALL_BUT_PROTECTION,
    "bruno": ALL_BUT_PROTECTION,
    "ines": ALL_BUT_PROTECTION,
    "nadia": set(FieldClass),
    "omid": ALL_BUT_PROTECTION - {FieldClass.SENSITIVE},
    **{each: set() for each in ("emre", "farah", "goran", "hana", "lina")},
}
MATERNAL = replace(MATERNITY, code="maternal")
DELIVERED = MAPPING.replace('sex = "sex"', 'sex = "sex"\nsensitive_text = "ill"')


def canary(whose: str, of: FieldClass) -> str:
    return f"Qx{of.value.capitalize()}{whose}Zw"


def told(whose: str, grain: str) -> dict[str, str]:
    return {each.name: canary(f"{whose}{grain}", each.field_class) for each in TEXTS if each.grain == grain}


@pytest.fixture(scope="module")
def home(database, tmp_path_factory) -> dict[str, str]:
    """A home in the north of two people, with a canary in every field of each, observed twice; decided about; and a line set aside."""
    install_dictionary(WORDS, by=system("test"))
    installed(POOR_HOME, MATERNAL)
    people = ({"given_name": "Ada", "sex": "female", "pregnant": True}, {"given_name": "Ben", "sex": "male"})
    told_of = [{**each, **told(each["given_name"], "person")} for each in people]
    with acting(system("test")) as by:
        id = country.household("n1", *told_of, by=by, income=5_000, **told("Home", "household"))
        observe(
            id, values=told("Again", "household"), source="office", by=by, on=date(2026, 3, 2), under=country.GROUND
        )
    persons = f"""
        hh | line | name | sex  | born       | nid | ill
        1  | 1    | Cleo | mail | 1980-02-03 |     | {canary("Row", FieldClass.SENSITIVE)}
    """
    batch = delivered(tmp_path_factory.mktemp("came") / "a", mapping=DELIVERED, households=HOUSEHOLDS, persons=persons)
    assert batch["rows"]["quarantined"] > 0
    return names_of(id) | {"household": str(id)}


def names_of(id: UUID) -> dict[str, str]:
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT person_id FROM registry_membership WHERE household_id = %s ORDER BY id", [id])
        people = [str(each) for (each,) in cursor.fetchall()]
        cursor.execute(
            "SELECT p.code, d.unit_id, d.id FROM programmes_decision d JOIN programmes_programme p ON p.id = d.programme_id"
            " WHERE d.household_id = %s",
            [id],
        )
        made = {(code, str(unit)): str(each) for code, unit, each in cursor.fetchall()}
        cursor.execute("SELECT id FROM intake_batch")
        (batch,) = cursor.fetchone()
    return {
        "ada": people[0],
        "ben": people[1],
        "poor": made["poor_home", str(id)],
        "maternal": made["maternal", people[0]],
        "batch": str(batch),
    }


def addresses(home: dict[str, str]) -> list[str]:
    own = f"/households/{home['household']}/"
    return [
        *(own, f"{own}history/", f"{own}?as_of={clock.today().isoformat()}", "/find/n1/"),
        *(f"{own}people/{home[each]}/" for each in ("ada", "ben")),
        f"{own}people/{home['ada']}/consents/",
        *(f"{own}would-be/{code}/{home[unit]}/" for code, unit in (("poor_home", "household"), ("maternal", "ada"))),
        *(f"/decisions/{home[each]}/{page}" for each in ("poor", "maternal") for page in ("", "explanation/")),
        f"/decisions/{home['poor']}/explanation.pdf",
        *(f"/decisions/{page}?programme={code}" for page in ("", "export/") for code in ("poor_home", "maternal")),
        f"/deliveries/{home['batch']}/quarantine/",
    ]


def answers(browser: Client, home: dict[str, str]) -> str:
    """Return all that a reader is answered: headers, pages, files and refusals."""
    asked = [browser.get(each) for each in addresses(home)]
    asked += [
        browser.post("/find/", {"kind": "name", "asked": name})
        for name in ("Ada", canary("Adaperson", FieldClass.SITUATION))
    ]
    told = []
    for each in asked:
        content = b"".join(each.streaming_content) if each.streaming else each.content
        told.append(f"{each.headers}\n{content.decode('utf-8', 'replace')}")
    return "\n".join(told)


def shown(text: str) -> set[FieldClass]:
    return {each for each in FieldClass if f"Qx{each.value.capitalize()}" in text}


@pytest.mark.parametrize("name", SHOULD_READ)
def test_a_canary_is_answered_only_to_whoever_may_read_its_class(home, name, caplog):
    caplog.set_level(logging.DEBUG)
    assert shown(answers(signed_in(name), home)) == SHOULD_READ[name]
    assert shown(caplog.text) == set()


def test_every_canary_is_seen_by_whoever_may(home):
    found = answers(signed_in("nadia"), home)
    everywhere = [
        told(whose, grain)
        for whose, grain in (("Ada", "person"), ("Ben", "person"), ("Again", "household"), ("Home", "household"))
    ]
    assert [text for each in everywhere for text in each.values() if text not in found] == []


def test_the_audit_log_holds_no_canary(home):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(a::text, ' '), '') FROM trust_audit a")
        assert shown(cursor.fetchone()[0]) == set()


def test_what_is_withheld_is_said_to_be_and_is_not_called_unknown(home):
    browser = signed_in("amina")
    page = browser.get(f"/households/{home['household']}/").content.decode()
    assert "2 things are not shown to your role" in page
    record = queries.household
    with acting(country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)) as by:
        held = record(UUID(home["household"]), by=by, under=country.GROUND)
    assert "protection_text" not in held.facts
    assert FieldClass.PROTECTION not in held.classes


def test_a_source_that_said_only_what_is_withheld_is_not_named(home):
    with acting(system("test")) as by:
        id = country.household("n2", {"given_name": "Dua"}, by=by, rooms=1)
        said = {"protection_text": canary("Alone", FieldClass.PROTECTION)}
        observe(id, values=said, source="tax", by=by, on=date(2026, 3, 3), under=country.GROUND)
    for name, sources in (("amina", {"census"}), ("nadia", {"census", "tax"})):
        with acting(getattr(country.cast(), name).narrowed(Permission.READ_HOUSEHOLD)) as by:
            assert {each.source for each in queries.history(id, by=by, under=country.GROUND)} == sources


def test_a_decision_on_what_is_withheld_is_told_without_its_steps(home):
    account = open_account("rami", country.PASSWORD, display_name="Rami", by=system("test"))
    grant_role(account.id, Role.PROGRAMME_MANAGER, programme="maternal", by=system("test"), on=date(2020, 1, 1))
    rami = signed_in("rami")
    for page in ("", "explanation/"):
        answer = rami.get(f"/decisions/{home['maternal']}/{page}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "Pregnant" in text
        assert "Female" in text  # what he may read beside it is told
        assert "amparo-clauses" not in text
    assert rami.get(f"/decisions/{home['poor']}/").status_code == 404
    assert rami.get(f"/households/{home['household']}/would-be/maternal/{home['ada']}/").status_code == 403


@pytest.fixture
def nameless(monkeypatch):
    """Officers who may read no names: no role of the product is so, and the gates must hold for one that is."""
    monkeypatch.setitem(READS, Role.OFFICER, READS[Role.OFFICER] - {FieldClass.IDENTITY, FieldClass.DECISION})


def test_nobody_searches_by_what_they_may_not_read(home, nameless):
    with acting(country.cast().amina.narrowed(Permission.FIND)) as by:
        with pytest.raises(NotPermitted, match="registry-search-withheld"):
            finding.find_by_name("Ada", by=by, under=country.GROUND)
        with pytest.raises(NotPermitted, match="registry-search-withheld"):
            finding.find_by_identifier("national_id", "11", by=by, under=country.GROUND)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT number FROM registry_person WHERE id = %s", [home["ada"]])
            (number,) = cursor.fetchone()
        assert {each.name for each in finding.find_by_number(number, by=by, under=country.GROUND)} == {""}
    page = signed_in("amina").get("/find/").content.decode()
    assert 'value="name"' not in page
    assert 'value="number"' in page


def test_who_may_not_read_decisions_sees_none_of_a_household(home, nameless):
    amina = country.cast().amina.narrowed(Permission.READ_DECISION)
    with pytest.raises(NotPermitted, match="programmes-decisions-withheld"), acting(amina) as by:
        decisions_of_household(UUID(home["household"]), by=by, under=country.GROUND)


def test_a_line_set_aside_shows_the_columns_whose_fields_may_be_read(home, monkeypatch):
    address = f"/deliveries/{home['batch']}/quarantine/"
    whole = signed_in("ines").get(address).content.decode()
    assert canary("Row", FieldClass.SENSITIVE) in whole
    assert "more on this line" not in whole
    monkeypatch.setitem(READS, Role.REGISTRY_MANAGER, READS[Role.REGISTRY_MANAGER] - {FieldClass.SENSITIVE})
    part = signed_in("ines").get(address).content.decode()
    assert canary("Row", FieldClass.SENSITIVE) not in part
    assert "more on this line" in part
    assert "Cleo" in part


def test_a_line_set_aside_by_a_mapping_that_no_longer_fits_is_withheld_whole(home):
    gone = replace(WORDS, version="gone", fields=country.DICTIONARY.fields, _by_key={})
    assert shown_columns(tomllib.loads(DELIVERED), WORDS, frozenset(FieldClass))[1]
    assert shown_columns(tomllib.loads(DELIVERED), gone, frozenset(FieldClass)) == (frozenset(), False)


def test_a_role_that_no_table_names_reads_no_field(home, monkeypatch):
    monkeypatch.delitem(READS, Role.OFFICER)
    with acting(country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)) as by:
        held = queries.household(UUID(home["household"]), by=by, under=country.GROUND)
        assert (held.facts, [each.facts for each in held.members]) == ({}, [{}, {}])
        assert queries.history(UUID(home["household"]), by=by, under=country.GROUND) == []
        with pytest.raises(NotPermitted, match="programmes-facts-withheld"):
            explain_as_of_today("poor_home", UUID(home["household"]), by=by, under=country.GROUND, on=clock.today())


def test_two_roles_over_two_places_do_not_lend_each_other_what_they_read(home):
    cast = country.cast()
    both = replace(cast.chen, grants=(*cast.chen.grants, *cast.nadia.grants)).narrowed(Permission.READ_HOUSEHOLD)
    north, south = (
        each.scope.ranges[0][0] for each in (cast.nadia.narrowed(Permission.FIND), cast.chen.narrowed(Permission.FIND))
    )
    assert FieldClass.PROTECTION in both.classes_at(north)
    assert FieldClass.PROTECTION not in both.classes_at(south)
    assert FieldClass.PROTECTION not in both.classes
