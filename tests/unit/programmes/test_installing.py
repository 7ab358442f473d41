"""Installing programmes and figures: checked whole, replaced and never overwritten."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.kernel.errors import NotPermitted, Refused
from amparo.programmes import models
from amparo.programmes.actions import install
from amparo.programmes.config import ParameterValue
from amparo.programmes.rulebook import fields_read, rulebook
from tests.unit.programmes.country import DAY, GRANT, LINE, MATERNITY, PENSION, POOR, POOR_HOME, installed

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_installing_twice_changes_nothing():
    assert installed() > 0
    assert installed() == 0


def test_a_rule_that_is_refused_leaves_everything_as_it_was():
    installed(POOR_HOME)
    broken = replace(POOR_HOME, versions=(replace(POOR, rule="household.incom >= 1"),))
    with pytest.raises(Refused):
        installed(PENSION, broken)
    assert [each.code for each in rulebook(DAY).programmes] == ["poor_home"]


@pytest.mark.parametrize("rule", ["true", "household.size >= 0", 'member.given_name == "Amal"'])
def test_a_rule_that_would_hold_for_everybody_or_read_a_name_is_refused(rule):
    with pytest.raises(Refused):
        installed(replace(POOR_HOME, versions=(replace(POOR, rule=rule),)))
    assert not models.Programme.objects.exists()


def test_a_corrected_value_replaces_the_old_one_and_keeps_it():
    installed(POOR_HOME)
    installed(POOR_HOME, parameters=(replace(LINE, values=(ParameterValue(date(2026, 1, 1), 9_000, "law"),)), GRANT))
    assert rulebook(DAY).parameters.on(DAY)["line"].value == 9_000
    held = models.ParameterValue.objects.filter(parameter_id="line").order_by("id")
    assert [(each.value, each.replaced_at is None) for each in held] == [(10_000, False), (9_000, True)]


def test_a_programme_that_the_profile_drops_is_decided_no_more_and_comes_back():
    installed(POOR_HOME, PENSION)
    installed(PENSION)
    assert [each.code for each in rulebook(DAY).programmes] == ["pension"]
    installed(POOR_HOME, PENSION)
    assert [each.code for each in rulebook(DAY).programmes] == ["poor_home", "pension"]


def test_the_version_of_the_day_is_in_force():
    until_may, from_june = (
        replace(POOR, ends_on=date(2026, 5, 31)),
        replace(POOR, starts_on=date(2026, 6, 1), amount=None),
    )
    installed(replace(POOR_HOME, versions=(until_may, from_june)))
    assert rulebook(date(2026, 5, 31)).programmes[0].rule.amount is not None
    assert rulebook(date(2026, 6, 1)).programmes[0].rule.amount is None
    assert rulebook(date(2025, 12, 31)).programmes == ()


def test_snapshots_need_the_fields_of_every_version_and_no_others():
    installed(POOR_HOME, MATERNITY)
    assert fields_read() == {("household", "income"), ("person", "sex"), ("person", "pregnant")}


def test_an_officer_may_not_install(cast):
    with pytest.raises(NotPermitted):
        install((POOR_HOME,), (LINE, GRANT), by=cast.amina)
