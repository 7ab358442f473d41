-- Unusual use: what was found of whom, and what was made of it. The web's roles read an alert unless it is about
-- themselves, and may change how it was judged, nothing else.
ALTER TABLE trust_alert ENABLE ROW LEVEL SECURITY;
ALTER TABLE trust_alert FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE (state, judged) ON trust_alert TO amparo_national;
GRANT SELECT, INSERT, UPDATE ON trust_alert TO amparo_bulk;
CREATE POLICY others ON trust_alert TO amparo_national
    USING (NOT coalesce((SELECT nullif(current_setting('amparo.by', true), '')::uuid) = ANY (concerned), true));
CREATE TRIGGER no_delete BEFORE DELETE ON trust_alert FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- A step is of an alert that the one who writes it may see.
ALTER TABLE trust_alertstep ENABLE ROW LEVEL SECURITY;
ALTER TABLE trust_alertstep FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON trust_alertstep TO amparo_national, amparo_bulk;
CREATE POLICY others ON trust_alertstep TO amparo_national
    USING (EXISTS (SELECT FROM trust_alert seen WHERE seen.id = alert_id))
    WITH CHECK (EXISTS (SELECT FROM trust_alert seen WHERE seen.id = alert_id)
        AND by_id = (SELECT nullif(current_setting('amparo.by', true), '')::uuid));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_alertstep
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- How far the watch has come: all rows of the log below this place are counted.
CREATE TABLE trust_watched (is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only), place bigint NOT NULL);
INSERT INTO trust_watched (place) VALUES (-1);
GRANT SELECT, UPDATE ON trust_watched TO amparo_bulk;

-- What one officer did on one day of the country, or one partner under one agreement: counts, from the log alone.
CREATE TABLE trust_use (
    by_id uuid NOT NULL,
    agreement varchar(64) NOT NULL,
    day date NOT NULL,
    shown bigint NOT NULL,
    acts bigint NOT NULL,
    night bigint NOT NULL,
    missed bigint NOT NULL,
    denied bigint NOT NULL,
    stopped bigint NOT NULL,
    exported bigint NOT NULL,
    granted bigint NOT NULL,
    lent bigint NOT NULL,
    PRIMARY KEY (by_id, agreement, day)
);
CREATE INDEX trust_use_day ON trust_use (day);
-- Where an officer has opened records, and on which day first.
CREATE TABLE trust_used_area (
    by_id uuid NOT NULL,
    area_number bigint NOT NULL,
    first_on date NOT NULL,
    PRIMARY KEY (by_id, area_number)
);
GRANT SELECT, INSERT, UPDATE ON trust_use, trust_used_area TO amparo_bulk;

-- How many records one row of the log opened to whoever asked; a list that was taken along is counted apart.
CREATE FUNCTION amparo_shown(event text, details jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN event IN ('household-read', 'person-read', 'decision-read', 'notice-read', 'consents-read') THEN 1
        WHEN event = 'decisions-listed' AND jsonb_typeof(details->'units') = 'array'
            THEN jsonb_array_length(details->'units')
        WHEN event = 'households-found' AND details->>'by_what' = 'area' THEN (details->>'found')::bigint
        WHEN event = 'quarantine-read' THEN (details->>'rows')::bigint
        ELSE 0 END
$$;

-- Whether an officer may open more records today, by the country's day. Asked as the gates open; where it cannot be told,
-- the error ends the request. `stated` is the profile's limit, the other holds where a profile states none.
CREATE FUNCTION amparo_within_budget(officer uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH stated AS (
        SELECT coalesce((SELECT value->>'zone' FROM trust_setting WHERE name = 'watch'), 'UTC') AS zone,
               coalesce((SELECT (value->>'most_a_day')::bigint FROM trust_setting WHERE name = 'watch'), 2000) AS most
    )
    SELECT coalesce((
        SELECT sum(amparo_shown(event, details)) FROM trust_audit
        WHERE by_id = officer AND at >= (SELECT date_trunc('day', now() AT TIME ZONE zone) AT TIME ZONE zone FROM stated)
    ), 0) < (SELECT most FROM stated)
$$;
REVOKE EXECUTE ON FUNCTION amparo_within_budget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_within_budget TO amparo_app, amparo_bulk, amparo_area, amparo_national;
