-- A line that an upheld appeal owes for an earlier cycle is one for unit, recipient and that cycle, whatever list pays it.
ALTER TABLE payments_line ADD COLUMN owed_for varchar(7);
ALTER TABLE payments_line ADD CONSTRAINT line_owed_is_arrears CHECK (owed_for IS NULL OR kind = 'arrears');
DROP INDEX payments_line_once;
CREATE UNIQUE INDEX payments_line_once ON payments_line (programme_id, cycle, unit_id, recipient_id, kind)
    NULLS NOT DISTINCT WHERE owed_for IS NULL;
CREATE UNIQUE INDEX payments_line_owed_once ON payments_line (programme_id, owed_for, unit_id, recipient_id, kind)
    NULLS NOT DISTINCT WHERE owed_for IS NOT NULL;

-- What is owed goes along with whom it is owed to: and so below zero, with who is in danger.
CREATE FUNCTION amparo_move_arrears() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    units uuid[] := ARRAY[NEW.id];
BEGIN
    IF TG_TABLE_NAME = 'registry_household' THEN
        units := array(SELECT id FROM registry_group WHERE household_id = NEW.id) || units;
    END IF;
    UPDATE payments_arrears SET area_number = NEW.area_number
        WHERE unit_id = ANY (units) AND area_number <> NEW.area_number;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_arrears OWNER TO amparo_definer;
CREATE TRIGGER arrears_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_arrears();
CREATE TRIGGER arrears_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_arrears();

-- Whoever made a list of a cycle does not decide about what the checks hold of it. What a default decides, nobody does.
CREATE FUNCTION amparo_guard_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payments_list mine
            JOIN payments_list l ON l.programme_id = mine.programme_id AND l.cycle = mine.cycle AND l.state <> 'withdrawn'
            WHERE mine.id = NEW.list_id AND amparo_human(l.made_by) = amparo_human(NEW.settled_by)) THEN
        RAISE EXCEPTION 'one human being made this list and decided about what it holds'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settled_by_another BEFORE UPDATE ON payments_payment FOR EACH ROW
    WHEN (NEW.settled_by IS DISTINCT FROM OLD.settled_by AND NEW.settled_by IS NOT NULL
        AND NEW.settled_by <> '00000000-0000-7000-8000-000000000001')
    EXECUTE FUNCTION amparo_guard_settled();
