"""What upheld appeals owe for cycles that were paid without them, as conditions on rows of `payments_arrears`, called `a`.

Shape   a row says what one cycle should have paid one unit in all; owed is what its lists do not hold of it
Units   minor units
Nulls   what is due and not known is owed by no list. Whoever takes no part in the programme yet waits until they do
Errors  none: of several appeals for one cycle the list pays what is due by the largest, and each what is left of that
"""

# Lists of one programme are made, and arrears of it are recorded, one after the other: either an appeal finds the list that
# went without, or the list finds what the appeal changed. 7271: the kind of advisory lock.
TURN = "SELECT pg_advisory_xact_lock(7271, %(programme)s)"
# What lists hold for the cycle, what checks took out of them left out. What came back unpaid was listed, and is followed up
# on the list itself: it is not owed a second time here.
LISTED = """(
    SELECT coalesce(sum(line.amount_minor), 0)::bigint FROM (
        SELECT payment_id, amount_minor FROM payments_line WHERE programme_id = a.programme_id AND cycle = a.cycle
            AND unit_id = a.unit_id AND kind = 'benefit' AND owed_for IS NULL
        UNION ALL
        SELECT payment_id, amount_minor FROM payments_line WHERE programme_id = a.programme_id AND owed_for = a.cycle
            AND unit_id = a.unit_id
    ) line JOIN payments_payment p ON p.id = line.payment_id AND p.state <> 'withheld'
)"""
# Another appeal's arrears of the cycle are in a list that may still change: what is left beside them is not known before.
OPEN = """EXISTS (SELECT FROM payments_line line JOIN payments_payment p ON p.id = line.payment_id
    JOIN payments_list l ON l.id = p.list_id
    WHERE line.programme_id = a.programme_id AND line.owed_for = a.cycle AND line.unit_id = a.unit_id
        AND l.state IN ('prepared', 'proposed'))"""
# The cycle's list is approved, and nothing of the unit's is in a part of it that may still change.
STANDS = """EXISTS (SELECT FROM payments_list l WHERE l.programme_id = a.programme_id AND l.cycle = a.cycle AND l.part = 1
        AND l.state IN ('approved', 'exported'))
    AND NOT EXISTS (SELECT FROM payments_list l JOIN payments_payment p ON p.list_id = l.id AND p.unit_id = a.unit_id
        WHERE l.programme_id = a.programme_id AND l.cycle = a.cycle AND l.state IN ('prepared', 'proposed'))"""
# By what somebody takes part: what has not ended goes before what has.
ENROLMENT = """(
    SELECT * FROM programmes_enrolment WHERE programme_id = a.programme_id AND unit_id = a.unit_id AND state <> 'waiting'
    ORDER BY state = 'ended', starts_on DESC, id DESC LIMIT 1
)"""

WAITS = f"a.list_id IS NULL AND a.due_minor > {LISTED} AND {STANDS} AND NOT {OPEN}"

# `{condition}`: whom somebody may know of. Its values come first.
WAITING = f"""
SELECT a.id FROM payments_arrears a JOIN programmes_programme g ON g.id = a.programme_id CROSS JOIN LATERAL {ENROLMENT} e
WHERE {{condition}} AND g.code = %s AND {WAITS}
"""
CLAIM = f"""
UPDATE payments_arrears SET list_id = %(list)s WHERE id IN (
    SELECT DISTINCT ON (a.unit_id, a.cycle) a.id
    FROM payments_arrears a CROSS JOIN LATERAL {ENROLMENT} e
    WHERE a.programme_id = %(programme)s AND {WAITS}
    ORDER BY a.unit_id, a.cycle, a.due_minor DESC, a.recorded_at DESC
)
"""
DUE = f"""
INSERT INTO due (enrolment_id, unit_id, household_id, person_id, recipient_id, area_number, kind, amount_minor, owed_for)
SELECT e.id, e.unit_id, e.household_id, e.person_id, coalesce(e.recipient_id, e.person_id), e.area_number, 'arrears',
    a.due_minor - {LISTED}, a.cycle
FROM payments_arrears a CROSS JOIN LATERAL {ENROLMENT} e WHERE a.list_id = %(list)s
"""
UNCLAIM = """
UPDATE payments_arrears a SET list_id = NULL
WHERE a.list_id = %(list)s AND NOT EXISTS (SELECT FROM due WHERE due.unit_id = a.unit_id AND due.owed_for = a.cycle)
"""
RECORD = f"""
INSERT INTO payments_arrears (id, programme_id, case_id, unit_id, area_number, cycle, due_minor, recorded_at)
SELECT amparo_uuid7(), a.programme_id, %(case)s, a.unit_id, a.area_number, a.cycle, a.due_minor, %(now)s
FROM (
    SELECT d.programme_id, d.unit_id, d.area_number, told.cycle, told.due_minor
    FROM programmes_decision d, unnest(%(cycles)s::text[], %(dues)s::bigint[]) AS told (cycle, due_minor)
    WHERE d.id = %(decision)s
) a
WHERE a.due_minor IS NULL OR a.due_minor > {LISTED}
ON CONFLICT (case_id, cycle) DO NOTHING
"""
