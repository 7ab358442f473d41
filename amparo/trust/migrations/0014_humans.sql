-- Which human being an account is of: accounts that were bound together are of one, and what is no account's is of itself.
CREATE FUNCTION amparo_human(account uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT human FROM trust_account WHERE id = account), account)
$$;

-- Refuses a row whose checker, the first column named, is the human being of its maker, the second. Looked at when the
-- checker is written: that two accounts are found later to be one human's does not stop what follows from the row.
CREATE FUNCTION amparo_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checker uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
BEGIN
    IF (TG_OP = 'INSERT' OR checker IS DISTINCT FROM (to_jsonb(OLD) ->> TG_ARGV[0])::uuid)
            AND amparo_human(checker) = amparo_human((to_jsonb(NEW) ->> TG_ARGV[1])::uuid) THEN
        RAISE EXCEPTION 'one human being made and checked this' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER given_by_another BEFORE INSERT OR UPDATE ON trust_roleassignment
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'granted_by');
CREATE TRIGGER held_by_another BEFORE INSERT OR UPDATE ON trust_roleassignment
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'account_id');

CREATE OR REPLACE FUNCTION amparo_guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_agreement := OLD;
    hands int;
BEGIN
    kept.state := NEW.state;
    IF OLD.state <> 'drafted' AND NEW IS DISTINCT FROM kept OR OLD.state = 'ended' THEN
        RAISE EXCEPTION 'a signed agreement is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'in-force' AND OLD.state <> 'in-force' THEN
        SELECT count(DISTINCT amparo_human(recorded_by)) INTO hands FROM trust_agreementsignature
            WHERE agreement_id = NEW.id AND amparo_human(recorded_by) <> amparo_human(NEW.drafted_by)
                AND amparo_human(recorded_by) NOT IN (
                    SELECT amparo_human(by_id) FROM trust_agreementchange WHERE agreement_id = NEW.id AND state = 'drafted');
        IF hands < 2 OR OLD.state NOT IN ('signed', 'suspended') THEN
            RAISE EXCEPTION 'an agreement is signed by both sides' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON trust_credential
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'made_by');
CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON trust_delay
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'proposed_by');
CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON trust_erasure
    FOR EACH ROW WHEN (NEW.schedule = '') -- what a schedule takes, nobody proposes
    EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'proposed_by');
CREATE TRIGGER closed_by_another BEFORE INSERT OR UPDATE ON trust_breach
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('closed_by', 'closing_by');

CREATE OR REPLACE FUNCTION amparo_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_live THEN
        RAISE EXCEPTION 'nothing goes back to a trial' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.assessment_id IS DISTINCT FROM (SELECT max(number) FROM trust_impactassessment)
        OR (SELECT count(DISTINCT amparo_human(by_id)) FROM trust_impactsignature WHERE assessment_id = NEW.assessment_id) < 2
        OR NOT EXISTS (SELECT FROM trust_impactsignature
                       WHERE assessment_id = NEW.assessment_id AND role = 'data-protection-officer') THEN
        RAISE EXCEPTION 'the impact assessment is not signed off' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- A month and no longer: whoever is away for longer is replaced, and what is replaced is granted.
ALTER TABLE trust_delegation ADD CONSTRAINT delegation_of_days CHECK (ends_on - starts_on < 31);
