-- What other programmes' systems told of the person whose record is asked for: of each system and programme the latest month, by
-- what its latest day told. `whose` is that person; or their household, of what a system told of somebody else of it for a
-- programme that is the household's: then neither of whom nor how much. Of a child who lives elsewhere nothing is told, nor of
-- whoever lives where somebody is in danger, not even to themselves: whose system it is may say where they live.
CREATE FUNCTION amparo_own_benefits() RETURNS TABLE (
    whose uuid, scheme text, feed text, since date, period date, status text, kind text, amount_minor bigint,
    currency text, decimals smallint, payment text, receiver text, told_on date
)
    LANGUAGE sql STABLE ROWS 10 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH me AS (
        SELECT id, amparo_home_of(id) AS home FROM (SELECT amparo_me() AS id) asked
        WHERE amparo_acts_for(amparo_self(), id) IN ('self', 'child', 'mandate')
    ), people AS (
        SELECT me.id AS person_id, me.id AS whose FROM me
        UNION ALL
        SELECT m.person_id, me.home FROM me
        JOIN registry_membership m ON m.household_id = me.home AND m.ends_on IS NULL AND m.person_id <> me.id
    ), told AS (
        SELECT DISTINCT ON (held.id, b.scheme) people.whose, me.id AS me, b.scheme, held.feed,
            min(coalesce(b.since, b.period)) OVER (PARTITION BY held.id, b.scheme) AS since,
            b.period, b.status, b.kind, b.amount_minor, b.currency, b.decimals, b.payment, b.receiver, b.day
        FROM me, people
        JOIN programmes_beneficiary held ON held.person_id = people.person_id AND held.area_number >= 0
        JOIN LATERAL (
            SELECT DISTINCT ON (each.scheme, each.period) each.* FROM programmes_benefit each
            WHERE each.beneficiary_id = held.id ORDER BY each.scheme, each.period, each.day DESC, each.id DESC
        ) b ON true
        WHERE people.whose = me.id OR EXISTS (
            SELECT FROM programmes_programme run
            WHERE run.code = b.scheme AND run.unit = 'household' AND run.withdrawn_at IS NULL)
        ORDER BY held.id, b.scheme, b.period DESC
    )
    SELECT t.whose, t.scheme, t.feed, t.since, t.period, t.status, t.kind,
        CASE WHEN t.whose = t.me THEN t.amount_minor END, t.currency, t.decimals,
        CASE WHEN t.whose = t.me THEN t.payment END, CASE WHEN t.whose = t.me THEN t.receiver END, t.day
    FROM told t
$$;
ALTER FUNCTION amparo_own_benefits OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_own_benefits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_own_benefits TO amparo_citizen;
