"""Transitions of lives, as statements: whose opens a case, which are over, and between which schemes there was a gap.

Shape   each finder gives transition, person_id, household_id and event_on, a row per person and event; `OPEN` makes cases of
        them at once. Done twice, nothing: a person has one case for a transition and day
Units   days; an age is reached on the birthday, and of who was born on 29 February on 1 March (`kernel.dates.age_on`)
Nulls   whoever has no known birth date reaches no age; whoever lives nowhere has a case without a household. A value that
        nobody told before is a change; the first word about somebody new is none
Source  requirements IBR-5 (transitions), IBR-6 (a new contribution record) and IBR-9 (moves); docs/decisions/0037-transitions.md
"""

from datetime import date
from typing import Any

from amparo.programmes.overlapping import TOLD_MONTHS

_LIVING = "p.deceased_on IS NULL AND p.erased_on IS NULL"
_TAKING_PART = "('enrolled', 'suspended')"
# The birthday on which somebody is so many years old: of a leap day's child the day after February where there is none.
_BIRTHDAY = """((f."{born}" + make_interval(years => t.years))::date
    + CASE WHEN to_char(f."{born}", 'MMDD') = '0229' AND to_char(f."{born}" + make_interval(years => t.years), 'DD') = '28'
        THEN 1 ELSE 0 END)"""
# Of all ages at once, each by the few birth dates it asks for: one look at the index, or one scan where there is none.
AGES = f"""
    SELECT t.code AS transition, f.person_id, home.household_id, {_BIRTHDAY} AS event_on
    FROM cases_transition t
    JOIN registry_fact_person f ON f."{{born}}" BETWEEN (%(on)s::date - make_interval(years => t.years))::date - 1
        AND (%(on)s::date + t.days - make_interval(years => t.years))::date + 1
    JOIN registry_person p ON p.id = f.person_id AND {_LIVING}
    LEFT JOIN registry_membership home ON home.person_id = f.person_id AND home.ends_on IS NULL
    WHERE t.trigger = 'age' AND t.withdrawn_at IS NULL
        AND {_BIRTHDAY} BETWEEN %(on)s::date AND %(on)s::date + t.days
        AND NOT EXISTS (SELECT FROM cases_case k
            WHERE k.transition = t.code AND k.person_id = f.person_id AND k.event_on = {_BIRTHDAY})
"""
HOMES = "SELECT person_id FROM registry_membership WHERE household_id = ANY (%(homes)s::uuid[]) AND ends_on IS NULL"
DELIVERED = """SELECT link.entity_id AS person_id FROM registry_observation o
    JOIN registry_subjectlink link ON link.subject_id = o.subject_id AND link.ends_at IS NULL
    WHERE o.delivery_id = %(delivery)s AND o.received_at = %(received)s AND o.grain = 'person'"""
# `{touched}`: the persons of whom something was said. Their last word that brought the value, and what the same source said
# before it, else any: two sources that disagree change nothing by repeating themselves. Whom the delivery brings is not looked at.
FACT = f"""
    SELECT t.code AS transition, f.person_id, home.household_id, reached.observed_on AS event_on
    FROM cases_transition t
    CROSS JOIN (SELECT DISTINCT person_id FROM ({{touched}}) each) touched
    JOIN registry_fact_person f ON f.person_id = touched.person_id AND f."{{field}}"::text = t.value
    JOIN registry_person p ON p.id = f.person_id AND {_LIVING}
        AND (%(received)s::timestamptz IS NULL OR p.created_at < %(received)s)
    LEFT JOIN registry_membership home ON home.person_id = f.person_id AND home.ends_on IS NULL
    JOIN LATERAL (
        SELECT word.observed_on FROM (
            SELECT o.observed_on, o.received_at, o."values" ->> t.field AS value, o."values" ? t.field AS is_word,
                coalesce(
                    lag(o."values" ->> t.field) OVER (PARTITION BY o."values" ? t.field, o.source_id ORDER BY o.received_at),
                    lag(o."values" ->> t.field) OVER (PARTITION BY o."values" ? t.field ORDER BY o.received_at)) AS was,
                min(o.received_at) OVER () AS first_at
            FROM registry_subjectlink link JOIN registry_observation o ON o.subject_id = link.subject_id
            WHERE link.entity_id = f.person_id AND link.ends_at IS NULL AND o.grain = 'person'
        ) word
        WHERE word.is_word AND word.value = t.value AND word.was IS DISTINCT FROM t.value AND word.received_at > word.first_at
        ORDER BY word.received_at DESC LIMIT 1
    ) reached ON true
    WHERE t.code = %(code)s
"""
# A home that is registered brings its infants along; a child that comes later is born.
BORN = f"""
    SELECT t.code AS transition, f.person_id, home.household_id, f."{{born}}" AS event_on
    FROM cases_transition t
    CROSS JOIN (SELECT DISTINCT person_id FROM ({{touched}}) each) touched
    JOIN registry_fact_person f ON f.person_id = touched.person_id
        AND f."{{born}}" > (%(on)s::date - interval '1 year')::date AND f."{{born}}" <= %(on)s
    JOIN registry_person p ON p.id = f.person_id AND {_LIVING}
    JOIN registry_membership home ON home.person_id = f.person_id AND home.ends_on IS NULL
    JOIN registry_household h ON h.id = home.household_id AND h.created_at < p.created_at
    WHERE t.code = %(code)s
"""
# `{told}`: whom a scheme tells of that did not before (`programmes.types.BenefitsTold`).
TOLD = f"""
    SELECT t.code AS transition, told.person_id, home.household_id, told.since AS event_on
    FROM cases_transition t
    JOIN ({{told}}) told ON told.scheme = ANY (t.told)
    JOIN registry_person p ON p.id = told.person_id AND {_LIVING}
    LEFT JOIN registry_membership home ON home.person_id = told.person_id AND home.ends_on IS NULL
    WHERE t.trigger = 'told' AND t.withdrawn_at IS NULL
"""
# What somebody takes part in that the transition may end: they, their home, their family or couple; run here first.
_HELD = f"""
    SELECT e.id AS enrolment_id, pr.code, 0 AS turn, pr.position FROM programmes_enrolment e
    JOIN programmes_programme pr ON pr.id = e.programme_id AND pr.code = ANY (t.ends)
    WHERE e.state IN {_TAKING_PART} AND e.unit_id IN (
        SELECT found.person_id UNION SELECT found.household_id
        UNION SELECT g.group_id FROM registry_groupmembership g WHERE g.person_id = found.person_id AND g.ends_on IS NULL)
    UNION ALL
    SELECT NULL, latest.scheme, 1, 0 FROM programmes_beneficiary b JOIN LATERAL (
        SELECT each.scheme, each.status FROM programmes_benefit each
        WHERE each.beneficiary_id = b.id AND each.scheme = ANY (t.ends) AND each.period <= %(on)s
            AND each.period > %(on)s::date - interval '{TOLD_MONTHS} months'
        ORDER BY each.period DESC, each.day DESC, each.id DESC LIMIT 1
    ) latest ON latest.status IN {_TAKING_PART}
    WHERE b.person_id = found.person_id
"""
_COLUMNS = """(id, code, kind, category_id, channel, state, area_number, household_id, person_id, enrolment_id, programme,
    filed_on, filed_by, due_on, is_sensitive, suspends, escalated_to, told_at, transition, event_on)"""
_MADE = (
    "amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'transition', c.code, 'system', 'open'"
)
# Due on its day where that is known beforehand, and else within its category's days.
OPEN = f"""
INSERT INTO cases_case {_COLUMNS}
SELECT {_MADE}, p.area_number, found.household_id, found.person_id, held.enrolment_id, coalesce(held.code, t.next[1], ''),
    %(on)s, %(by)s, CASE WHEN found.event_on >= %(on)s::date THEN found.event_on ELSE %(on)s::date + c.days END,
    c.is_sensitive, false, '', CASE WHEN NOT c.is_sensitive THEN %(now)s END, t.code, found.event_on
FROM ({{found}}) found
JOIN cases_transition t ON t.code = found.transition
JOIN cases_category c ON c.code = t.category_id
JOIN registry_person p ON p.id = found.person_id
LEFT JOIN LATERAL (SELECT * FROM ({_HELD}) any_held ORDER BY turn, position, code LIMIT 1) held ON true
WHERE NOT t.receiving OR held.code IS NOT NULL
ON CONFLICT DO NOTHING
"""
# Whoever lives outside a programme's own area is paid until somebody decides; `%(firsts)s`, `%(lasts)s`: the areas.
MOVED = f"""
INSERT INTO cases_case {_COLUMNS}
SELECT {_MADE}, e.area_number, home.id, e.person_id, e.id, pr.code, %(on)s, %(by)s, %(on)s::date + c.days, c.is_sensitive,
    false, '', CASE WHEN NOT c.is_sensitive AND e.person_id IS NOT NULL THEN %(now)s END, t.code, NULL
FROM cases_transition t
JOIN cases_category c ON c.code = t.category_id
JOIN unnest(%(codes)s::text[], %(firsts)s::bigint[], %(lasts)s::bigint[]) AS bound (code, first, last) ON true
JOIN programmes_programme pr ON pr.code = bound.code AND (t.ends = '{{}}' OR pr.code = ANY (t.ends))
JOIN programmes_enrolment e ON e.programme_id = pr.id AND e.source = 'own' AND e.state IN {_TAKING_PART}
    AND abs(e.area_number) NOT BETWEEN bound.first AND bound.last
LEFT JOIN registry_household home ON home.id = e.household_id
WHERE t.trigger = 'moved' AND t.withdrawn_at IS NULL AND num_nonnulls(home.id, e.person_id) > 0 AND NOT EXISTS (
    SELECT FROM cases_case k WHERE k.transition = t.code AND k.enrolment_id = e.id
        AND (k.closed_at IS NULL OR k.filed_on > %(on)s::date - 365))
ON CONFLICT DO NOTHING
"""
# What was foreseen and will not happen: somebody died, or was born on another day. A birth date that is not known any more ends
# nothing. Whatever was applied for is a person's.
OVER = f"""
WITH over AS (
    UPDATE cases_case k SET state = 'withdrawn', closed_at = %(now)s
    FROM cases_transition t
    WHERE t.code = k.transition AND t.trigger = 'age' AND k.closed_at IS NULL AND k.channel = 'system'
        AND k.state <> 'applied' AND EXISTS (
            SELECT FROM registry_person p LEFT JOIN registry_fact_person f ON f.person_id = p.id
            WHERE p.id = k.person_id AND (NOT ({_LIVING}) OR {_BIRTHDAY} <> k.event_on))
    RETURNING k.id, k.area_number, k.told_at IS NOT NULL AS is_told
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'withdraw', 'withdrawn', %(now)s, %(by)s, is_told FROM over
"""
# What `OVER` ended by a mistake that was put right. What a person withdrew stays so.
AGAIN = f"""
WITH again AS (
    UPDATE cases_case k SET state = 'open', closed_at = NULL
    FROM cases_transition t, registry_person p, registry_fact_person f
    WHERE t.code = k.transition AND t.trigger = 'age' AND t.withdrawn_at IS NULL AND k.state = 'withdrawn'
        AND k.channel = 'system' AND k.event_on >= %(on)s AND p.id = k.person_id AND f.person_id = p.id
        AND {_LIVING} AND {_BIRTHDAY} = k.event_on
        AND (SELECT s.by_id FROM cases_step s WHERE s.case_id = k.id AND s.act = 'withdraw' ORDER BY s.at DESC LIMIT 1) = %(by)s
    RETURNING k.id, k.area_number, k.told_at IS NOT NULL AS is_told
)
INSERT INTO cases_step (id, case_id, area_number, act, state, at, by_id, is_told)
SELECT amparo_uuid7(), id, area_number, 'return', 'open', %(now)s, %(by)s, is_told FROM again
"""
_UNITS = """SELECT k.person_id UNION SELECT k.household_id
    UNION SELECT g.group_id FROM registry_groupmembership g WHERE g.person_id = k.person_id"""
_CYCLE = "make_interval(months => coalesce((terms.content ->> 'every_months')::int, 1))"
# The cycles for which somebody was paid: what came back or could not be paid is none.
_PAID = f"""LEFT JOIN payments_terms terms ON terms.programme_id = e.programme_id
    LEFT JOIN LATERAL (
        SELECT min(to_date(l.cycle, 'YYYY-MM')) AS since, max((to_date(l.cycle, 'YYYY-MM') + {_CYCLE})::date) AS until
        FROM payments_payment paid JOIN payments_list l ON l.id = paid.list_id
        WHERE paid.enrolment_id = e.id AND paid.state IN ('paid', 'partial')) paid ON true"""
# A gap is known once what follows has begun, or a cycle after the end in which nothing did. What ended and what followed
# count from what was paid, and where nothing was from the enrolment; `until` is the first day without.
GAPS = f"""
WITH open AS (
    SELECT k.id, k.person_id, k.household_id, k.filed_on, t.ends, t.next FROM cases_case k
    JOIN cases_transition t ON t.code = k.transition AND t.ends <> '{{}}' AND k.state <> 'withdrawn'
    JOIN registry_person p ON p.id = k.person_id AND {_LIVING}
    WHERE k.transition <> '' AND k.has_gap IS NULL AND k.event_on <= %(on)s AND k.event_on > %(on)s::date - interval '2 years'
), ended AS (
    SELECT k.id, max(CASE e.state WHEN 'ended' THEN coalesce(paid.until, e.ends_on + 1) ELSE 'infinity'::date END) AS until,
        max({_CYCLE}) AS cycle
    FROM open k JOIN programmes_enrolment e ON e.unit_id IN ({_UNITS}) AND e.state <> 'waiting'
        AND (e.ends_on IS NULL OR e.ends_on >= k.filed_on)
    JOIN programmes_programme pr ON pr.id = e.programme_id AND pr.code = ANY (k.ends) {_PAID}
    GROUP BY k.id
), began AS (
    SELECT k.id, coalesce(paid.since, e.starts_on) AS since
    FROM open k JOIN programmes_enrolment e ON e.unit_id IN ({_UNITS}) AND e.state <> 'waiting'
        AND (e.ends_on IS NULL OR e.ends_on >= k.filed_on)
    JOIN programmes_programme pr ON pr.id = e.programme_id AND pr.code = ANY (k.next) {_PAID}
    UNION ALL
    SELECT k.id, coalesce(said.since, said.period) FROM open k
    JOIN programmes_beneficiary b ON b.person_id = k.person_id
    JOIN programmes_benefit said ON said.beneficiary_id = b.id AND said.scheme = ANY (k.next)
        AND said.status IN {_TAKING_PART} AND said.period >= date_trunc('month', k.filed_on)::date
), following AS (SELECT id, min(since) AS since FROM began GROUP BY id)
UPDATE cases_case k SET has_gap = coalesce(following.since, %(on)s::date) > ended.until + ended.cycle
FROM ended LEFT JOIN following ON following.id = ended.id
WHERE k.id = ended.id AND ended.until < 'infinity'
    AND (following.since IS NOT NULL OR %(on)s::date > ended.until + ended.cycle)
"""


def asked(on: date, by: Any, now: Any, **more: Any) -> dict[str, Any]:
    """Return what each statement is asked with."""
    return {"on": on, "by": by, "now": now, **more}
