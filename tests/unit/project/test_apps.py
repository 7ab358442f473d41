"""What is wired: however facts change, the decisions follow within a second of the commit (UPD-2)."""

import time
from dataclasses import replace
from datetime import date

import pytest
from django.db import connections

from amparo.programmes import models
from amparo.programmes.tasks import decide_delivered
from amparo.registry.actions import move, observe, revoke_link
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib.country import GROUND, household
from tests.unit.programmes.country import PENSION, POOR, POOR_HOME, installed

pytestmark = pytest.mark.usefixtures("fresh_database")
TODAY = date.today  # decisions are of today, whatever day the facts are of
HERE = replace(POOR_HOME, versions=(replace(POOR, rule="household.size >= 1 && household.income <= param.line"),))


@pytest.fixture
def changing(cast):
    """Let a registry manager do something, and expect it and what follows of it to take less than a second."""

    def changed(act, *args, **settings):
        by = cast.ines.narrowed(Permission.REGISTER)
        started = time.monotonic()
        with acting(by):
            act(*args, by=by, on=TODAY(), under=GROUND, **settings)
        assert time.monotonic() - started < 1

    return changed


def latest(home) -> tuple:
    row = models.Decision.objects.using("bulk").filter(unit_id=home, programme__code="poor_home").latest("decided_at")
    return row.outcome, row.state


def test_a_household_is_decided_as_it_is_registered():
    installed(HERE, PENSION)
    assert latest(household("n1", {"birth_date": date(1950, 1, 1)}, income=5_000, on=TODAY())) == (True, "in-effect")


def test_a_fact_that_is_observed(changing):
    installed(HERE)
    home = household("n1", {}, income=50_000, on=TODAY())
    changing(observe, home, values={"income": 5_000}, source="tax")
    assert latest(home) == (True, "in-effect")


def test_a_link_that_is_revoked(changing):
    installed(HERE)
    home = household("n1", {}, income=50_000, on=TODAY())
    changing(observe, home, values={"income": 5_000}, source="tax")
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT l.subject_id FROM registry_subjectlink l JOIN registry_subject s ON s.id = l.subject_id"
            " JOIN registry_source r ON r.id = s.source_id WHERE l.entity_id = %s AND r.code = 'tax'",
            [home],
        )
        (subject,) = cursor.fetchone()
    changing(revoke_link, subject, ground="mistake")
    assert latest(home) == (False, "proposed")


def test_a_household_that_moves(changing):
    installed(HERE)
    home = household("n1", {}, income=5_000, on=TODAY())
    changing(move, home, to_area="s1")
    assert latest(home) == (True, "in-effect")


def delivered_in_bulk(home, income: int) -> int:
    """Record an observation and its fact as a batch leaves them: set-based, with no household announced."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_delivery (source_id, received_at, delivered_by, purpose, agreement, digest)"
            " SELECT id, clock_timestamp(), gen_random_uuid(), 'registration', '', '' FROM registry_source"
            " WHERE code = 'census' RETURNING id"
        )
        (delivery,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO registry_observation (subject_id, delivery_id, received_at, observed_on, source_id, grain,"
            ' area_number, "values") SELECT o.subject_id, d.id, d.received_at, o.observed_on, o.source_id, o.grain,'
            " o.area_number, jsonb_build_object('income', %s) FROM registry_observation o, registry_delivery d,"
            " registry_subjectlink l WHERE l.entity_id = %s AND l.subject_id = o.subject_id AND d.id = %s",
            [income, home, delivery],
        )
    return delivery


def test_what_a_delivery_says_anew():
    installed(HERE)
    home, other = (household("n1", {}, income=50_000, on=TODAY()) for _ in range(2))
    delivery = delivered_in_bulk(home, 5_000)
    started = time.monotonic()
    decide_delivered(delivery)
    assert time.monotonic() - started < 1
    assert (latest(home), latest(other)) == ((True, "in-effect"), (False, "in-effect"))
