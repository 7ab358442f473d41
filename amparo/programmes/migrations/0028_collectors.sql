CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON programmes_collectorchange
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'proposed_by');
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON programmes_collectorchange
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();

-- What was proposed stands as it was: it is confirmed, withdrawn, takes effect and ends, and nothing else becomes of it.
CREATE FUNCTION amparo_guard_collector_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept programmes_collectorchange := NEW;
BEGIN
    kept.confirmed_by := coalesce(OLD.confirmed_by, NEW.confirmed_by);
    kept.confirmed_at := coalesce(OLD.confirmed_at, NEW.confirmed_at);
    kept.took_effect_at := coalesce(OLD.took_effect_at, NEW.took_effect_at);
    IF NEW IS DISTINCT FROM kept OR
            (NEW.id, NEW.enrolment_id, NEW.programme_id, NEW.kind, NEW.collector_id, NEW.proof, NEW.law, NEW.document,
                NEW.starts_on, NEW.ends_on, NEW.proposed_by)
            IS DISTINCT FROM (OLD.id, OLD.enrolment_id, OLD.programme_id, OLD.kind, OLD.collector_id, OLD.proof, OLD.law,
                OLD.document, OLD.starts_on, OLD.ends_on, OLD.proposed_by)
            OR NEW.area_number <> OLD.area_number AND current_user <> 'amparo_definer' THEN
        RAISE EXCEPTION 'what was proposed about who collects is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stands_as_proposed BEFORE UPDATE ON programmes_collectorchange
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_collector_change();

CREATE OR REPLACE FUNCTION amparo_move_enrolments(units uuid[], place bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved uuid[] := array(SELECT id FROM programmes_enrolment WHERE unit_id = ANY (units) AND area_number <> place);
BEGIN
    IF moved = '{}' THEN RETURN; END IF;
    UPDATE programmes_enrolment SET area_number = place WHERE id = ANY (moved);
    UPDATE programmes_enrolmentstep SET area_number = place WHERE enrolment_id = ANY (moved);
    UPDATE programmes_enrolmentnotice SET area_number = place WHERE enrolment_id = ANY (moved);
    UPDATE programmes_collectorchange SET area_number = place WHERE enrolment_id = ANY (moved);
END $$;
