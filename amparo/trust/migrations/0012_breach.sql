-- Breaches: opened on the pages, counted by the worker, closed by two. What was stated at the opening is never changed.
GRANT SELECT ON trust_breach, trust_breachstep, trust_breachact TO amparo_national, amparo_bulk;
GRANT INSERT ON trust_breach, trust_breachstep TO amparo_national;
GRANT UPDATE (told_at, closing_by, closed_by, closed_at) ON trust_breach TO amparo_national;
GRANT UPDATE (counted_at, persons, households, wide) ON trust_breach TO amparo_bulk;
GRANT INSERT ON trust_breachact TO amparo_bulk;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_breachstep
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_breachact
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_breach FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE FUNCTION amparo_guard_breach() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL OR OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at THEN
        RAISE EXCEPTION 'what was told or closed stays so' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.closed_at IS NOT NULL AND (OLD.closing_by IS NULL OR NEW.closing_by IS DISTINCT FROM OLD.closing_by
                                      OR NEW.closed_by IS NULL OR NEW.closed_by = OLD.closing_by) THEN
        RAISE EXCEPTION 'a breach is closed by two' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_by_two BEFORE UPDATE ON trust_breach FOR EACH ROW EXECUTE FUNCTION amparo_guard_breach();
