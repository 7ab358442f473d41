"""Decisions for the better are told once, and name no programme unless somebody asked that messages do (OPS-2)."""

from dataclasses import replace

import pytest

from amparo.kernel import clock
from amparo.notices import actions
from amparo.notices.config import Use
from amparo.notices.types import Kind
from amparo.registry.actions import install_dictionary
from amparo.registry.dictionary import Field, FieldClass, Type
from tests.lib import country
from tests.unit.cases import setting as of_cases
from tests.unit.notices import setting
from tests.unit.notices.setting import CONFIG, home, rows, sent
from tests.unit.programmes.country import GRANT, LINE, POOR_HOME, installed, run

WRITTEN = "SELECT kind, household_id FROM notices_sending ORDER BY id"
ALL = replace(CONFIG, kinds=tuple(Kind))
ASKED = Field("more", "person", Type.BOOLEAN, field_class=FieldClass.IDENTITY, **country.USED)


@pytest.fixture
def told(words, configured):
    installed()
    setting.prepare(words, ALL)
    return words


def poorer(house, income: int) -> None:
    rows("UPDATE registry_fact_household SET income = %s WHERE household_id = %s", income, house)


def test_a_grant_is_told_once_by_a_run_and_what_stays_as_it_is_is_not(told):
    house, other = home(income=5_000), home(income=90_000)
    run(clock.today())
    assert rows(WRITTEN) == [("decision-granted", house)]
    run(clock.today())
    poorer(other, 5_000)
    run(clock.today())
    assert rows(WRITTEN) == [("decision-granted", house), ("decision-granted", other)]


def test_a_raise_is_told_and_a_cut_is_not(told):
    house = home(income=5_000)
    run(clock.today())
    pays(2_500)
    run(clock.today())
    assert rows(WRITTEN) == [("decision-granted", house), ("decision-raised", house)]
    pays(2_000)
    run(clock.today())
    assert len(rows(WRITTEN)) == 2


def pays(amount_minor: int) -> None:
    """Let the law give so much a head."""
    installed(parameters=(LINE, replace(GRANT, values=(replace(GRANT.values[0], value=amount_minor),))))


def test_a_household_that_is_decided_alone_is_told_too(told):
    house = home(income=90_000)
    run(clock.today())
    of_cases.earns(house, 5_000)
    assert rows(WRITTEN) == [("decision-granted", house)]


def test_unknown_and_refused_are_no_good_news(told):
    home()
    home(income=90_000)
    run(clock.today())
    assert rows(WRITTEN) == []


def test_a_country_that_does_not_tell_it_tells_nobody_and_a_trial_neither(told, monkeypatch):
    actions.install_notices(CONFIG, by=setting.BY)
    home(income=5_000)
    run(clock.today())
    actions.install_notices(ALL, by=setting.BY)
    monkeypatch.setattr("amparo.programmes.telling.is_live", lambda **_: False)
    home(income=5_000)
    run(clock.today())
    assert rows(WRITTEN) == []


def test_a_text_names_the_programme_only_to_who_asked_for_it(told, gateway):
    install_dictionary(
        replace(
            country.DICTIONARY,
            version="asked",
            fields=(*country.DICTIONARY.fields, *setting.FIELDS, ASKED),
            _by_key={},
        ),
        by=setting.BY,
    )
    actions.install_notices(replace(ALL, contact={**CONFIG.contact, Use.DETAIL: ("person", "more")}), by=setting.BY)
    for answer in (True, False, None):
        house = home(
            income=5_000,
            phone=f"+999 000 {answer}".replace("True", "1111").replace("False", "2222").replace("None", "3333"),
        )
        rows("UPDATE registry_fact_person SET more = %s WHERE person_id = %s", answer, setting.who_lives_in(house))
    run(clock.today())
    assert sent() == {"sent": 3}
    said = {each["to"][-4:]: each["text"] for each in gateway.texts}
    assert said["1111"].startswith("Help for homes: text, ")
    assert {said[each][:25] for each in ("2222", "3333")} == {"News. Ask at your office."}
    assert POOR_HOME.code not in str(said)
