"""Dalia's browser, and the people around her with what programmes decided about them."""

from datetime import date

import pytest
from django.test import Client

from tests.views.conftest import signed_in


@pytest.fixture(scope="module")
def people(empty_database):
    """Dalia and who is around her; one programme asks how old each is, which she sees of no other adult."""
    from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
    from tests.lib import agreeing, kin
    from tests.unit.programmes.country import PENSION, POOR_HOME

    asked = "members.exists(m, age(m.birth_date) < 16)"
    children = ProgrammeConfig("children", Unit.HOUSEHOLD, (RuleVersion(date(2026, 1, 1), asked, law="law-children"),))
    found = kin.install(POOR_HOME, PENSION, children)
    agreeing.install()
    kin.mandate(found["Hoda"], found["Dalia"])
    kin.bound(found["Dalia"], "dalia")
    kin.number(found["Dalia"], "12345678903")
    return found


@pytest.fixture
def dalia(people) -> Client:
    """Citizen, who has just given a second factor."""
    return signed_in("dalia")
