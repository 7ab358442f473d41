"""Who is left out, as statements: granted and not received, programme by programme; and nothing from anybody at all.

Shape   `GAPS`: one row per programme and area. `EXCLUSION`: one row per area. Each reads its tables once and adds up
Units   units of the programme; households. A place is near if it lies within a tenth beyond the last one
Nulls   an outcome that is unknown is neither a grant nor a refusal: it makes no gap, and of a household that receives nothing
        it is the reason. A household about which nothing stands is unknown. Whoever waits for a place does not receive yet
Source  requirements IBR-4 (gaps) and ELI-4 (multiple exclusion)
"""

from amparo.programmes.nearness import NEAR
from amparo.programmes.overlapping import LAST_TOLD, LIVE, TOLD_MONTHS
from amparo.programmes.types import State

# What others tell of a programme run here counts for whoever it is told of, their home, and their family or couple.
_RECEIVING = f"""
    told AS MATERIALIZED (
        SELECT p.id AS programme_id, held.person_id FROM ({LAST_TOLD}) told
        JOIN programmes_beneficiary held ON held.id = told.beneficiary_id AND held.person_id IS NOT NULL
        JOIN programmes_programme p ON p.code = told.scheme
        WHERE told.status IN ('enrolled', 'suspended')
    ), receiving AS (
        SELECT programme_id, unit_id FROM programmes_enrolment
        WHERE state IN ('enrolled', 'suspended') AND starts_on <= %(on)s
        UNION SELECT programme_id, person_id FROM told
        UNION SELECT told.programme_id, home.household_id FROM told
            JOIN registry_membership home ON home.person_id = told.person_id AND home.ends_on IS NULL
        UNION SELECT told.programme_id, among.group_id FROM told
            JOIN registry_groupmembership among ON among.person_id = told.person_id AND among.ends_on IS NULL
    )"""
GAPS = f"""
    INSERT INTO programmes_gap (coverage_id, programme_id, area_number, eligible, missed)
    WITH {_RECEIVING}
    SELECT %(coverage)s, d.programme_id, d.area_number, count(*), count(*) FILTER (WHERE r.unit_id IS NULL)
    FROM programmes_decision d
    JOIN programmes_programme p ON p.id = d.programme_id AND p.withdrawn_at IS NULL
    LEFT JOIN receiving r ON r.programme_id = d.programme_id AND r.unit_id = d.unit_id
    WHERE d.superseded_at IS NULL AND d.state = '{State.IN_EFFECT.value}' AND d.outcome
    GROUP BY d.programme_id, d.area_number
    RETURNING programme_id, eligible, missed
"""
_ENROLLED = """EXISTS (SELECT FROM programmes_enrolment e WHERE e.programme_id = d.programme_id AND e.unit_id = d.unit_id
    AND e.state IN ('enrolled', 'suspended') AND e.starts_on <= %s)"""
_TOLD = f"""EXISTS (
    SELECT FROM (
        SELECT d.unit_id AS id
        UNION SELECT person_id FROM registry_membership WHERE household_id = d.unit_id AND ends_on IS NULL
        UNION SELECT person_id FROM registry_groupmembership WHERE group_id = d.unit_id AND ends_on IS NULL
    ) people
    JOIN programmes_beneficiary held ON held.person_id = people.id
    JOIN LATERAL (
        SELECT b.status FROM programmes_benefit b WHERE b.beneficiary_id = held.id AND b.scheme = p.code
            AND b.period > %s::date - interval '{TOLD_MONTHS} months' AND b.period <= %s
        ORDER BY b.period DESC, b.day DESC, b.id DESC LIMIT 1
    ) latest ON latest.status IN ('enrolled', 'suspended'))"""
# Whoever runs a programme may not read what others tell; a function tells them this, of whom they decided about.
_TOLD_OF_OWN = f"amparo_is_told(d.unit_id, p.code, (%s::date - interval '{TOLD_MONTHS} months')::date, %s)"
# Of one unit, for a page of a list; each is asked with the day, three times.
NOT_RECEIVING = f"AND NOT {_ENROLLED} AND NOT {_TOLD}"
NOT_RECEIVING_OF_OWN = f"AND NOT {_ENROLLED} AND NOT {_TOLD_OF_OWN}"

# Of which households the snapshot says that a cut-off is near, or that a rule has no answer by what is known today.
SEEN = "CREATE TEMPORARY TABLE seen (household_id uuid, is_near boolean, is_unknown boolean) ON COMMIT DROP"
# Somebody whom the rule would grant by now and the decision does not stand on what is too old.
MEASURED = """
    SELECT household_id, bool_or(is_near) AS is_near, bool_or(is_unknown) AS is_unknown FROM (
        SELECT household_id, unit_id, bool_or(outcome) FILTER (programme_id >= {relaxed})
                AND NOT bool_or(outcome) FILTER (programme_id < {relaxed}) AS is_near,
            bool_or(outcome IS NULL) FILTER (programme_id < {relaxed})
                OR bool_or(outcome) FILTER (programme_id < {relaxed} AND programme_id NOT IN ({ranked})) AS is_unknown
        FROM {answer} GROUP BY household_id, unit_id, programme_id % {relaxed}
    ) GROUP BY household_id HAVING bool_or(is_near) OR bool_or(is_unknown)
"""
# A person's decision counts where they live today.
REASONS = f"""
    WITH standing AS (
        SELECT coalesce(home.household_id, d.household_id) AS household_id, coalesce(bool_or(d.outcome), false) AS is_granted,
            bool_or(d.outcome IS NULL OR (d.run_id IS NULL AND d.decided_at > %(known_at)s)) AS is_unknown,
            bool_or(coalesce(d.outcome IS FALSE AND d.rank > d.places AND d.rank <= d.places * {1 + NEAR}, false)) AS is_near
        FROM programmes_decision d
        JOIN programmes_programme p ON p.id = d.programme_id AND p.withdrawn_at IS NULL
        LEFT JOIN registry_membership home ON home.person_id = d.unit_id AND home.ends_on IS NULL
        WHERE d.superseded_at IS NULL AND d.state = '{State.IN_EFFECT.value}' GROUP BY 1
    ), receiving AS (
        SELECT DISTINCT household_id FROM ({LIVE}) live WHERE household_id IS NOT NULL
    ), living AS (
        SELECT DISTINCT household_id FROM registry_membership WHERE ends_on IS NULL
    )
    SELECT h.id AS household_id, h.area_number, CASE
        WHEN standing.is_granted OR receiving.household_id IS NOT NULL THEN NULL
        WHEN standing.is_near OR seen.is_near THEN 'near'
        WHEN standing.household_id IS NULL OR standing.is_unknown OR seen.is_unknown THEN 'unknown'
        ELSE 'beyond' END AS reason
    FROM registry_household h JOIN living ON living.household_id = h.id
    LEFT JOIN standing ON standing.household_id = h.id
    LEFT JOIN receiving ON receiving.household_id = h.id
    LEFT JOIN seen ON seen.household_id = h.id
    WHERE h.ended_on IS NULL AND h.erased_on IS NULL
"""
KEPT_REASONS = f"CREATE TEMPORARY TABLE reasons ON COMMIT DROP AS {REASONS}"
EXCLUSION = """
    INSERT INTO programmes_exclusion (coverage_id, area_number, households, near, unknown, beyond)
    SELECT %(coverage)s, area_number, count(*), count(*) FILTER (WHERE reason = 'near'),
        count(*) FILTER (WHERE reason = 'unknown'), count(*) FILTER (WHERE reason = 'beyond')
    FROM reasons GROUP BY area_number
    RETURNING households, near, unknown, beyond
"""
