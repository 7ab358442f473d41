"""Who collects for a unit where nobody is named, as the programme states it: asked by enrolment, inside its own statement.

Nulls   a household of which no head is known, or more than one, has nobody who collects: payments hold what it is due
"""

from amparo.programmes.enrolment import Collector, EnrolmentTerms
from amparo.registry.dictionary import HEAD, Dictionary

# `{is_head}`: of a person's facts `f`.
_HEAD = """(SELECT (array_agg(m.person_id))[1] FROM registry_membership m
    JOIN registry_fact_person f ON f.person_id = m.person_id
    WHERE m.household_id = {household} AND m.ends_on IS NULL AND ({is_head}) HAVING count(*) = 1)"""
_NOBODY = "NULL::uuid"


def collector_sql(terms: EnrolmentTerms, words: Dictionary, household: str) -> str:
    """Return the expression of the person who collects, given the column of the household a unit lives in."""
    if terms.collected_by is not Collector.HEAD:
        return _NOBODY
    conditions = [
        condition.format(column=field.name)
        for role, condition in (("is_head", 'f."{column}"'), ("relation_to_head", f"f.\"{{column}}\" = '{HEAD}'"))
        if (field := words.with_role("person", role))
    ]
    return _HEAD.format(household=household, is_head=" OR ".join(conditions)) if conditions else _NOBODY
