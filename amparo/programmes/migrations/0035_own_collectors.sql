-- Who collects of whatever the person takes part in whose record is asked for: one row for each place that somebody fills.
-- A person is told to whoever sees something of them, and an institution, where it says how somebody lives, with the proof
-- to the person themselves or their parent. Of a child who lives elsewhere only that one collects oneself.
CREATE FUNCTION amparo_own_collectors() RETURNS TABLE (
    enrolment_id uuid, is_alternate boolean, collector_id uuid, is_institution boolean, since date, until date,
    proof text, law text, is_first boolean
)
    LANGUAGE sql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH seen AS (SELECT entity, relation FROM amparo_seen()),
    viewer AS (SELECT relation FROM seen WHERE entity = amparo_me()),
    filled AS (
        SELECT e.id, e.starts_on, place.* FROM programmes_enrolment e, LATERAL (VALUES
            (false, e.recipient_id, coalesce(e.recipient_id, e.person_id)), (true, e.alternate_id, e.alternate_id)
        ) place (is_alternate, named_id, collector_id)
        WHERE e.unit_id IN (SELECT amparo_units()) AND e.state IN ('enrolled', 'suspended')
            AND place.collector_id IS NOT NULL
    )
    SELECT f.id, f.is_alternate,
        CASE WHEN told.it THEN f.collector_id END, coalesce(c.kind = 'institution' AND told.it, false),
        coalesce(c.starts_on, f.starts_on), c.ends_on,
        CASE WHEN viewer.relation IN ('self', 'child') THEN c.proof END,
        CASE WHEN viewer.relation IN ('self', 'child') THEN c.law END,
        c.kind IS NULL AND viewer.relation IN ('self', 'child')
    FROM viewer, filled f
    LEFT JOIN LATERAL (
        SELECT each.kind, each.starts_on, each.ends_on, each.proof, each.law FROM programmes_collectorchange each
        WHERE each.enrolment_id = f.id AND (each.kind = 'alternate') = f.is_alternate
            AND each.collector_id IS NOT DISTINCT FROM f.named_id
            AND each.took_effect_at IS NOT NULL AND each.ended_at IS NULL
        ORDER BY each.took_effect_at DESC LIMIT 1
    ) c ON true,
    LATERAL (SELECT CASE WHEN c.kind = 'institution' THEN viewer.relation IN ('self', 'child')
        ELSE EXISTS (SELECT FROM seen WHERE entity = f.collector_id AND relation <> 'home') END AS it) told
    WHERE viewer.relation <> 'child-elsewhere' OR f.collector_id = amparo_self()
$$;
ALTER FUNCTION amparo_own_collectors OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_own_collectors FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_own_collectors TO amparo_citizen;
