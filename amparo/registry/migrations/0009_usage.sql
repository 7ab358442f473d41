-- Who used the record that the caller's transaction asks for: read out of the audit log, which no citizen can read itself.

-- Events that reach everybody of an area, or of the nation, at once: their rows say how many, not who.
CREATE FUNCTION amparo_wide_events() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{decisions-exported,quarantine-read,snapshot-taken,snapshot-opened,decisions-recomputed,determination-run,
        run-previewed,notices-given}'::text[]
$$;

-- Ids are given as arrays, so that each place is looked up in its index whatever the planner believes of so few homes.
-- The rows of the log that concern one person, with how: named or meant (`self`), as one of their household (`household`),
-- as one of many (`population`), or because of what was done for somebody else of the household (`other`).
CREATE FUNCTION amparo_concerning(me uuid, since timestamptz, until timestamptz)
    RETURNS TABLE (at timestamptz, id uuid, how text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH homes AS MATERIALIZED (
        SELECT household_id AS id, starts_on, coalesce(ends_on, 'infinity') AS ends_on
        FROM registry_membership WHERE person_id = me
    ),
    groups AS MATERIALIZED (
        SELECT g.id, g.kind FROM registry_groupmembership m JOIN registry_group g ON g.id = m.group_id
        WHERE m.person_id = me
    ),
    -- Where the person lives or lived while this registry knew: the household's moves are in the log itself.
    places AS MATERIALIZED (
        SELECT area_number AS number FROM registry_person WHERE id = me
        UNION SELECT a.area_number FROM trust_audit a
            WHERE a.about_kind = 'household' AND a.about_id = ANY (ARRAY(SELECT homes.id::text FROM homes))
                AND a.area_number IS NOT NULL
    ),
    deliveries AS MATERIALIZED (
        SELECT DISTINCT o.delivery_id::text AS id
        FROM (SELECT me AS id UNION SELECT homes.id FROM homes) whose
        JOIN registry_subjectlink l ON l.entity_id = whose.id
        JOIN registry_observation o ON o.subject_id = l.subject_id
    ),
    found AS (
        (SELECT a.at, a.id, 'self' AS how FROM trust_audit a
            WHERE a.about_kind = 'person' AND a.about_id = me::text AND a.at >= since AND a.at < until)
        UNION ALL
        (SELECT a.at, a.id, 'self' FROM trust_audit a
            WHERE a.details ? 'persons' AND a.details->'persons' @> to_jsonb(me::text) AND a.at >= since AND a.at < until)
        UNION ALL
        (SELECT a.at, a.id, 'household' FROM trust_audit a
            WHERE a.about_kind = 'household' AND a.about_id = ANY (ARRAY(SELECT homes.id::text FROM homes))
                AND a.at >= since AND a.at < until AND EXISTS (
                    SELECT FROM homes
                    WHERE homes.id::text = a.about_id AND a.at::date BETWEEN homes.starts_on AND homes.ends_on))
        UNION ALL
        (SELECT a.at, a.id, 'self' FROM trust_audit a
            WHERE a.about_kind = ANY (ARRAY(SELECT kind FROM groups))
                AND a.about_id = ANY (ARRAY(SELECT groups.id::text FROM groups)) AND a.at >= since AND a.at < until)
        UNION ALL
        -- Of a list that names households, who of the household was meant decides whose act it was.
        (SELECT a.at, a.id, CASE
                WHEN NOT a.details ? 'units' OR a.details->'units' ?| (
                    SELECT array_agg(unit::text) FROM (
                        SELECT me AS unit UNION SELECT homes.id FROM homes UNION SELECT groups.id FROM groups) mine)
                THEN 'household' ELSE 'other' END
            FROM homes JOIN trust_audit a
                ON a.details ? 'households' AND a.details->'households' @> to_jsonb(homes.id::text)
            WHERE a.at::date BETWEEN homes.starts_on AND homes.ends_on AND a.at >= since AND a.at < until)
        UNION ALL
        (SELECT a.at, a.id, 'household' FROM trust_audit a
            WHERE a.about_kind = 'delivery' AND a.about_id = ANY (ARRAY(SELECT deliveries.id FROM deliveries))
                AND a.at >= since AND a.at < until)
        UNION ALL
        (SELECT a.at, a.id, 'self' FROM trust_audit a
            WHERE a.event = 'audit-read' AND a.at >= since AND a.at < until AND a.details->'asked'->>'about' IN (
                SELECT me::text UNION SELECT homes.id::text FROM homes))
        UNION ALL
        (SELECT a.at, a.id, 'population' FROM trust_audit a
            WHERE a.event = ANY (amparo_wide_events()) AND a.at >= since AND a.at < until
                AND a.at >= (SELECT created_at FROM registry_person p WHERE p.id = me)
                AND (a.area_number IS NULL OR EXISTS (
                    SELECT FROM trust_area area, places
                    WHERE area.number = a.area_number AND places.number BETWEEN area.number AND area.last_number)))
    )
    SELECT DISTINCT ON (found.at, found.id) found.at, found.id, found.how FROM found
    ORDER BY found.at DESC, found.id DESC, array_position('{self,household,other,population}'::text[], found.how)
$$;

-- What the person concerned is told of each of these rows. Nobody's name and nobody's id leaves, only roles and institutions.
-- Of an act for somebody else of the household: the day and the kind of data, nothing else. An act that a confirmed delay
-- hides is not there at all before its day, and then says why it was late. No delay reaches further than two years from its
-- first act (trust/migrations/0010_citizens.sql), so neither do several together: each must have begun before the act.
CREATE FUNCTION amparo_usage(since timestamptz, until timestamptz, with_own boolean, skipped bigint, at_most bigint)
    RETURNS TABLE (at timestamptz, how text, event text, by_kind text, permission text, purpose text, legal_basis text,
        agreement text, institution text, institution_name text, roles text[], places bigint[], fields jsonb,
        delayed_by text, delayed_until date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH whom AS (SELECT amparo_me() AS me, amparo_self() AS self),
    rows AS (
        SELECT a.*, c.how, whom.me, whom.self, delay.authority, delay.reveal_on
        FROM whom CROSS JOIN LATERAL amparo_concerning(whom.me, since, until) c
        JOIN trust_audit a ON a.at = c.at AND a.id = c.id
        LEFT JOIN LATERAL (
            SELECT d.authority, least(d.reveal_on, (d.ended_at AT TIME ZONE 'UTC')::date) AS reveal_on
            FROM trust_delay d
            WHERE d.actor_id = a.by_id AND d.confirmed_at IS NOT NULL AND a.at >= d.since
                AND a.at::date < least(d.reveal_on, (d.ended_at AT TIME ZONE 'UTC')::date)
                AND (d.person_id = whom.me OR a.details->'persons' @> to_jsonb(d.person_id::text)
                    OR a.about_id = d.person_id::text OR a.about_id = amparo_home_of(d.person_id)::text)
            ORDER BY 2 DESC LIMIT 1
        ) delay ON true
        WHERE whom.me IS NOT NULL
            AND (delay.reveal_on IS NULL OR delay.reveal_on <= amparo_today())
            AND (with_own OR a.by_kind <> 'citizen' OR whom.self IS DISTINCT FROM (
                SELECT c.person_id FROM trust_citizen c WHERE c.account_id = a.by_id))
        ORDER BY a.at DESC, a.id DESC OFFSET skipped LIMIT at_most
    )
    SELECT CASE WHEN how = 'other' THEN date_trunc('day', r.at, 'UTC') ELSE r.at END, how,
        CASE WHEN how <> 'other' THEN r.event END::text,
        CASE WHEN how <> 'other' THEN r.by_kind END::text,
        CASE WHEN how <> 'other' THEN r.permission END::text,
        CASE WHEN how <> 'other' THEN r.purpose END::text,
        CASE WHEN how <> 'other' THEN p.legal_basis END,
        CASE WHEN how <> 'other' THEN r.agreement END::text,
        coalesce(CASE WHEN how <> 'other' THEN taker.code END, own.code)::text,
        coalesce(CASE WHEN how <> 'other' THEN taker.name END, own.name)::text,
        CASE WHEN how <> 'other' THEN held.roles END,
        -- In whose office it was says where somebody lives: only the person themselves are told.
        CASE WHEN how <> 'other' AND r.me = r.self THEN held.places END,
        CASE WHEN how <> 'other' AND r.event = 'records-exchanged' THEN r.details->'fields' END,
        r.authority::text, r.reveal_on
    FROM rows r
    LEFT JOIN trust_purpose p ON p.code = r.purpose
    LEFT JOIN trust_organisation own ON own.is_own
    LEFT JOIN trust_agreement agreed ON r.event = 'records-exchanged' AND agreed.id::text = r.about_id
    LEFT JOIN trust_organisation taker
        ON taker.id = coalesce(agreed.consumer_id, CASE WHEN r.by_kind = 'partner' THEN r.by_id END)
    LEFT JOIN LATERAL (
        SELECT array_agg(h.role::text ORDER BY h.id) AS roles, array_agg(h.area_id ORDER BY h.id) AS places
        FROM trust_roleassignment h
        WHERE r.by_kind = 'officer' AND h.account_id = r.by_id AND h.is_confirmed AND h.starts_on <= r.at::date
            AND (h.ends_on IS NULL OR h.ends_on >= r.at::date)
    ) held ON true
    ORDER BY r.at DESC, r.id DESC
$$;

CREATE FUNCTION amparo_usage_count(since timestamptz, until timestamptz, with_own boolean) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM amparo_usage(since, until, with_own, 0, NULL)
$$;

-- Since when the log goes back.
CREATE FUNCTION amparo_usage_since() RETURNS timestamptz
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT min(at) FROM trust_audit $$;

GRANT SELECT ON trust_purpose, trust_organisation, trust_agreement TO amparo_definer;
ALTER FUNCTION amparo_concerning OWNER TO amparo_definer;
ALTER FUNCTION amparo_usage OWNER TO amparo_definer;
ALTER FUNCTION amparo_usage_count OWNER TO amparo_definer;
ALTER FUNCTION amparo_usage_since OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_concerning FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_concerning TO amparo_definer;
