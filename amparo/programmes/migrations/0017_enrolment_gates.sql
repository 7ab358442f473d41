-- An enrolment stays of the unit and programme that it is of; its place follows the unit's. Its steps are written once.
CREATE FUNCTION amparo_guard_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.programme_id, NEW.grain, NEW.unit_id, NEW.source)
            IS DISTINCT FROM (OLD.id, OLD.programme_id, OLD.grain, OLD.unit_id, OLD.source)
        OR NEW.area_number <> OLD.area_number AND current_user <> 'amparo_definer'
        OR OLD.state = 'ended' AND NEW.state <> 'ended' THEN
        RAISE EXCEPTION 'an enrolment stays of whom it is of, and an end is an end' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER of_whom_it_is BEFORE UPDATE ON programmes_enrolment
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_enrolment();
CREATE TRIGGER no_delete BEFORE DELETE ON programmes_enrolment FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON programmes_enrolment
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();

CREATE FUNCTION amparo_guard_enrolment_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept programmes_enrolmentstep := OLD;
BEGIN
    IF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a step is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON programmes_enrolmentstep
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_enrolment_step();
CREATE TRIGGER no_delete BEFORE DELETE ON programmes_enrolmentstep FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON programmes_enrolmentstep
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();

CREATE TRIGGER confirmed_by_another BEFORE INSERT OR UPDATE ON programmes_enrolmentnotice
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('confirmed_by', 'given_by');

-- Places are counted by the database, of enrolments of this registry's own: one too many is refused, by whatever door.
-- A suspended unit keeps its place. Fewer places than are taken put nobody out; they only let nobody in.
CREATE FUNCTION amparo_count_places(programme smallint, more bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    now_taken bigint;
    there_are bigint;
BEGIN
    UPDATE programmes_capacity SET taken = taken + more WHERE programme_id = programme
        RETURNING taken, places INTO now_taken, there_are;
    IF more > 0 AND now_taken > there_are THEN
        RAISE EXCEPTION 'no place is free' USING ERRCODE = 'check_violation', CONSTRAINT = 'programmes_places';
    END IF;
END $$;
ALTER FUNCTION amparo_count_places OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_count_places FROM PUBLIC;

CREATE FUNCTION amparo_take_places() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM amparo_count_places(programme_id, count(*)) FROM fresh
        WHERE state IN ('enrolled', 'suspended') AND source = 'own' GROUP BY programme_id;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_take_places OWNER TO amparo_definer;
CREATE TRIGGER places_taken AFTER INSERT ON programmes_enrolment
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION amparo_take_places();

CREATE FUNCTION amparo_change_places() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM amparo_count_places(programme_id, sum(places)::bigint) FROM (
        SELECT programme_id, 1 AS places FROM fresh WHERE state IN ('enrolled', 'suspended') AND source = 'own'
        UNION ALL
        SELECT programme_id, -1 FROM stale WHERE state IN ('enrolled', 'suspended') AND source = 'own'
    ) changed GROUP BY programme_id HAVING sum(places) <> 0;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_change_places OWNER TO amparo_definer;
CREATE TRIGGER places_changed AFTER UPDATE ON programmes_enrolment
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION amparo_change_places();

-- How many places are free, held until the transaction ends, so that nobody counts the same ones; null: as many as one likes.
CREATE FUNCTION amparo_hold_places(programme smallint) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT greatest(places - taken, 0) FROM programmes_capacity WHERE programme_id = programme FOR UPDATE
$$;
ALTER FUNCTION amparo_hold_places OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_hold_places FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_hold_places TO amparo_area, amparo_national, amparo_programme, amparo_bulk;

-- How many take part already: for the day on which a programme is first given a number of places.
CREATE FUNCTION amparo_taken_places(programme smallint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM programmes_enrolment
    WHERE programme_id = programme AND state IN ('enrolled', 'suspended') AND source = 'own'
$$;
ALTER FUNCTION amparo_taken_places OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_taken_places FROM PUBLIC;

-- How many wait who may be given a place today, in all areas; with a unit, only those who come before it: who wait longer,
-- or by rank who are ranked before it. Counts, nobody's record.
CREATE FUNCTION amparo_waiting_before(programme smallint, unit uuid, by_rank boolean) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH own AS (
        SELECT CASE WHEN by_rank THEN coalesce(w.rank, d.rank) END AS rank, w.id
        FROM programmes_decision d LEFT JOIN programmes_enrolment w
            ON w.programme_id = d.programme_id AND w.unit_id = d.unit_id AND w.state = 'waiting'
        WHERE d.programme_id = programme AND d.unit_id = unit AND d.superseded_at IS NULL AND d.state = 'in-effect'
    )
    SELECT count(*) FROM programmes_enrolment w
    JOIN programmes_decision d ON d.programme_id = w.programme_id AND d.unit_id = w.unit_id
        AND d.superseded_at IS NULL AND d.state = 'in-effect' AND d.outcome
    LEFT JOIN own ON true
    WHERE w.programme_id = programme AND w.state = 'waiting' AND w.source = 'own' AND w.unit_id IS DISTINCT FROM unit
        AND (unit IS NULL OR CASE
            WHEN by_rank AND coalesce(w.rank, 2147483647) <> coalesce(own.rank, 2147483647)
                THEN coalesce(w.rank, 2147483647) < coalesce(own.rank, 2147483647)
            ELSE own.id IS NULL OR w.id < own.id
        END)
$$;
ALTER FUNCTION amparo_waiting_before OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_waiting_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_waiting_before TO amparo_area, amparo_national, amparo_programme, amparo_bulk;

-- Enrolments go along when whom they are of moves: a home with all who live in it, and a person who is placed alone.
CREATE FUNCTION amparo_move_enrolments(units uuid[], place bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved uuid[] := array(SELECT id FROM programmes_enrolment WHERE unit_id = ANY (units) AND area_number <> place);
BEGIN
    IF moved = '{}' THEN RETURN; END IF;
    UPDATE programmes_enrolment SET area_number = place WHERE id = ANY (moved);
    UPDATE programmes_enrolmentstep SET area_number = place WHERE enrolment_id = ANY (moved);
    UPDATE programmes_enrolmentnotice SET area_number = place WHERE enrolment_id = ANY (moved);
END $$;
ALTER FUNCTION amparo_move_enrolments OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_move_enrolments FROM PUBLIC;

CREATE FUNCTION amparo_move_enrolments_along() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'registry_person' THEN
        PERFORM amparo_move_enrolments(ARRAY[NEW.id], NEW.area_number);
    ELSE
        PERFORM amparo_move_enrolments(
            array(SELECT id FROM registry_group WHERE household_id = NEW.id) || NEW.id, NEW.area_number);
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_enrolments_along OWNER TO amparo_definer;
CREATE TRIGGER enrolments_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_enrolments_along();
CREATE TRIGGER enrolments_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_enrolments_along();
