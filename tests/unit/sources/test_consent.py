"""Nobody is asked about without what the law asks: an agreement in force, its volume and area, and where it must be a consent (VIR-2)."""

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.sources.types import Reason
from amparo.trust.actions.consenting import Told, give_consent, withdraw_consent
from amparo.trust.context import acting
from amparo.trust.types import ConsentKind, Permission
from tests.lib import country, institutions
from tests.unit.sources import setting


@pytest.fixture(scope="module")
def ministry(database):
    """Every agreement needs consent, and lets three records be asked for in a month."""
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry, needs_consent=True, volume=3)
        yield ministry


def agreement(code: str):
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT id FROM trust_agreement WHERE code = %s", [code])
        return cursor.fetchone()[0]


def consented(person, code: str = "tax_told"):
    with acting(country.cast().amina.narrowed(Permission.RECORD_CONSENT)) as by:
        told = Told("We ask the tax office what you earn.", "en")
        return give_consent(
            person, agreement(code), told=told, kind=ConsentKind.SIGNED, by=by, under=country.GROUND, on=clock.today()
        )


def test_only_about_who_agreed_and_only_while_they_do_and_no_more_than_was_agreed(ministry):
    home = setting.home()
    file = setting.opened(home)
    assert ministry.asked == []
    assert set(file.not_covered) == set(setting.OWNERS)
    assert setting.told(file)[setting.YARA, "wage"] == 99_00  # what the census was told

    given = consented(file.record.members[0].id)
    file = setting.opened(home)
    assert ministry.asked == [("tax", setting.YARA)]
    assert setting.told(file)[setting.YARA, "wage"] == 512_50
    omar = next(each for each in file.fields[file.record.members[1].id] if each.name == "wage")
    assert (omar.value.source, omar.missing) == ("census", {"tax": Reason.NOT_COVERED})
    assert not file.is_partial

    setting.opened(home)
    setting.opened(home)
    assert len(ministry.asked) == 3
    over = setting.opened(home)
    assert len(ministry.asked) == 3  # the month's three records are used up
    assert over.not_covered["tax"].id == "trust-agreement-too-many"

    with acting(country.cast().amina.narrowed(Permission.RECORD_CONSENT)) as by:
        withdraw_consent(given.id, by=by, under=country.GROUND, on=clock.today())
    assert setting.opened(home).not_covered["tax"].id == "trust-asking-without-consent"


def test_outside_the_areas_of_the_agreement_nobody_is_asked(ministry):
    home = setting.home("s1", numbers=("10000021", "10000022"))
    consented_by = country.cast().chen.narrowed(Permission.RECORD_CONSENT)
    ministry.asked.clear()
    with acting(consented_by) as by:
        give_consent(
            setting.members(home)[0],
            agreement("school_told"),
            told=Told("We ask which school.", "en"),
            kind=ConsentKind.SIGNED,
            by=by,
            under=country.GROUND,
            on=clock.today(),
        )
    file = setting.opened(home, who="chen")
    assert ministry.asked == []
    assert file.not_covered["school"].id == "trust-agreement-other-population"
