-- An erased person or household is a bare row: an id that others may refer to, its area, and since when it is erased.
ALTER TABLE registry_person ADD COLUMN erased_on date;
ALTER TABLE registry_household ADD COLUMN erased_on date;

-- An observation is emptied whole, or of some fields, which its tombstone then names. A second erasure may take more.
ALTER TABLE registry_observation DROP CONSTRAINT observation_erased_is_empty;
ALTER TABLE registry_observation ADD CONSTRAINT observation_erased_is_empty
    CHECK (tombstone IS NULL OR "values" = '{}' OR tombstone ? 'fields');

CREATE OR REPLACE FUNCTION amparo_guard_observation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept registry_observation := OLD;
    lost text[] := array(SELECT jsonb_array_elements_text(coalesce(NEW.tombstone -> 'fields', '[]')));
BEGIN
    IF current_user = 'amparo_eraser' THEN
        IF NEW.tombstone ? 'ground' AND NEW.tombstone ? 'on'
                AND (OLD.tombstone IS NULL OR OLD.tombstone ? 'fields')
                AND (CASE WHEN NEW.tombstone ? 'fields'
                    THEN NEW."values" = OLD."values" - lost AND NEW."values" <> OLD."values"
                        AND coalesce(OLD.tombstone -> 'fields', '[]') <@ (NEW.tombstone -> 'fields')
                    ELSE NEW."values" = '{}' END) THEN
            kept."values" := NEW."values";
            kept.tombstone := NEW.tombstone;
        END IF;
    ELSIF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    END IF;
    IF NEW IS DISTINCT FROM kept OR NEW IS NOT DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'an observation is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

GRANT SELECT ON registry_household, registry_person, registry_membership, registry_group, registry_groupmembership,
    registry_relationship, registry_identifier, registry_item, registry_subject, registry_subjectlink, registry_delivery,
    registry_source, registry_fact_exception, registry_person_name, registry_fielddefinition, registry_setting,
    registry_precedence TO amparo_eraser;
GRANT DELETE ON registry_membership, registry_groupmembership, registry_relationship, registry_identifier, registry_item,
    registry_fact_exception, registry_person_name TO amparo_eraser;
GRANT UPDATE (number, ended_on, erased_on) ON registry_household TO amparo_eraser;
GRANT UPDATE (number, deceased_on, erased_on) ON registry_person TO amparo_eraser;
GRANT UPDATE (ends_on) ON registry_membership, registry_group TO amparo_eraser;
GRANT UPDATE (source_key, last_digest) ON registry_subject TO amparo_eraser;
GRANT USAGE ON SEQUENCE registry_person_number_seq, registry_household_number_seq, registry_delivery_id_seq
    TO amparo_eraser;
-- Of a delivery of nothing, by which others are out of date.
GRANT INSERT ON registry_delivery TO amparo_eraser;

-- Whoever asks for all that a person ever lived in, or for all that a record was ever linked to, asks beside the indexes of
-- what is on by these, which are small.
CREATE INDEX registry_membership_ended ON registry_membership (person_id) WHERE ends_on IS NOT NULL;
CREATE INDEX registry_subjectlink_ended ON registry_subjectlink (subject_id) WHERE ends_at IS NOT NULL;

-- Tables of facts that stand already; those made later grant it themselves (`registry.facts`).
DO $$
DECLARE
    facts regclass;
BEGIN
    FOR facts IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relname ~ '^registry_fact_(household|person|group|item_\w+)$'
    LOOP
        EXECUTE format('GRANT SELECT, DELETE ON %s TO amparo_eraser', facts);
    END LOOP;
END $$;

-- An erasure and a hold lie where their person lives, and go along; one of many people by a schedule lies nowhere.
CREATE FUNCTION amparo_place_of_erasure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.person_id IS NULL THEN
        NEW.area_number := 0;
        RETURN NEW;
    END IF;
    SELECT area_number INTO NEW.area_number FROM registry_person WHERE id = NEW.person_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody has this id' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON trust_erasure
    FOR EACH ROW EXECUTE FUNCTION amparo_place_of_erasure();
CREATE TRIGGER lies_with_the_person BEFORE INSERT ON trust_hold
    FOR EACH ROW EXECUTE FUNCTION amparo_place_of_erasure();
CREATE FUNCTION amparo_move_erasures() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trust_erasure SET area_number = NEW.area_number WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    UPDATE trust_hold SET area_number = NEW.area_number WHERE person_id = NEW.id AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
CREATE TRIGGER erasures_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_erasures();
ALTER FUNCTION amparo_place_of_erasure OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_erasures OWNER TO amparo_definer;
