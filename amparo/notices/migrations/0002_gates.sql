CREATE FUNCTION amparo_move_sendings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved uuid[] := array(SELECT id FROM notices_sending WHERE area_number <> NEW.area_number AND CASE TG_TABLE_NAME
        WHEN 'registry_person' THEN person_id = NEW.id ELSE household_id = NEW.id AND person_id IS NULL END);
BEGIN
    UPDATE notices_sending SET area_number = NEW.area_number WHERE id = ANY (moved);
    UPDATE notices_attempt SET area_number = NEW.area_number WHERE sending_id = ANY (moved);
    RETURN NULL;
END $$;
CREATE TRIGGER sendings_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_sendings();
CREATE TRIGGER sendings_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_sendings();
ALTER FUNCTION amparo_move_sendings OWNER TO amparo_definer;
