-- What the database itself holds to of citizens' accounts, mandates and delays, whatever the program has worked out.

-- Who the caller's account is, if it is a citizen's that may sign in; otherwise nobody.
CREATE FUNCTION amparo_self() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.person_id FROM trust_citizen c JOIN trust_account a ON a.id = c.account_id AND a.is_active
    WHERE c.account_id = nullif(current_setting('amparo.by', true), '')::uuid
$$;
ALTER FUNCTION amparo_self OWNER TO amparo_definer;

-- Nobody is an officer and a citizen in one account: who is both has two, and cannot open their own record as an officer
-- by being signed in to look at it as a person.
CREATE FUNCTION amparo_keep_citizens_apart() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM trust_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM trust_citizen WHERE account_id = NEW.account_id)
            AND EXISTS (SELECT FROM trust_roleassignment WHERE account_id = NEW.account_id) THEN
        RAISE EXCEPTION 'an account is an officer''s or a citizen''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER apart_from_officers AFTER INSERT ON trust_citizen
    FOR EACH ROW EXECUTE FUNCTION amparo_keep_citizens_apart();
CREATE TRIGGER apart_from_citizens AFTER INSERT ON trust_roleassignment
    FOR EACH ROW EXECUTE FUNCTION amparo_keep_citizens_apart();

-- Whether a code and what its person knows beside it belong together. A wrong second half is counted against the code,
-- and the fifth ends it. The web's own login cannot read invitations, only ask of one whose code it was told.
CREATE FUNCTION amparo_try_invitation(code text, detail text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held trust_invitation;
BEGIN
    SELECT * INTO held FROM trust_invitation
        WHERE code_digest = code AND taken_at IS NULL AND until > now() AND tries < 5 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF detail = ANY (held.detail_digests) THEN
        RETURN held.person_id;
    END IF;
    UPDATE trust_invitation SET tries = tries + 1 WHERE id = held.id;
    RETURN NULL;
END $$;

-- Bind an account to the person of an invitation, which is then taken; return who the person is and the account they had
-- before, which opens nothing any more.
CREATE FUNCTION amparo_bind_citizen(code text, detail text, opened uuid, OUT person uuid, OUT former uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trust_invitation SET taken_at = now()
        WHERE code_digest = code AND detail = ANY (detail_digests) AND taken_at IS NULL AND until > now() AND tries < 5
        RETURNING person_id INTO person;
    IF person IS NULL THEN
        RAISE EXCEPTION 'no such invitation' USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM trust_citizen WHERE person_id = person RETURNING account_id INTO former;
    INSERT INTO trust_citizen (account_id, person_id, bound_at) VALUES (opened, person, now());
END $$;
ALTER FUNCTION amparo_try_invitation OWNER TO amparo_definer;
ALTER FUNCTION amparo_bind_citizen OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_try_invitation, amparo_bind_citizen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_try_invitation, amparo_bind_citizen TO amparo_app;

-- A mandate is written once; only its revocation is filled in later, once. Its area follows the person's.
CREATE FUNCTION amparo_guard_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_mandate := OLD;
BEGIN
    IF OLD.revoked_at IS NULL THEN
        kept.revoked_on := NEW.revoked_on;
        kept.revoked_at := NEW.revoked_at;
        kept.revoked_by := NEW.revoked_by;
    END IF;
    IF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    ELSIF current_user = 'amparo_eraser' AND NEW.proof_number = '' THEN
        kept.proof_number := '';
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a mandate is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON trust_mandate
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_mandate();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_mandate
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- Both see a mandate: who gave it, and who holds it. Only who gave it takes it back by themselves.
CREATE POLICY citizen_given ON trust_mandate FOR SELECT TO amparo_citizen USING (person_id = (SELECT amparo_self()));
CREATE POLICY citizen_held ON trust_mandate FOR SELECT TO amparo_citizen USING (holder_id = (SELECT amparo_self()));
CREATE POLICY citizen_revokes ON trust_mandate FOR UPDATE TO amparo_citizen
    USING (person_id = (SELECT amparo_self())) WITH CHECK (person_id = (SELECT amparo_self()));

-- A delay lasts two years at most, counted from the first act that it hides, and is confirmed by a second person or hides
-- nothing. It is never changed and never made longer; it can only be ended before its day.
ALTER TABLE trust_delay ADD CONSTRAINT delay_ends
    CHECK (reveal_on <= ((since AT TIME ZONE 'UTC')::date + 731)
        AND reveal_on <= ((proposed_at AT TIME ZONE 'UTC')::date + 731));
ALTER TABLE trust_delay ADD CONSTRAINT delay_confirmed_whole CHECK (num_nonnulls(confirmed_by, confirmed_at) IN (0, 2));
ALTER TABLE trust_delay ADD CONSTRAINT delay_ended_whole CHECK (num_nonnulls(ended_by, ended_at) IN (0, 2));
CREATE FUNCTION amparo_guard_delay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_delay := OLD;
BEGIN
    IF OLD.confirmed_at IS NULL AND OLD.ended_at IS NULL THEN
        kept.confirmed_by := NEW.confirmed_by;
        kept.confirmed_at := NEW.confirmed_at;
    END IF;
    IF OLD.ended_at IS NULL THEN
        kept.ended_by := NEW.ended_by;
        kept.ended_at := NEW.ended_at;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a delay is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON trust_delay FOR EACH ROW EXECUTE FUNCTION amparo_guard_delay();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_delay FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
