CREATE FUNCTION amparo_move_updates() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE sources_update SET area_number = NEW.area_number WHERE person_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER updates_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_updates();
ALTER FUNCTION amparo_move_updates OWNER TO amparo_definer;
