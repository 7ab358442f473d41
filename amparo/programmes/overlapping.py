"""Which programmes may go together, as the profile states it, and how overlaps are classed by it.

Shape   rules in; one row per household and pair of programmes out, in the order of their codes
Nulls   a pair that nobody stated is unknown: neither allowed nor wrong; whoever lives in no household is a unit by themselves
Source  requirement IBR-3: first it is asked whether two benefits complete each other
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amparo.programmes.types import OverlapClass

# Of whom nothing was told for so many months it is not known that they still receive anything.
TOLD_MONTHS = 3


@dataclass(frozen=True)
class OverlapRule:
    """That two programmes go together in this way; `law` is a message id in the profile's catalogue."""

    between: tuple[str, str]
    overlap: OverlapClass
    law: str

    @property
    def pair(self) -> tuple[str, str]:
        first, second = sorted(self.between)
        return first, second


# What was told last of each beneficiary and programme, in these months.
LAST_TOLD = f"""
    SELECT DISTINCT ON (b.beneficiary_id, b.scheme) b.beneficiary_id, b.scheme, b.status
    FROM programmes_benefit b WHERE b.period > %(on)s::date - interval '{TOLD_MONTHS} months' AND b.period <= %(on)s
    ORDER BY b.beneficiary_id, b.scheme, b.period DESC, b.day DESC, b.id DESC
"""
# Who takes part in what today: told last by others, or enrolled here. A person's benefit is where they live; `person_id` is null
# of what is a home's, or a family's.
LIVE = f"""
    SELECT coalesce(home.household_id, held.person_id) AS unit, home.household_id, held.person_id, held.area_number,
        told.scheme
    FROM ({LAST_TOLD}
    ) told
    JOIN programmes_beneficiary held ON held.id = told.beneficiary_id AND held.person_id IS NOT NULL
    LEFT JOIN registry_membership home ON home.person_id = held.person_id AND home.ends_on IS NULL
    WHERE told.status IN ('enrolled', 'suspended')
    UNION
    SELECT coalesce(home.household_id, e.household_id, e.person_id), coalesce(home.household_id, e.household_id), e.person_id,
        e.area_number, p.code
    FROM programmes_enrolment e JOIN programmes_programme p ON p.id = e.programme_id
    LEFT JOIN registry_membership home ON home.person_id = e.person_id AND home.ends_on IS NULL
    WHERE e.state IN ('enrolled', 'suspended') AND e.source = 'own' AND e.starts_on <= %(on)s
"""
# `live`, of each unit and programme once: what the statements that follow read, so that the country is read once.
# Somebody of whom two places are known lies in the one below zero, if there is one: whoever is in danger stays hidden.
ALIVE = f"""
    SELECT unit, household_id, scheme, min(area_number) AS area_number FROM ({LIVE}) each GROUP BY unit, household_id, scheme
"""
OVERLAPS = f"""
    SELECT one.unit, one.household_id, least(one.area_number, other.area_number) AS area_number,
        one.scheme AS first, other.scheme AS second, coalesce(rule.overlap, '{OverlapClass.UNKNOWN.value}') AS overlap
    FROM live one JOIN live other ON other.unit = one.unit AND other.scheme COLLATE "C" > one.scheme COLLATE "C"
    LEFT JOIN unnest(%(firsts)s::text[], %(seconds)s::text[], %(overlaps)s::text[]) AS rule (first, second, overlap)
        ON (rule.first, rule.second) = (one.scheme, other.scheme)
"""


def values(rules: Sequence[OverlapRule]) -> dict[str, Any]:
    """Return what `OVERLAPS` is asked with."""
    return {
        "firsts": [each.pair[0] for each in rules],
        "seconds": [each.pair[1] for each in rules],
        "overlaps": [each.overlap.value for each in rules],
    }
