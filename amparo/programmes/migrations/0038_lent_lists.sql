-- Lists under an agreement about a programme. These functions look past row security and are held to the agreement in force: its
-- programme, its areas, the fields that it lists, and consents where it needs them.

-- Whom something told of a unit tells of: a home's is everybody's in it, a family's or couple's whoever is in that.
CREATE FUNCTION amparo_persons_of(grain text, unit uuid) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE grain
        WHEN 'person' THEN ARRAY[unit]
        WHEN 'household' THEN ARRAY(
            SELECT m.person_id FROM registry_membership m JOIN registry_person p ON p.id = m.person_id
            WHERE m.household_id = unit AND m.ends_on IS NULL AND p.deceased_on IS NULL)
        ELSE ARRAY(
            SELECT m.person_id FROM registry_groupmembership m JOIN registry_person p ON p.id = m.person_id
            WHERE m.group_id = unit AND m.ends_on IS NULL AND p.deceased_on IS NULL) END
$$;

-- Whether there is anybody, and nobody of them who has not agreed.
CREATE FUNCTION amparo_all_consent(persons uuid[], to_what text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(amparo_consents(person, to_what)), false) FROM unnest(persons) person
$$;

-- Whether it is known today who takes part in a programme: somebody is enrolled here or waits, or it was told by a delivery of the last three months
-- (`overlapping.TOLD_MONTHS`) that was not taken back.
CREATE FUNCTION amparo_heard_of(programme text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
            SELECT FROM programmes_programme known JOIN programmes_enrolment e ON e.programme_id = known.id
            WHERE known.code = programme AND e.source = 'own' AND e.state <> 'ended')
        OR EXISTS (
            SELECT FROM programmes_feeddelivery d
            WHERE d.day > amparo_today() - interval '3 months' AND (d.receipt->'rows'->>'accepted')::bigint > 0
                AND d.receipt->'schemes' @> jsonb_build_array(jsonb_build_object('scheme', programme))
                AND NOT EXISTS (SELECT FROM programmes_feedretraction r WHERE r.delivery_id = d.id))
$$;

-- Yes, no or unknown of each of some persons, of those whom the agreement reaches; the others are not in it.
-- `enrolled`      whether they, their home or their family take part in the agreement's programme
-- `incompatible`  whether they take part in one that does not go together with it (`against`); in one that nobody stated how it
--                 goes together with it (not in `stated` either), or while it is not known who takes part in one of `against`, it is unknown
CREATE FUNCTION amparo_checked_lent(persons uuid[], question text, against text[], stated text[])
    RETURNS TABLE (person_id uuid, answer text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH agreed AS MATERIALIZED (
        SELECT agreement.programme, agreement.needs_consent, agreement.asked, amparo_agreed_areas() AS areas,
            CASE question WHEN 'enrolled' THEN amparo_heard_of(agreement.programme)
                ELSE coalesce((SELECT bool_and(amparo_heard_of(each)) FROM unnest(against) each), true) END AS is_heard
        FROM amparo_agreement() agreement
        WHERE agreement.programme <> '' AND amparo_agreed_field('check.' || question)
            AND question IN ('enrolled', 'incompatible')
    ), whom AS (
        SELECT person.id FROM agreed, registry_person person
        WHERE person.id = ANY (persons) AND coalesce(person.area_number <@ agreed.areas, false)
            AND (NOT agreed.needs_consent OR amparo_consents(person.id, agreed.asked))
    ), unit AS (
        SELECT whom.id AS person_id, whom.id AS unit_id FROM whom
        UNION SELECT m.person_id, m.household_id FROM whom
            JOIN registry_membership m ON m.person_id = whom.id AND m.ends_on IS NULL
        UNION SELECT m.person_id, m.group_id FROM whom
            JOIN registry_groupmembership m ON m.person_id = whom.id AND m.ends_on IS NULL
    ), told AS (
        SELECT DISTINCT ON (b.beneficiary_id, b.scheme) whom.id AS person_id, b.scheme, b.status
        FROM whom JOIN programmes_beneficiary held ON held.person_id = whom.id
        JOIN programmes_benefit b ON b.beneficiary_id = held.id
            AND b.period > amparo_today() - interval '3 months' AND b.period <= amparo_today()
        ORDER BY b.beneficiary_id, b.scheme, b.period DESC, b.day DESC, b.id DESC
    ), part AS (
        SELECT unit.person_id, known.code::text AS scheme FROM unit
        JOIN programmes_enrolment e ON e.unit_id = unit.unit_id AND e.state IN ('enrolled', 'suspended')
            AND e.source = 'own' AND e.starts_on <= amparo_today()
        JOIN programmes_programme known ON known.id = e.programme_id
        UNION SELECT told.person_id, told.scheme FROM told WHERE told.status IN ('enrolled', 'suspended')
    ), here AS (
        SELECT part.person_id, array_agg(part.scheme) AS schemes FROM part GROUP BY part.person_id
    )
    SELECT whom.id, CASE
        WHEN question = 'enrolled' AND here.schemes @> ARRAY[agreed.programme::text] THEN 'yes'
        WHEN question = 'incompatible' AND here.schemes && against THEN 'yes'
        WHEN question = 'incompatible' AND NOT here.schemes <@ (stated || agreed.programme::text) THEN 'unknown'
        WHEN agreed.is_heard THEN 'no' ELSE 'unknown' END
    FROM agreed CROSS JOIN whom LEFT JOIN here ON here.person_id = whom.id
$$;

-- A page of the enrolments of the agreement's programme, each with whom it tells of. What the agreement does not list is null; and
-- where it does not list the state, there are only those who take part.
CREATE FUNCTION amparo_enrolments_lent(after uuid, at_most int)
    RETURNS TABLE (id uuid, unit_id uuid, grain text, state text, starts_on date, ends_on date, persons uuid[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH agreed AS MATERIALIZED (
        SELECT known.id AS programme_id, agreement.needs_consent, agreement.asked, amparo_agreed_areas() AS areas,
            amparo_agreed_field('enrolment.state') AS tells_state,
            amparo_agreed_field('enrolment.starts_on') AS tells_start, amparo_agreed_field('enrolment.ends_on') AS tells_end
        FROM amparo_agreement() agreement JOIN programmes_programme known ON known.code = agreement.programme
    )
    SELECT e.id, e.unit_id, e.grain, CASE WHEN agreed.tells_state THEN e.state END,
        CASE WHEN agreed.tells_start THEN e.starts_on END, CASE WHEN agreed.tells_end THEN e.ends_on END, told.persons
    FROM agreed JOIN programmes_enrolment e ON e.programme_id = agreed.programme_id
    CROSS JOIN LATERAL (SELECT amparo_persons_of(e.grain, e.unit_id) AS persons) told
    WHERE (agreed.tells_state OR (agreed.tells_start OR agreed.tells_end) AND e.state IN ('enrolled', 'suspended'))
        AND coalesce(e.area_number <@ agreed.areas, false) AND (after IS NULL OR e.id > after)
        AND (NOT agreed.needs_consent OR amparo_all_consent(told.persons, agreed.asked))
    ORDER BY e.id LIMIT at_most
$$;

ALTER FUNCTION amparo_persons_of OWNER TO amparo_definer;
ALTER FUNCTION amparo_all_consent OWNER TO amparo_definer;
ALTER FUNCTION amparo_heard_of OWNER TO amparo_definer;
ALTER FUNCTION amparo_checked_lent OWNER TO amparo_definer;
ALTER FUNCTION amparo_enrolments_lent OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_persons_of, amparo_all_consent, amparo_heard_of, amparo_checked_lent, amparo_enrolments_lent
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_checked_lent, amparo_enrolments_lent TO amparo_partner;
GRANT SELECT ON programmes_feeddelivery, programmes_feedretraction TO amparo_definer;
