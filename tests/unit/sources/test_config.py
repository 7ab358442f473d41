"""What is wrong with a connection is said by its key before anybody is asked (VIR-2, VIR-6)."""

from dataclasses import replace

import pytest
from django.db import connections

from amparo.sources.actions import install_connections
from amparo.sources.config import wrong_with
from amparo.sources.queries import connections as installed
from amparo.sources.types import Attribute, Caching
from amparo.trust.covering import Direction, FieldTerm, Given
from tests.lib import agreeing
from tests.unit.sources import setting

TERMS = replace(
    agreeing.TERMS,
    provider="tax_office",
    consumer="ministry",
    direction=Direction.IN,
    fields=(FieldTerm("person", "wage"),),
    identifiers=("national_id",),
)
REST = {"address": "https://tax.example/persons/{number}", "echo": "/number"}


class _Nowhere:
    def address(self, source: str) -> str:
        return REST["address"]


SOUND = replace(setting.connection(_Nowhere(), "tax"), settings=REST)


def wrong(terms=TERMS, **changes) -> list[str]:
    return [
        f"{id} {values.get('key', '')}".strip()
        for id, values in wrong_with(replace(SOUND, **changes), setting.WORDS, terms)
    ]


def test_a_sound_one_has_nothing_wrong():
    assert wrong() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": "nobody"}, "profiles-source-unknown"),
        ({"connector": "soap"}, "profiles-value-unknown connector"),
        ({"key": "passport"}, "profiles-value-unknown key"),
        ({"seconds": 60.0}, "profiles-value-wrong seconds"),
        ({"in_second": 0}, "profiles-value-wrong in_second, in_minute"),
        ({"in_day": 0}, "profiles-value-wrong in_day"),
        ({"coverage": 1.2}, "profiles-value-wrong coverage"),
        ({"attributes": ()}, "profiles-key-missing attribute"),
        ({"settings": {**REST, "address": "https://tax.example/"}}, "profiles-value-wrong address"),
        ({"settings": {**REST, "address": "https://{number}.example/"}}, "profiles-value-wrong address"),
        ({"settings": {**REST, "address": "https://tax.example:{number}/"}}, "profiles-value-wrong address"),
        ({"settings": {**REST, "address": "file:///{number}"}}, "profiles-value-wrong address"),
        ({"settings": {"address": REST["address"]}}, "profiles-value-wrong echo"),
        ({"settings": {**REST, "method": "DELETE"}}, "profiles-value-wrong method"),
        ({"settings": {**REST, "query": "x"}}, "profiles-value-wrong query"),
        ({"settings": {**REST, "header": "a\r\nb"}}, "profiles-value-wrong header"),
        (
            {"connector": "sql", "settings": {"secret": "x", "table": "a; DROP", "key": "id"}},
            "profiles-value-wrong table",
        ),
    ],
)
def test_each_fault_is_named(changes, said):
    assert said in wrong(**changes)


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        (Attribute("shoes", "/x", Caching.NONE), "profiles-value-unknown name"),
        (Attribute("wage", "x", Caching.NONE), "profiles-value-wrong at"),
        (Attribute("wage", "/x", Caching.UNTIL), "profiles-value-wrong days"),
        (Attribute("wage", "/x", Caching.NONE, days=3), "profiles-value-wrong days"),
        (Attribute("wage", "/x", Caching.NONE, factor="a"), "profiles-value-wrong factor"),
        (Attribute("level", "/x", Caching.NONE, codes={"A": "beyond"}), "profiles-value-unknown codes"),
        (Attribute("insured", "/x", Caching.NONE), "sources-attribute-not-agreed"),
    ],
)
def test_each_fault_of_an_attribute_is_named(attribute, said):
    assert said in wrong(attributes=(attribute,))


def test_it_must_be_agreed_whole_and_in_this_direction():
    assert wrong(None) == ["sources-agreement-unknown"]
    assert "sources-agreement-of-others" in wrong(replace(TERMS, provider="pensions"))
    assert "sources-agreement-of-others" in wrong(replace(TERMS, direction=Direction.OUT))
    assert "profiles-value-unknown key" in wrong(replace(TERMS, identifiers=()))
    assert "sources-attribute-not-agreed" in wrong(replace(TERMS, fields=(FieldTerm("person", "wage", Given.KNOWN),)))
    kept = (Attribute("wage", "/x", Caching.UNTIL, days=3),)
    assert wrong(replace(TERMS, needs_consent=True), attributes=kept) == ["sources-kept-beyond-consent"]


def test_what_is_installed_reads_back_the_same_and_is_on_the_record_once(database):
    for _ in range(2):
        install_connections([SOUND, replace(SOUND, source="census")], by=setting.BY)
    assert installed() == (SOUND, replace(SOUND, source="census"))
    install_connections([SOUND], by=setting.BY)
    assert installed() == (SOUND,)
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trust_audit WHERE event = %s", ["connections-installed"])
        assert cursor.fetchone() == (2,)
