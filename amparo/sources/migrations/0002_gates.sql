CREATE FUNCTION amparo_move_answers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE sources_keptanswer SET area_number = NEW.area_number WHERE person_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER answers_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_answers();
CREATE FUNCTION amparo_move_retries() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE sources_retry SET area_number = NEW.area_number WHERE household_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER retries_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_retries();
ALTER FUNCTION amparo_move_retries OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_answers OWNER TO amparo_definer;
