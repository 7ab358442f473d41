-- Machines of partners, and what their requests are held to.

-- A machine says for ever what it was opened for; a credential what it is. What is filled in later is filled in once.
CREATE FUNCTION amparo_guard_machine() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_machine := OLD;
BEGIN
    IF OLD.closed_at IS NULL THEN
        kept.closed_at := NEW.closed_at;
        kept.closed_by := NEW.closed_by;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a machine is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_once BEFORE UPDATE ON trust_machine FOR EACH ROW EXECUTE FUNCTION amparo_guard_machine();

CREATE FUNCTION amparo_guard_credential() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_credential := OLD;
BEGIN
    IF OLD.confirmed_at IS NULL AND OLD.ended_at IS NULL THEN
        kept.confirmed_at := NEW.confirmed_at;
        kept.confirmed_by := NEW.confirmed_by;
    END IF;
    IF OLD.ended_at IS NULL THEN
        kept.ended_at := NEW.ended_at;
        kept.ended_by := NEW.ended_by;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a credential is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended_once BEFORE UPDATE ON trust_credential FOR EACH ROW EXECUTE FUNCTION amparo_guard_credential();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_credential FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
ALTER TABLE trust_credential ADD CONSTRAINT credential_whole CHECK (
    num_nonnulls(confirmed_at, confirmed_by) IN (0, 2) AND num_nonnulls(ended_at, ended_by) IN (0, 2)
    AND (kind = 'secret') = (secret_hash <> '') AND (kind = 'key') = (jwk IS NOT NULL)
);
-- A secret that a new machine or the same one would share could not be told apart.
CREATE UNIQUE INDEX trust_credential_secret ON trust_credential (secret_hash) WHERE secret_hash <> '';

-- How often somebody asked: the instants until which what was asked fills a second and a minute (trust/limits.py). Lost in a
-- crash, and empty then.
CREATE UNLOGGED TABLE trust_bucket (
    key varchar(80) PRIMARY KEY,
    in_second timestamptz NOT NULL,
    in_minute timestamptz NOT NULL
);
CREATE INDEX trust_bucket_filled ON trust_bucket (in_minute);

-- Messages that hold once, and were taken. Durable: a restart must not let one in again.
CREATE TABLE trust_taken (
    sender uuid NOT NULL,
    message char(64) NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (sender, message)
);
CREATE INDEX trust_taken_until ON trust_taken (until);

-- What a write answered, for whoever sends the same again. No answer kept here tells of anybody.
CREATE TABLE trust_reply (
    sender uuid NOT NULL,
    key varchar(200) NOT NULL,
    asked char(64) NOT NULL,
    status smallint,
    body json,  -- as it was answered, to the letter; what is refused leaves no row
    at timestamptz NOT NULL,
    PRIMARY KEY (sender, key)
);
CREATE INDEX trust_reply_at ON trust_reply (at);
