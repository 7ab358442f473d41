"""What is unusual, one rule a kind: a query over what was counted and the log, for one day, of whoever did anything on it.

Shape   in: `touched` (who), `base` and `weeks` (what colleagues do, `COLLEAGUES`), `fresh`, `trust_use`, `trust_audit`;
        out: by_id, agreement, about, observed, threshold, concerned. `evidence` says which rows `a` of the log it rests on
Units   counts of records, acts or officers; `days` is how many days up to and with this one are looked at, after which the same
        thing is not told again before as many days have passed
Source  median and median absolute deviation as robust place and spread: Rousseeuw & Croux (1993), JASA 88(424), with the
        factor 1.4826 for the normal distribution
"""

from dataclasses import dataclass

from amparo.trust.types import AlertKind

LEAST_DAYS = 40  # of colleagues together, to compare with
OF_DAY = "a.at >= %(day)s::date::timestamp AT TIME ZONE %(zone)s AND a.at < (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s"
OF_WINDOW = OF_DAY.replace("%(day)s::date::", "(%(day)s::date - {days} + 1)::", 1)
OPENED = (
    "(a.event IN ('household-read', 'person-read', 'decision-read') AND a.details->>'seen' IS DISTINCT FROM 'search')"
)
SHOWN = "amparo_shown(a.event, a.details) > 0"
SECOND = "('role-confirmed', 'run-approved', 'draft-published', 'decision-reviewed', 'agreement-signed')"
PAIRS = """(('role-granted', 'role-confirmed'), ('run-planned', 'run-approved'), ('draft-proposed', 'draft-published'),
    ('notice-given', 'decision-reviewed'), ('agreement-signed', 'agreement-signed'))"""

WHO = """
CREATE TEMP TABLE touched ON COMMIT DROP AS SELECT DISTINCT by_id, by_kind, agreement, day FROM fresh;
CREATE TEMP TABLE peer ON COMMIT DROP AS
    SELECT DISTINCT ON (account_id) account_id AS by_id, role, coalesce(area_id, -2) AS office FROM trust_roleassignment
    WHERE is_confirmed ORDER BY account_id, ends_on DESC NULLS FIRST, starts_on DESC, id;
CREATE TEMP TABLE base (by_id uuid PRIMARY KEY, median float8, spread float8) ON COMMIT DROP;
CREATE TEMP TABLE weeks (by_id uuid PRIMARY KEY, role text, month bigint, month_days bigint, fortnight bigint,
    fortnight_days bigint, before bigint, before_days bigint, week bigint, week_acts bigint) ON COMMIT DROP;
"""

# Of each officer, the median and spread of a day among colleagues of the same role in the same office in the four weeks
# before, or where these are few, of the same role anywhere. No row: nobody to compare with.
_BASE = f"""
INSERT INTO base
WITH past AS (
    SELECT p.role, level.office, u.shown::float8 AS shown
    FROM peer p JOIN trust_use u ON u.by_id = p.by_id AND u.agreement = '' AND u.shown > 0
    CROSS JOIN LATERAL (VALUES (p.office), (-1)) level (office)
    WHERE u.day >= %(day)s::date - 28 AND u.day < %(day)s
), middle AS (
    SELECT role, office, percentile_cont(0.5) WITHIN GROUP (ORDER BY shown) AS median
    FROM past GROUP BY role, office HAVING count(*) >= {LEAST_DAYS}
), level AS (
    SELECT role, office, median, 1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(shown - median)) AS spread
    FROM past JOIN middle USING (role, office) GROUP BY role, office, median
)
SELECT p.by_id, coalesce(near.median, wide.median), coalesce(near.spread, wide.spread)
FROM peer p JOIN touched t ON t.by_id = p.by_id AND t.day = %(day)s
LEFT JOIN level near ON near.role = p.role AND near.office = p.office
LEFT JOIN level wide ON wide.role = p.role AND wide.office = -1
WHERE coalesce(near.median, wide.median) IS NOT NULL
"""
_WEEKS = """
INSERT INTO weeks
SELECT u.by_id, p.role,
       coalesce(sum(shown) FILTER (WHERE day > %(day)s::date - 28), 0),
       count(*) FILTER (WHERE day > %(day)s::date - 28 AND shown > 0),
       coalesce(sum(shown) FILTER (WHERE day > %(day)s::date - 14), 0),
       count(*) FILTER (WHERE day > %(day)s::date - 14 AND shown > 0),
       coalesce(sum(shown) FILTER (WHERE day <= %(day)s::date - 14), 0),
       count(*) FILTER (WHERE day <= %(day)s::date - 14 AND shown > 0),
       coalesce(sum(shown) FILTER (WHERE day > %(day)s::date - 7), 0),
       coalesce(sum(acts) FILTER (WHERE day > %(day)s::date - 7), 0)
FROM trust_use u JOIN peer p ON p.by_id = u.by_id
WHERE u.agreement = '' AND day > %(day)s::date - 42 AND day <= %(day)s GROUP BY u.by_id, p.role
"""
COLLEAGUES = ("TRUNCATE base, weeks", _BASE, _WEEKS)


@dataclass(frozen=True)
class Rule:
    found: str
    evidence: str
    days: int = 1


def _counted(observed: str, threshold: str, condition: str = "true", *, kind: str = "officer") -> str:
    """Return the query of what one day's counts say by themselves."""
    return f"""
        SELECT by_id, agreement, '' AS about, {observed} AS observed, {threshold} AS threshold,
               CASE WHEN by_kind = 'officer' THEN ARRAY[by_id] ELSE '{{}}'::uuid[] END AS concerned
        FROM trust_use u JOIN touched t USING (by_id, agreement, day)
        WHERE day = %(day)s AND {f"by_kind = '{kind}'" if kind else "true"} AND {condition} AND {observed} >= {threshold}
    """


_BULK = """
SELECT by_id, '' AS agreement, '' AS about, shown AS observed, ceil(least_unusual) AS threshold, ARRAY[by_id] AS concerned
FROM (
    SELECT u.by_id, u.shown, coalesce(
        greatest(%(bulk_least)s, %(times)s * b.median, b.median + %(spreads)s * b.spread), %(bulk_alone)s) AS least_unusual
    FROM trust_use u JOIN touched t USING (by_id, agreement, day) LEFT JOIN base b USING (by_id)
    WHERE day = %(day)s AND t.by_kind = 'officer'
) compared WHERE shown >= least_unusual
"""
# More in four weeks than colleagues, or in two weeks than in the four before them.
_SLOW = f"""
WITH usual AS (
    SELECT role, percentile_cont(0.5) WITHIN GROUP (ORDER BY month) AS median FROM weeks WHERE month_days >= 10
    GROUP BY role HAVING sum(month_days) >= {LEAST_DAYS}
), spread AS (
    SELECT role, median, 1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(month - median)) AS spread
    FROM weeks JOIN usual USING (role) WHERE month_days >= 10 GROUP BY role, median
), compared AS (
    SELECT by_id, month AS observed, greatest(%(slow_least)s, 2 * median, median + %(spreads)s * spread) AS least_unusual
    FROM weeks JOIN spread USING (role)
    UNION ALL
    SELECT by_id, fortnight, greatest(%(slow_least)s, 1.6 * before / before_days * fortnight_days)
    FROM weeks WHERE before_days >= 7 AND fortnight_days >= 7
)
SELECT DISTINCT ON (by_id) by_id, '' AS agreement, '' AS about, observed, ceil(least_unusual) AS threshold, ARRAY[by_id] AS concerned
FROM compared JOIN touched t USING (by_id)
WHERE t.day = %(day)s AND t.by_kind = 'officer' AND observed >= least_unusual ORDER BY by_id, observed - least_unusual DESC
"""
# A week of reading with less than a fifth of what colleagues do with as many records; only where colleagues act at all.
_NO_ACT = """
WITH usual AS (
    SELECT role, percentile_cont(0.5) WITHIN GROUP (ORDER BY week_acts::float8 / week) AS acts_per_read
    FROM weeks WHERE week >= 20 GROUP BY role HAVING count(*) >= 5
)
SELECT by_id, '' AS agreement, '' AS about, week AS observed, %(idle_reads)s AS threshold, ARRAY[by_id] AS concerned
FROM weeks JOIN usual USING (role) JOIN touched t USING (by_id)
WHERE t.day = %(day)s AND t.by_kind = 'officer' AND week >= %(idle_reads)s AND acts_per_read >= 0.05
    AND week_acts < 0.2 * acts_per_read * week
"""
_AWAY = f"""
WITH new AS MATERIALIZED (
    SELECT by_id, area_number FROM trust_used_area used JOIN touched t USING (by_id)
    WHERE t.day = %(day)s AND t.by_kind = 'officer' AND used.first_on = %(day)s
        AND (SELECT count(*) FROM trust_use u WHERE u.by_id = used.by_id AND u.day < %(day)s AND u.shown > 0) >= 10
)
SELECT by_id, '' AS agreement, '' AS about, count(*) AS observed, %(away_reads)s AS threshold, ARRAY[by_id] AS concerned
FROM new JOIN trust_audit a USING (by_id, area_number) WHERE {OPENED} AND {OF_DAY}
GROUP BY by_id HAVING count(*) >= %(away_reads)s
"""
_NEAR = f"""
SELECT by_id, '' AS agreement, '' AS about, count(*) AS observed, 1 AS threshold, ARRAY[by_id] AS concerned
FROM trust_audit a JOIN touched t USING (by_id)
WHERE t.day = %(day)s AND t.by_kind = 'officer' AND a.details ? 'near' AND {OF_DAY} GROUP BY by_id
"""
_FAMOUS = f"""
SELECT NULL::uuid AS by_id, '' AS agreement, about_id AS about, count(DISTINCT a.by_id) AS observed,
       %(famous_officers)s AS threshold, array_agg(DISTINCT a.by_id) AS concerned
FROM (SELECT DISTINCT about_kind, about_id FROM fresh WHERE day = %(day)s AND is_opened AND by_kind = 'officer') seen
JOIN trust_audit a USING (about_kind, about_id)
WHERE a.by_kind = 'officer' AND {OPENED} AND {OF_WINDOW.format(days=7)}
GROUP BY about_id HAVING count(DISTINCT a.by_id) >= %(famous_officers)s
"""
_AGAIN = f"""
WITH often AS MATERIALIZED (
    SELECT seen.by_id, seen.about_id, visits.days
    FROM (SELECT DISTINCT by_id, about_id FROM fresh
          WHERE day = %(day)s AND event = 'household-read' AND by_kind = 'officer') seen
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT (a.at AT TIME ZONE %(zone)s)::date) AS days FROM trust_audit a
        WHERE a.about_kind = 'household' AND a.about_id = seen.about_id AND a.by_id = seen.by_id
            AND a.event = 'household-read' AND {OF_WINDOW.format(days=28)}) visits
    WHERE visits.days >= %(again_days)s
)
SELECT by_id, '' AS agreement, about_id AS about, days AS observed, %(again_days)s AS threshold, ARRAY[by_id] AS concerned
FROM often WHERE NOT EXISTS (
    SELECT FROM trust_audit a WHERE a.about_kind = 'household' AND a.about_id = often.about_id AND a.by_id = often.by_id
        AND a.event = ANY (%(acts)s) AND {OF_WINDOW.format(days=28)})
"""
_LEAVING = """
SELECT by_id, '' AS agreement, '' AS about, granted + exported AS observed, 1 AS threshold, ARRAY[by_id] AS concerned
FROM trust_use u JOIN touched t USING (by_id, agreement, day)
WHERE day = %(day)s AND t.by_kind = 'officer' AND granted + exported > 0 AND (
    SELECT bool_and(coalesce(ends_on < %(day)s::date + %(leaving_days)s, false)) FROM trust_roleassignment held
    WHERE held.account_id = by_id AND is_confirmed AND starts_on <= %(day)s AND coalesce(ends_on, 'infinity') >= %(day)s)
"""
_MADE = f"""
    made.about_kind = a.about_kind AND made.about_id = a.about_id AND made.by_id <> a.by_id
    AND made.at <= a.at AND made.at >= a.at - make_interval(secs => %(pair_seconds)s) AND (made.event, a.event) IN {PAIRS}
"""
_PAIR = f"""
SELECT a.by_id, '' AS agreement, made.by_id::text AS about, count(DISTINCT a.id) AS observed, %(pairs)s AS threshold,
       ARRAY[a.by_id, made.by_id] AS concerned
FROM touched t JOIN trust_audit a ON a.by_id = t.by_id AND a.event IN {SECOND} AND {OF_WINDOW.format(days=28)}
JOIN trust_audit made ON {_MADE}
WHERE t.day = %(day)s AND t.by_kind = 'officer' GROUP BY a.by_id, made.by_id HAVING count(DISTINCT a.id) >= %(pairs)s
"""
# Against the median of earlier days under the same agreement; a first taking against half of what may be taken in all.
_PARTNER = """
SELECT by_id, agreement, '' AS about, lent AS observed, ceil(least_unusual) AS threshold, '{}'::uuid[] AS concerned
FROM (
    SELECT u.by_id, u.agreement, u.lent, coalesce(
        (SELECT greatest(100, %(times)s * percentile_cont(0.5) WITHIN GROUP (ORDER BY past.lent)) FROM trust_use past
         WHERE past.by_id = u.by_id AND past.agreement = u.agreement AND past.lent > 0 AND past.day < u.day
         HAVING count(*) >= 3),
        (SELECT greatest(100, volume / 2.0) FROM trust_agreement WHERE code = u.agreement ORDER BY version DESC LIMIT 1),
        100) AS least_unusual
    FROM trust_use u JOIN touched t USING (by_id, agreement, day) WHERE day = %(day)s AND t.by_kind = 'partner'
) compared WHERE lent >= least_unusual
"""

RULES: dict[AlertKind, Rule] = {
    AlertKind.BUDGET: Rule(_counted("shown", "%(most_a_day)s", "stopped > 0"), f"{SHOWN} OR a.event = 'denied'"),
    AlertKind.BULK: Rule(_BULK, SHOWN),
    AlertKind.SLOW: Rule(_SLOW, SHOWN, days=28),
    AlertKind.NO_ACT: Rule(_NO_ACT, SHOWN, days=7),
    AlertKind.NIGHT: Rule(
        _counted("night", "%(night_reads)s"), f"{SHOWN} AND a.details->>'seen' IS DISTINCT FROM 'search' AND %(night)s"
    ),
    AlertKind.AWAY: Rule(
        _AWAY,
        f"{OPENED} AND EXISTS (SELECT FROM trust_used_area used WHERE used.by_id = a.by_id"
        " AND used.area_number = a.area_number AND used.first_on = %(day)s)",
    ),
    AlertKind.NEAR: Rule(_NEAR, "a.details ? 'near'"),
    AlertKind.FAMOUS: Rule(_FAMOUS, f"{OPENED} AND a.about_id = found.about", days=7),
    AlertKind.AGAIN: Rule(_AGAIN, "a.event = 'household-read' AND a.about_id = found.about", days=28),
    AlertKind.DENIED: Rule(_counted("denied", "%(denials)s", kind=""), "a.event IN ('denied', 'exchange-refused')"),
    AlertKind.NUMBERS: Rule(
        _counted("missed", "%(missed_numbers)s"), "a.event = 'households-found' AND a.details->>'found' = '0'"
    ),
    AlertKind.EXPORTED: Rule(_counted("exported", "%(exported_records)s"), "a.event = 'decisions-exported'"),
    AlertKind.LEAVING: Rule(
        _LEAVING, "a.event IN ('role-granted', 'role-confirmed', 'password-changed', 'decisions-exported')"
    ),
    AlertKind.PAIR: Rule(
        _PAIR,
        f"a.event IN {SECOND} AND EXISTS (SELECT FROM trust_audit made WHERE made.by_id::text = found.about AND {_MADE})",
        days=28,
    ),
    AlertKind.PARTNER: Rule(_PARTNER, "a.event = 'records-exchanged' AND a.agreement = found.agreement"),
}
