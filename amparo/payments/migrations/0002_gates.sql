-- Payments, their lines, accounts and what returns say: the tables that are written set by set.
CREATE SEQUENCE payments_reference;
GRANT USAGE ON SEQUENCE payments_reference TO amparo_bulk;

CREATE TABLE payments_account (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    area_number bigint NOT NULL,
    scheme varchar(20) NOT NULL,
    institution varchar(35) NOT NULL,
    number bytea NOT NULL,
    blind_index bytea,
    spare_index bytea,
    holder bytea NOT NULL,
    verified_at timestamptz,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT account_is_found CHECK (num_nonnulls(blind_index, spare_index) > 0)
);
CREATE UNIQUE INDEX payments_account_one_open ON payments_account (person_id) WHERE closed_at IS NULL;
CREATE INDEX payments_account_found ON payments_account (scheme, blind_index) WHERE closed_at IS NULL;
CREATE INDEX payments_account_found_spare ON payments_account (scheme, spare_index) WHERE closed_at IS NULL;

CREATE TABLE payments_payment (
    id uuid PRIMARY KEY,
    list_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    household_id uuid,
    person_id uuid,
    recipient_id uuid,
    account_id uuid,
    area_number bigint NOT NULL,
    reference varchar(16) NOT NULL UNIQUE,
    amount_minor bigint CHECK (amount_minor > 0),
    state varchar(20) NOT NULL CHECK (amount_minor IS NOT NULL OR state IN ('held', 'withheld')),
    check_failed varchar(20),
    held_until date,
    settled_by uuid,
    paid_minor bigint NOT NULL DEFAULT 0 CHECK (paid_minor BETWEEN 0 AND amount_minor),
    paid_on date,
    return_id uuid,
    CONSTRAINT payment_held_for_a_reason CHECK (state <> 'held' OR num_nonnulls(check_failed, held_until) = 2)
);
CREATE INDEX payments_payment_of_list ON payments_payment (list_id, state);
CREATE INDEX payments_payment_recipient ON payments_payment (recipient_id);
CREATE INDEX payments_payment_enrolment ON payments_payment (enrolment_id);

-- Unit, recipient and kind are part of what a cycle pays once; a recipient nobody knows is one, too.
CREATE TABLE payments_line (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL,
    programme_id smallint NOT NULL,
    cycle varchar(7) NOT NULL,
    unit_id uuid NOT NULL,
    recipient_id uuid,
    kind varchar(20) NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0 AND (amount_minor < 0) = (kind IN ('recovery', 'deduction'))),
    reference varchar(16) NOT NULL,
    area_number bigint NOT NULL
);
CREATE UNIQUE INDEX payments_line_once ON payments_line (programme_id, cycle, unit_id, recipient_id, kind)
    NULLS NOT DISTINCT;
CREATE INDEX payments_line_of_payment ON payments_line (payment_id);

CREATE TABLE payments_returnline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    returned_id uuid NOT NULL,
    position integer NOT NULL,
    reference varchar(40) NOT NULL,
    outcome varchar(20) NOT NULL CHECK (outcome IN ('paid', 'partial', 'zero', 'error', 'returned')),
    amount_minor bigint CHECK (amount_minor >= 0),
    currency varchar(3) NOT NULL,
    on_day date,
    reason varchar(40) NOT NULL,
    conflict varchar(20)
);
CREATE INDEX payments_returnline_of ON payments_returnline (returned_id, reference);

-- The contents of a proposed list, as one text for each payment: what is paid to whom, where, and what is not.
CREATE FUNCTION amparo_list_digest(list uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        concat_ws('|', reference, unit_id, coalesce(recipient_id::text, '-'), coalesce(account_id::text, '-'),
            coalesce(amount_minor::text, '-'), state = 'withheld'), E'\n' ORDER BY reference), ''), 'UTF8')), 'hex')
    FROM payments_payment WHERE list_id = list
$$;
ALTER FUNCTION amparo_list_digest OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_list_digest FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_list_digest TO amparo_bulk, amparo_national;

-- A list's sums anew, of everybody in it.
CREATE FUNCTION amparo_count_list(list uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE payments_list SET (payments, amount_minor, held, withheld) = (
        SELECT count(*) FILTER (WHERE state NOT IN ('withheld', 'held')),
            coalesce(sum(amount_minor) FILTER (WHERE state NOT IN ('withheld', 'held')), 0),
            count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'withheld')
        FROM payments_payment WHERE list_id = list
    ) WHERE id = list
$$;
ALTER FUNCTION amparo_count_list OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_count_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_count_list TO amparo_bulk, amparo_national;

-- What goes to who pays, of an approved list, of everybody in it: who is in danger is paid too, and where they live is not told.
CREATE FUNCTION amparo_list_paid(list uuid, after text, at_most int)
    RETURNS TABLE (reference varchar, amount_minor bigint, account_id uuid, scheme varchar, institution varchar,
        number bytea, holder bytea, recipient_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.reference, p.amount_minor, a.id, a.scheme, a.institution, a.number, a.holder, p.recipient_id
    FROM payments_payment p JOIN payments_list l ON l.id = p.list_id AND l.state IN ('approved', 'exported')
    LEFT JOIN payments_account a ON a.id = p.account_id
    WHERE p.list_id = list AND p.state <> 'withheld' AND p.reference > after
    ORDER BY p.reference LIMIT at_most
$$;
ALTER FUNCTION amparo_list_paid OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_list_paid FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_list_paid TO amparo_bulk, amparo_national;
GRANT SELECT, UPDATE ON payments_list TO amparo_definer;

-- A list goes one way. What is proposed stands as it is, and is approved by as many human beings as it needs, none of whom
-- made or proposed it.
CREATE FUNCTION amparo_guard_list() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept payments_list := OLD;
    hands int;
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('prepared', 'prepared'), ('prepared', 'proposed'), ('prepared', 'withdrawn'),
            ('proposed', 'approved'), ('proposed', 'withdrawn'), ('approved', 'exported'), ('exported', 'exported')) THEN
        RAISE EXCEPTION 'a list does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'prepared' THEN
        RETURN NEW;
    END IF;
    kept.state := NEW.state;
    IF OLD.state = 'proposed' THEN
        kept.approved_at := NEW.approved_at;
        kept.signature := NEW.signature;
    ELSIF OLD.state = 'exported' THEN
        kept.outcomes := NEW.outcomes;
        kept.on_time := NEW.on_time;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a proposed list is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'proposed' AND NEW.state = 'approved' THEN
        SELECT count(DISTINCT amparo_human(by_id)) INTO hands FROM payments_approval
            WHERE list_id = NEW.id AND digest = NEW.digest
                AND amparo_human(by_id) NOT IN (amparo_human(NEW.made_by), amparo_human(NEW.proposed_by));
        IF hands < greatest(NEW.hands, 1) OR NEW.signature IS NULL THEN
            RAISE EXCEPTION 'a list is approved by other people' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER goes_one_way BEFORE UPDATE ON payments_list FOR EACH ROW EXECUTE FUNCTION amparo_guard_list();

CREATE TRIGGER approved_by_another BEFORE INSERT OR UPDATE ON payments_approval
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('by_id', 'made_by');
CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON payments_adjustment
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'proposed_by');
CREATE TRIGGER overridden_by_another BEFORE INSERT OR UPDATE ON payments_return
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('overridden_by', 'received_by');

CREATE FUNCTION amparo_guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_list WHERE id IN (OLD.list_id, NEW.list_id) AND state <> 'prepared') THEN
        RAISE EXCEPTION 'what is in a proposed list is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stands BEFORE UPDATE ON payments_payment FOR EACH ROW
    WHEN ((OLD.id, OLD.list_id, OLD.enrolment_id, OLD.unit_id, OLD.household_id, OLD.person_id, OLD.recipient_id, OLD.account_id,
            OLD.reference, OLD.amount_minor, OLD.state IN ('held', 'withheld'), OLD.check_failed, OLD.settled_by)
        IS DISTINCT FROM (NEW.id, NEW.list_id, NEW.enrolment_id, NEW.unit_id, NEW.household_id, NEW.person_id,
            NEW.recipient_id, NEW.account_id, NEW.reference, NEW.amount_minor, NEW.state IN ('held', 'withheld'), NEW.check_failed,
            NEW.settled_by))
    EXECUTE FUNCTION amparo_guard_payment();

-- What is taken out of a list is taken with all of it, when it was withdrawn.
CREATE FUNCTION amparo_guard_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
            SELECT FROM taken JOIN payments_list l ON l.id = taken.list_id WHERE l.state <> 'withdrawn') THEN
        RAISE EXCEPTION 'a payment is not taken out of a list' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER taken_whole AFTER DELETE ON payments_payment REFERENCING OLD TABLE AS taken
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_guard_taken();

CREATE FUNCTION amparo_guard_taken_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM taken JOIN payments_payment p ON p.id = taken.payment_id
            JOIN payments_list l ON l.id = p.list_id WHERE l.state <> 'withdrawn') THEN
        RAISE EXCEPTION 'a line is not taken out of a list' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER taken_whole AFTER DELETE ON payments_line REFERENCING OLD TABLE AS taken
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_guard_taken_line();

CREATE FUNCTION amparo_guard_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT list_id FROM added) a JOIN payments_list l ON l.id = a.list_id
            WHERE l.state <> 'prepared') THEN
        RAISE EXCEPTION 'nothing is added to a proposed list' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added_before AFTER INSERT ON payments_payment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_guard_added();

CREATE FUNCTION amparo_guard_added_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN payments_payment p ON p.id = added.payment_id
            LEFT JOIN payments_list l ON l.id = p.list_id WHERE l.state IS DISTINCT FROM 'prepared') THEN
        RAISE EXCEPTION 'nothing is added to a proposed list' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added_before AFTER INSERT ON payments_line REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_guard_added_line();

-- An account lies with the person whose it is, and moves with them.
CREATE FUNCTION amparo_place_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT area_number INTO NEW.area_number FROM registry_person WHERE id = NEW.person_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an account is of a person' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON payments_account
    FOR EACH ROW EXECUTE FUNCTION amparo_place_account();
CREATE FUNCTION amparo_move_accounts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE payments_account SET area_number = NEW.area_number WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_accounts();
ALTER FUNCTION amparo_place_account OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_accounts OWNER TO amparo_definer;
CREATE INDEX payments_account_person ON payments_account (person_id);

-- Payments, their lines and adjustments go along with the enrolment they are of: and so below zero, with who is in danger.
CREATE FUNCTION amparo_move_payments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE payments_line l SET area_number = NEW.area_number FROM payments_payment p
        WHERE p.enrolment_id = NEW.id AND l.payment_id = p.id AND l.area_number <> NEW.area_number;
    UPDATE payments_payment SET area_number = NEW.area_number
        WHERE enrolment_id = NEW.id AND area_number <> NEW.area_number;
    UPDATE payments_adjustment SET area_number = NEW.area_number
        WHERE enrolment_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_payments OWNER TO amparo_definer;
CREATE TRIGGER payments_move_along AFTER UPDATE OF area_number ON programmes_enrolment
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_payments();
CREATE INDEX payments_adjustment_enrolment ON payments_adjustment (enrolment_id);
