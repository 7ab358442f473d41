-- Erasures are proposed by one and confirmed by another, and done once: the database holds to it, whoever asks.

CREATE TABLE trust_erasure (
    id uuid PRIMARY KEY,
    -- NULL where a schedule erased many, or no person at all: then the certificate says how many and where.
    person_id uuid,
    schedule varchar(64) NOT NULL DEFAULT '',
    ground varchar(200) NOT NULL CHECK (ground <> ''),
    reference varchar(200) NOT NULL DEFAULT '',
    state varchar(12) NOT NULL CHECK (state IN ('proposed', 'dismissed', 'confirmed', 'done')),
    area_number bigint NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    confirmed_by uuid,
    confirmed_at timestamptz,
    done_at timestamptz,
    certificate jsonb,
    digest varchar(64) NOT NULL DEFAULT '',
    CONSTRAINT erasure_four_eyes CHECK (schedule <> '' OR confirmed_by <> proposed_by),
    CONSTRAINT erasure_is_of_something CHECK (schedule <> '' OR person_id IS NOT NULL),
    CONSTRAINT erasure_confirmed_whole CHECK (
        (state IN ('proposed')) = (num_nonnulls(confirmed_by, confirmed_at) = 0)
        AND num_nonnulls(confirmed_by, confirmed_at) IN (0, 2)),
    CONSTRAINT erasure_done_whole CHECK ((state = 'done') = (num_nonnulls(done_at, certificate) = 2))
);
CREATE INDEX trust_erasure_person ON trust_erasure (person_id);
CREATE INDEX trust_erasure_state ON trust_erasure (state, proposed_at);
-- One person is proposed once at a time.
CREATE UNIQUE INDEX trust_erasure_one_open ON trust_erasure (person_id) WHERE state IN ('proposed', 'confirmed');

CREATE FUNCTION amparo_guard_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_erasure := OLD;
BEGIN
    kept.state := NEW.state;
    IF OLD.state = 'proposed' AND NEW.state IN ('confirmed', 'dismissed') THEN
        kept.confirmed_by := NEW.confirmed_by;
        kept.confirmed_at := NEW.confirmed_at;
    ELSIF OLD.state = 'confirmed' AND NEW.state = 'done' AND current_user = 'amparo_eraser' THEN
        kept.done_at := NEW.done_at;
        kept.certificate := NEW.certificate;
        kept.digest := NEW.digest;
    ELSE
        kept := OLD;
    END IF;
    IF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'an erasure is proposed, confirmed and done once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER in_its_order BEFORE UPDATE ON trust_erasure FOR EACH ROW EXECUTE FUNCTION amparo_guard_erasure();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_erasure FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- What has begun without a proposal is the eraser's own: by a schedule, or once more after a restore.
CREATE FUNCTION amparo_guard_new_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'proposed' AND current_user <> 'amparo_eraser' THEN
        RAISE EXCEPTION 'an erasure begins as a proposal' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER begins_proposed BEFORE INSERT ON trust_erasure FOR EACH ROW EXECUTE FUNCTION amparo_guard_new_erasure();

CREATE TABLE trust_hold (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    reason varchar(200) NOT NULL CHECK (reason <> ''),
    until date,
    area_number bigint NOT NULL,
    placed_by uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    ended_by uuid,
    ended_at timestamptz,
    CONSTRAINT hold_ended_whole CHECK (num_nonnulls(ended_by, ended_at) IN (0, 2))
);
CREATE INDEX trust_hold_person ON trust_hold (person_id) WHERE ended_at IS NULL;
CREATE TRIGGER no_delete BEFORE DELETE ON trust_hold FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- An act for a purpose that is over is not written down, and so not done; by the clock that is ahead, the caller's or ours.
CREATE FUNCTION amparo_guard_purpose() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event NOT IN ('batch-stopped', 'batch-refused', 'consent-withdrawn', 'hold-ended', 'exchange-refused')
            AND EXISTS (
                SELECT FROM trust_purpose
                WHERE code = NEW.purpose AND last_day < (greatest(NEW.at, now()) AT TIME ZONE 'UTC')::date) THEN
        RAISE EXCEPTION 'the purpose % is over', NEW.purpose USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER for_a_live_purpose BEFORE INSERT ON trust_audit
    FOR EACH ROW WHEN (NEW.purpose <> '') EXECUTE FUNCTION amparo_guard_purpose();

-- As before (0008), and its purpose is not over.
CREATE OR REPLACE FUNCTION amparo_agreement() RETURNS SETOF trust_agreement
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM trust_agreement agreement
    WHERE id = nullif(current_setting('amparo.agreement', true), '')::uuid
        AND state = 'in-force' AND direction = 'out' AND amparo_today() BETWEEN starts_on AND ends_on
        AND NOT EXISTS (
            SELECT FROM trust_purpose WHERE code = agreement.purpose_id AND last_day < amparo_today())
$$;
