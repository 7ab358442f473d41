"""What the first gate asks of a table is found by an index: no table of people's records is read whole (B8).

The plans are those of small tables for which a whole read is forbidden, so that they are the ones of large tables.
"""

from collections.abc import Iterator

import pytest
from django.db import connection, connections

from amparo.trust.context import acting
from amparo.trust.scope import where
from amparo.trust.types import Permission
from tests.lib import country

# By what rows of each protected table are looked for, beside the area: nothing where a whole area is listed. What stands
# here is what pages and jobs ask by; a table that is added says by what it is read, or the test fails.
ID = "'00000000-0000-0000-0000-000000000000'"
FOUND_BY = {
    "registry_household": "",
    "registry_person": "",
    "registry_person_name": "",
    "programmes_decision": "programme_id = 1 AND superseded_at IS NULL",
    "programmes_preview": "run_id",
    "programmes_tally": "run_id",
    "programmes_gap": "coverage_id",
    "programmes_exclusion": "coverage_id",
    "programmes_followingcount": "following_id",
    "programmes_measuredarea": "measurement_id",
    "programmes_groupexclusion": "coverage_id",
    "programmes_groupcoverage": "coverage_id",
    "programmes_overlap": "run_id",
    "programmes_untold": f"about_id = {ID}",
    "programmes_notice": "unit_id",
    "programmes_householddetermination": "id",
    "programmes_reply": "notice_id",
    "programmes_review": "notice_id",
    "programmes_enrolment": f"unit_id = {ID}",
    "programmes_enrolmentstep": "enrolment_id",
    "programmes_enrolmentnotice": f"enrolment_id = {ID} AND withdrawn_at IS NULL AND took_effect_at IS NULL",
    "programmes_collectorchange": "enrolment_id",
    "programmes_beneficiary": f"person_id = {ID} AND person_id IS NOT NULL",
    "programmes_benefit": f"beneficiary_id = {ID}",
    "programmes_compliance": f"beneficiary_id = {ID}",
    "programmes_grievance": f"beneficiary_id = {ID}",
    "programmes_breach": "enrolment_id",
    "programmes_match": "state = 'proposed'",
    "sources_update": "person_id",
    "payments_account": "person_id",
    "payments_adjustment": "enrolment_id",
    "payments_arrears": "unit_id",
    "payments_payment": "list_id",
    "payments_line": "payment_id",
    "notices_sending": "person_id",
    "notices_attempt": "sending_id",
    "cases_case": "",
    "cases_step": "case_id",
    "intake_quarantine": "batch_id",
    "registry_contact": "subject_id",
    "registry_fact_household": "household_id",
    "registry_fact_person": "person_id",
    "registry_fact_exception": "entity_id",
    "registry_fact_item_income_month": "item_id",
    "registry_fact_item_plot": "item_id",
    "registry_group": "household_id",
    "registry_groupmembership": "group_id",
    "registry_identifier": "person_id",
    "registry_item": f"person_id = {ID} AND person_id IS NOT NULL",
    "registry_membership": "household_id",
    "registry_observation": "subject_id",
    "registry_relationship": "person_id",
    "registry_subject": "id",
    "registry_subjectlink": "entity_id",
    "sources_keptanswer": "person_id",
    "sources_retry": "household_id",
    "trust_consent": "person_id",
    "trust_erasure": "person_id",
    "trust_hold": f"person_id = {ID} AND ended_at IS NULL",
    "trust_invitation": "person_id",
    "trust_mandate": "person_id",
}


@pytest.fixture(scope="module")
def tables(database) -> list[str]:
    """Every table that the area's policy protects."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_policies WHERE policyname = 'area' AND qual LIKE '%area_number <@%' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def plan(table: str) -> list[dict]:
    """Return the steps by which the database finds Amina's rows of a table, where it may not read one whole."""
    by = country.cast().amina.narrowed(Permission.READ_HOUSEHOLD)
    gate, ranges = where(by, of=table)
    with acting(by), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {table} WHERE {gate} {asked(table)}", ranges)
        return list(steps(cursor.fetchone()[0][0]["Plan"]))


def asked(table: str) -> str:
    text = FOUND_BY[table]
    if not text or "=" in text:
        return f"AND {text}" if text else ""
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass"
                       " AND attname = %s", [table, text])  # fmt: skip
        (kind,) = cursor.fetchone()
    return f"AND {text} = {ID if kind == 'uuid' else 1}"


def steps(step: dict) -> Iterator[dict]:
    yield step
    for each in step.get("Plans", ()):
        yield from steps(each)


def test_every_protected_table_says_by_what_it_is_read(tables):
    assert set(tables) == FOUND_BY.keys()


@pytest.mark.parametrize("table", FOUND_BY)
def test_no_protected_table_is_read_whole(database, table):
    found = plan(table)
    assert not [each for each in found if each["Node Type"] == "Seq Scan" and each["Relation Name"].startswith(table)]
    conditions = " ".join(each.get("Index Cond", "") for each in found)
    wanted = FOUND_BY[table].partition(" ")[0] or "area_number"
    assert wanted in conditions


def test_a_read_that_no_index_serves_is_found(database, monkeypatch):
    monkeypatch.setitem(FOUND_BY, "registry_membership", "starts_on = '2020-01-01'")
    assert [each for each in plan("registry_membership") if each["Node Type"] == "Seq Scan"]
