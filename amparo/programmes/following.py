"""Who met a condition in a period, as statements: of whom it is asked, what was told of them, and which breaches follow.

Shape   temporary tables of one transaction: `watched` (condition number, person, household), of which `followed` is made (one row
        per enrolment and person, with what is known of them); counts by area and breaches out
Units   a period is the months from its first day to its last
Nulls   nothing told, told as unknown, and told both ways by two systems are all unknown: counted, and never a breach
Source  requirement IGD-M (of whom anything is told); conditions are 0038's
"""

from collections.abc import Iterable

from amparo.programmes.config import Unit

WATCHED = "CREATE TEMPORARY TABLE watched (number smallint, person_id uuid, household_id uuid) ON COMMIT DROP"
# Which unit of a programme a person belonged to when the period ended; of no family or couple they are a unit by themselves. What
# the registry does not tell of then is taken from what it knows now.
_GROUP = """coalesce((SELECT g.id FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id
    WHERE m.person_id = w.person_id AND m.starts_on < %(next)s AND (m.ends_on IS NULL OR m.ends_on >= %(next)s)
        AND g.kind = '{unit}' ORDER BY m.starts_on DESC, g.id LIMIT 1), w.person_id)"""
_UNIT = {
    Unit.HOUSEHOLD: """coalesce((SELECT m.household_id FROM registry_membership m WHERE m.person_id = w.person_id
        AND m.starts_on < %(next)s AND (m.ends_on IS NULL OR m.ends_on >= %(next)s)
        ORDER BY m.starts_on DESC LIMIT 1), w.household_id)""",
    Unit.PERSON: "w.person_id",
    **{each: _GROUP.format(unit=each.value) for each in Unit if each.is_group},
}
# What the latest day tells of each beneficiary and month; two who tell otherwise of one person and month tell nothing.
_TOLD = """
    latest AS (
        SELECT DISTINCT ON (c.beneficiary_id, c.period) c.beneficiary_id, c.period, CASE
            WHEN c.reason = ANY (%(excused)s) THEN 'excused'
            WHEN %(least)s::float8 IS NOT NULL AND c.share IS NOT NULL
                THEN CASE WHEN c.share >= %(least)s THEN 'yes' ELSE 'no' END
            ELSE coalesce(c.met, 'unknown') END AS answer
        FROM programmes_compliance c
        WHERE c.scheme = %(code)s AND c.condition = %(condition)s AND c.period >= %(first)s AND c.period < %(next)s
        ORDER BY c.beneficiary_id, c.period, c.day DESC, c.id DESC
    ), months AS (
        SELECT held.person_id, CASE
            WHEN bool_or(answer = 'no') AND bool_or(answer IN ('yes', 'excused')) THEN NULL
            WHEN bool_or(answer = 'no') THEN 'no'
            WHEN bool_or(answer = 'yes') THEN 'yes'
            WHEN bool_or(answer = 'excused') THEN 'excused' END AS answer
        FROM latest JOIN programmes_beneficiary held ON held.id = latest.beneficiary_id
        WHERE held.person_id IS NOT NULL GROUP BY held.person_id, latest.period
    ), told AS (
        SELECT person_id, CASE WHEN bool_or(answer = 'no') THEN 'no' WHEN bool_or(answer = 'yes') THEN 'yes'
            WHEN bool_or(answer = 'excused') THEN 'excused' END AS answer
        FROM months GROUP BY person_id
    )"""


def followed(unit: Unit) -> str:
    """Return the statement that makes `followed` of whoever takes part by the end of the period and has to meet the condition.

    Who did not take part all the time did not miss anything: of a part of it nobody tells.
    """
    return f"""
        CREATE TEMPORARY TABLE followed ON COMMIT DROP AS
        WITH {_TOLD}
        SELECT e.id AS enrolment_id, e.area_number, w.person_id,
            CASE WHEN told.answer = 'no' AND e.starts_on > %(first)s THEN NULL ELSE told.answer END AS answer
        FROM watched w
        JOIN programmes_enrolment e ON e.programme_id = %(programme)s AND e.source = 'own' AND e.unit_id = {_UNIT[unit]}
            AND e.state IN ('enrolled', 'suspended') AND e.starts_on < %(next)s
        LEFT JOIN told ON told.person_id = w.person_id
        WHERE w.number = %(number)s
    """


COUNT = """
INSERT INTO programmes_followingcount (following_id, programme_id, area_number, watched, told, met, excused, missed)
SELECT %(following)s, %(programme)s, area_number, count(*), count(answer), count(*) FILTER (WHERE answer IN ('yes', 'excused')),
    count(*) FILTER (WHERE answer = 'excused'), count(*) FILTER (WHERE answer = 'no')
FROM followed GROUP BY area_number
RETURNING watched, told, met, excused, missed
"""
# One of a period, however many of a home did not meet it.
FOUND = """
INSERT INTO programmes_breach (id, enrolment_id, programme_id, area_number, condition, period, number, act, found_on)
SELECT amparo_uuid7(), f.enrolment_id, %(programme)s, f.area_number, %(condition)s, %(first)s, 1, '', %(on)s
FROM (SELECT DISTINCT enrolment_id, area_number FROM followed WHERE answer = 'no') f
ON CONFLICT (enrolment_id, condition, period) DO UPDATE SET taken_back_at = NULL, found_on = excluded.found_on
WHERE programmes_breach.taken_back_at IS NOT NULL
"""
TAKEN_BACK = """
UPDATE programmes_breach b SET taken_back_at = %(now)s
FROM programmes_enrolment e
WHERE e.id = b.enrolment_id AND e.state <> 'ended' AND b.programme_id = %(programme)s AND b.condition = %(condition)s
    AND b.period = %(first)s AND b.taken_back_at IS NULL
    AND NOT EXISTS (SELECT FROM followed f WHERE f.enrolment_id = b.enrolment_id AND f.answer = 'no')
"""
# A step follows only what was missed after the step before it was taken: whoever hears nothing cannot do better, and where no
# step was stated none was taken: a step that is stated later counts from the day it follows. Of whom the period is, from it on. Done again until nothing changes, as often as there are steps.
NUMBERED = """
WITH standing AS (
    SELECT b.id, 1 + coalesce((SELECT max(before.number) FROM programmes_breach before
        WHERE before.enrolment_id = b.enrolment_id AND before.condition = b.condition AND before.taken_back_at IS NULL
            AND before.act <> '' AND before.found_on <= b.period AND before.period < b.period
            AND before.period >= b.period - make_interval(months => %(forgotten)s)), 0) AS number
    FROM programmes_breach b
    WHERE b.programme_id = %(programme)s AND b.condition = %(condition)s AND b.taken_back_at IS NULL
        AND b.period >= %(first)s AND b.enrolment_id IN (SELECT enrolment_id FROM programmes_breach
            WHERE programme_id = %(programme)s AND condition = %(condition)s AND period = %(first)s)
), acts AS (
    SELECT id, number, coalesce((%(steps)s::text[])[least(number, cardinality(%(steps)s::text[]))], '') AS act FROM standing
)
UPDATE programmes_breach b SET number = acts.number, act = acts.act,
    found_on = CASE WHEN b.act = '' AND acts.act <> '' THEN %(on)s ELSE b.found_on END
FROM acts WHERE acts.id = b.id AND (b.number, b.act) <> (acts.number, acts.act)
"""
# Whom the notice of a breach concerns: the home, or the person whose enrolment it is.
NOTICED = """
SELECT b.id AS about, e.person_id AS person, coalesce(home.household_id, e.household_id) AS household, b.area_number,
    p.code AS programme, b.period AS day, '' AS code
FROM programmes_breach b JOIN programmes_enrolment e ON e.id = b.enrolment_id
JOIN programmes_programme p ON p.id = b.programme_id
LEFT JOIN registry_membership home ON home.person_id = e.person_id AND home.ends_on IS NULL
WHERE b.programme_id = %(programme)s AND b.condition = %(condition)s AND b.period >= %(first)s
    AND b.act = 'notice' AND b.taken_back_at IS NULL AND e.state <> 'ended'
"""
# What an earlier period changed is told too: a later breach may now be the first.
NOTICE_DUE = f"SELECT about FROM ({NOTICED}) noticed"
NOTICE_OVER = """
SELECT id FROM programmes_breach WHERE programme_id = %(programme)s AND condition = %(condition)s AND period = %(first)s
    AND taken_back_at IS NOT NULL
"""
# Whoever collects for a home is whom it concerns there.
_VISITS = """
    SELECT e.id AS enrolment_id, coalesce(home.household_id, e.household_id) AS household_id,
        coalesce(e.person_id, e.recipient_id) AS person_id, e.area_number,
        max(b.found_on) FILTER (WHERE b.act = 'visit' AND b.taken_back_at IS NULL) AS found_on
    FROM programmes_breach b JOIN programmes_enrolment e ON e.id = b.enrolment_id
    LEFT JOIN registry_membership home ON home.person_id = e.person_id AND home.ends_on IS NULL
    WHERE b.programme_id = {programme} AND b.condition IN ({conditions}) AND e.state <> 'ended'
    GROUP BY e.id, home.household_id
"""


def visits(programme: int, conditions: Iterable[str]) -> tuple[str, str]:
    """Return the statements of the enrolments in which somebody is to look, and of those in which nobody need any more.

    `conditions`  codes of all that share a category of cases: one of them must not end what another begins
    """
    quoted = ", ".join("'" + each.replace("'", "''") + "'" for each in conditions)
    found = _VISITS.format(programme=programme, conditions=quoted)
    every = f"SELECT * FROM ({found}) v WHERE found_on"
    return f"{every} IS NOT NULL", f"{every} IS NULL"


# The months of which something was told, or it was decided who it is told of, since they were followed last; an hour more, in
# which a delivery that was not ended yet was not seen.
DUE = """
SELECT c.period FROM (
    SELECT c.period, greatest(max(d.delivered_at), max(m.decided_at)) AS told_at
    FROM programmes_compliance c JOIN programmes_feeddelivery d ON d.id = c.delivery_id
    LEFT JOIN programmes_match m ON m.beneficiary_id = c.beneficiary_id AND m.state = 'same'
    WHERE c.scheme = %(code)s AND c.condition = %(condition)s AND c.period >= %(since)s AND c.period < %(until)s
    GROUP BY c.period
) c WHERE c.told_at > coalesce((SELECT max(f.followed_at) - interval '1 hour' FROM programmes_following f WHERE f.programme_id = %(programme)s
        AND f.condition = %(condition)s AND c.period >= f.period
        AND c.period < f.period + make_interval(months => %(months)s)), '-infinity')
"""
