-- Who somebody may be of whom another programme tells, why, and what a person decided about it. Nothing follows from a proposal.
CREATE TABLE programmes_match (
    id uuid PRIMARY KEY,
    beneficiary_id uuid NOT NULL,
    person_id uuid NOT NULL,
    area_number bigint NOT NULL,
    likeness smallint CHECK (likeness BETWEEN 0 AND 100),
    birth varchar(20) NOT NULL CHECK (birth IN ('same', 'near', 'differs', 'unknown')),
    place varchar(20) NOT NULL CHECK (place IN ('same', 'differs', 'unknown')),
    is_identified boolean NOT NULL,
    score smallint NOT NULL,
    state varchar(20) NOT NULL CHECK (state IN ('proposed', 'later', 'same', 'other')),
    proposed_on date NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    CONSTRAINT match_is_decided CHECK ((state = 'proposed') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT match_once UNIQUE (beneficiary_id, person_id)
);
CREATE INDEX programmes_match_open ON programmes_match (state, area_number);
CREATE INDEX programmes_match_person ON programmes_match (person_id);

ALTER TABLE programmes_beneficiary
    DROP CONSTRAINT programmes_beneficiary_found_check,
    DROP CONSTRAINT beneficiary_is_found,
    ADD CONSTRAINT programmes_beneficiary_found_check CHECK (found IN ('identifier', 'decided', 'review', 'programme')),
    ADD CONSTRAINT beneficiary_is_found CHECK ((found IN ('identifier', 'decided')) = (person_id IS NOT NULL));

-- A proposal lies where the person does, who may be meant: so also below zero, in danger.
CREATE TRIGGER lies_with_the_person BEFORE INSERT OR UPDATE OF person_id ON programmes_match
    FOR EACH ROW EXECUTE FUNCTION amparo_place_beneficiary();

CREATE FUNCTION amparo_move_matches() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE programmes_match SET area_number = NEW.area_number
        WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_matches OWNER TO amparo_definer;
CREATE TRIGGER matches_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_matches();

-- What is decided about a pair is so at once, by whatever door: one beneficiary is one person, and what is taken back ends.
CREATE FUNCTION amparo_decide_match() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'same' THEN
        UPDATE programmes_beneficiary held SET person_id = NULL, found = 'review'
            WHERE held.id = NEW.beneficiary_id AND held.person_id = NEW.person_id AND held.found = 'decided';
    END IF;
    IF NEW.state = 'same' THEN
        UPDATE programmes_beneficiary held SET person_id = NEW.person_id, found = 'decided'
            WHERE held.id = NEW.beneficiary_id AND held.found = 'review';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'whoever is told of was found to be somebody else' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_decide_match OWNER TO amparo_definer;
CREATE TRIGGER decided_at_once AFTER UPDATE OF state ON programmes_match
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION amparo_decide_match();
