-- Agreements in the database itself: what a partner's transaction may see is read from the agreement that it names, as it
-- stands at that moment, whatever the query asks and whatever the program has worked out.

CREATE TABLE trust_consent (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    agreement varchar(64) NOT NULL,
    asked varchar(64) NOT NULL,
    text_id bigint NOT NULL REFERENCES trust_consenttext,
    kind varchar(20) NOT NULL,
    given_on date NOT NULL,
    until date,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    withdrawn_on date,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    -- Copied from the person by a trigger of the registry's; without it no consent can be written.
    area_number bigint NOT NULL,
    CONSTRAINT consent_in_order CHECK (until >= given_on),
    CONSTRAINT consent_withdrawn_whole CHECK (num_nonnulls(withdrawn_on, withdrawn_at, withdrawn_by) IN (0, 3))
);
CREATE UNIQUE INDEX trust_consent_one_live ON trust_consent (person_id, agreement) WHERE withdrawn_at IS NULL;
CREATE INDEX trust_consent_person ON trust_consent (person_id);

-- The day by which agreements and consents begin and end.
CREATE FUNCTION amparo_today() RETURNS date LANGUAGE sql STABLE AS $$ SELECT (now() AT TIME ZONE 'UTC')::date $$;

-- The agreement that the caller's transaction names, if it lets data out and is in force today; otherwise no row.
CREATE FUNCTION amparo_agreement() RETURNS SETOF trust_agreement
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM trust_agreement
    WHERE id = nullif(current_setting('amparo.agreement', true), '')::uuid
        AND state = 'in-force' AND direction = 'out' AND amparo_today() BETWEEN starts_on AND ends_on
$$;

-- Area numbers of its population.
CREATE FUNCTION amparo_agreed_areas() RETURNS int8multirange
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(range_agg(int8range(area.number, area.last_number, '[]')), '{}')
    FROM amparo_agreement() agreement JOIN trust_area area ON area.code = ANY (agreement.areas)
$$;

-- Whether everybody in its areas is of its population: it asks for no consent and names no programme.
CREATE FUNCTION amparo_agreed_whole() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM amparo_agreement() WHERE NOT needs_consent AND programme = '')
$$;

-- What it asks persons to consent to.
CREATE FUNCTION amparo_agreed_asked() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT asked FROM amparo_agreement()
$$;

CREATE FUNCTION amparo_agreed_schemes() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT identifiers::text[] FROM amparo_agreement()
$$;

ALTER FUNCTION amparo_agreement OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_areas OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_whole OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_asked OWNER TO amparo_definer;
ALTER FUNCTION amparo_agreed_schemes OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_agreement FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_agreement TO amparo_definer;

-- Signed terms are never changed, and nothing comes into force without two signatures that two people took down, neither
-- of whom drafted it.
CREATE FUNCTION amparo_guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_agreement := OLD;
    hands int;
BEGIN
    kept.state := NEW.state;
    IF OLD.state <> 'drafted' AND NEW IS DISTINCT FROM kept OR OLD.state = 'ended' THEN
        RAISE EXCEPTION 'a signed agreement is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'in-force' AND OLD.state <> 'in-force' THEN
        SELECT count(DISTINCT recorded_by) INTO hands FROM trust_agreementsignature
            WHERE agreement_id = NEW.id AND recorded_by <> NEW.drafted_by AND recorded_by NOT IN (
                SELECT by_id FROM trust_agreementchange WHERE agreement_id = NEW.id AND state = 'drafted');
        IF hands < 2 OR OLD.state NOT IN ('signed', 'suspended') THEN
            RAISE EXCEPTION 'an agreement is signed by both sides' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed_once BEFORE UPDATE ON trust_agreement
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_agreement();
CREATE FUNCTION amparo_guard_new_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'drafted' THEN
        RAISE EXCEPTION 'an agreement begins as a draft' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER begins_drafted BEFORE INSERT ON trust_agreement
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_new_agreement();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_agreementsignature
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_agreementchange
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_consenttext
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- A receipt is written once; its withdrawal is filled in later, once. Its area follows the person's.
CREATE FUNCTION amparo_guard_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_consent := OLD;
BEGIN
    IF OLD.withdrawn_at IS NULL THEN
        kept.withdrawn_on := NEW.withdrawn_on;
        kept.withdrawn_at := NEW.withdrawn_at;
        kept.withdrawn_by := NEW.withdrawn_by;
    END IF;
    IF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a receipt is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON trust_consent
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_consent();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_consent
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
