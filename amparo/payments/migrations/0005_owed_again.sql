-- A second appeal for a cycle is owed what the first one's list left: a line of its own, in a list of its own.
DROP INDEX payments_line_owed_once;
CREATE UNIQUE INDEX payments_line_owed_once ON payments_line (programme_id, owed_for, unit_id, recipient_id, kind, cycle)
    NULLS NOT DISTINCT WHERE owed_for IS NOT NULL;

-- Whatever lists hold for a cycle that something is owed for, it is no more than some appeal says is due.
CREATE FUNCTION amparo_guard_owed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT programme_id, unit_id, owed_for FROM added WHERE owed_for IS NOT NULL) a
        WHERE (
            SELECT sum(line.amount_minor) FROM payments_line line
            WHERE line.programme_id = a.programme_id AND line.unit_id = a.unit_id AND (line.owed_for = a.owed_for
                OR line.cycle = a.owed_for AND line.kind = 'benefit' AND line.owed_for IS NULL)
                AND NOT EXISTS (SELECT FROM payments_payment p WHERE p.id = line.payment_id AND p.state = 'withheld')
        ) > coalesce((
            SELECT max(told.due_minor) FROM payments_arrears told
            WHERE told.programme_id = a.programme_id AND told.unit_id = a.unit_id AND told.cycle = a.owed_for
        ), 0)
    ) THEN
        RAISE EXCEPTION 'more would be paid for a cycle than any appeal says is due' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_guard_owed OWNER TO amparo_definer;
GRANT SELECT ON payments_line, payments_payment, payments_arrears TO amparo_definer;
CREATE TRIGGER line_owed_no_more AFTER INSERT ON payments_line
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION amparo_guard_owed();
