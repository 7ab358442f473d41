-- A case lies where whoever it is about lives, and goes along; one about nobody who is known lies where it was filed.
CREATE FUNCTION amparo_place_case() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.person_id IS NOT NULL THEN
        SELECT area_number INTO NEW.area_number FROM registry_person WHERE id = NEW.person_id;
    ELSIF NEW.household_id IS NOT NULL THEN
        SELECT area_number INTO NEW.area_number FROM registry_household WHERE id = NEW.household_id;
    END IF;
    IF NEW.area_number IS NULL THEN
        RAISE EXCEPTION 'nobody has this id' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lies_with_whom_it_is_about BEFORE INSERT ON cases_case
    FOR EACH ROW EXECUTE FUNCTION amparo_place_case();

CREATE FUNCTION amparo_move_cases() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moved uuid[] := array(SELECT id FROM cases_case WHERE area_number <> NEW.area_number AND CASE TG_TABLE_NAME
        WHEN 'registry_person' THEN person_id = NEW.id ELSE household_id = NEW.id AND person_id IS NULL END);
BEGIN
    UPDATE cases_case SET area_number = NEW.area_number WHERE id = ANY (moved);
    UPDATE cases_step SET area_number = NEW.area_number WHERE case_id = ANY (moved);
    RETURN NULL;
END $$;
CREATE TRIGGER cases_move_along AFTER UPDATE OF area_number ON registry_person
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_cases();
CREATE TRIGGER cases_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_cases();

-- Who decided: whoever planned or approved the run, acted when a single household was decided, gave notice or reviewed.
CREATE FUNCTION amparo_deciders(asked uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH told AS (
        SELECT n.id, n.decision_id, n.given_by FROM programmes_decision d
        JOIN programmes_notice n ON n.unit_id = d.unit_id AND asked IN (n.decision_id, n.effect) WHERE d.id = asked
    ), made AS (
        SELECT made_by, run_id FROM programmes_decision WHERE id = asked OR id IN (SELECT decision_id FROM told)
    )
    SELECT made_by FROM made WHERE made_by IS NOT NULL
    UNION SELECT started_by FROM programmes_determination WHERE id IN (SELECT run_id FROM made)
    UNION SELECT approved_by FROM programmes_determination
        WHERE approved_by IS NOT NULL AND id IN (SELECT run_id FROM made)
    UNION SELECT given_by FROM told
    UNION SELECT reviewed_by FROM programmes_review WHERE notice_id IN (SELECT id FROM told)
$$;

-- A step lies with its case. Whoever decided hears no appeal, and whoever had a part in a suspicion does not judge it: the
-- program asks first (`cases.actions.apart`), and here it is asked again.
CREATE FUNCTION amparo_guard_step() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about cases_case;
BEGIN
    SELECT * INTO STRICT about FROM cases_case WHERE id = NEW.case_id;
    NEW.area_number := about.area_number;
    IF about.kind = 'appeal' AND NEW.act IN ('begin-review', 'uphold', 'dismiss', 'execute') AND (NEW.by_id IS NULL
            OR amparo_human(NEW.by_id) IN (SELECT amparo_human(each) FROM amparo_deciders(about.decision_id) each)) THEN
        RAISE EXCEPTION 'whoever decided hears no appeal' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF about.kind = 'suspicion' AND NEW.act IN ('confirm', 'clear') AND (NEW.by_id IS NULL OR amparo_human(NEW.by_id) IN (
            SELECT amparo_human(by_id) FROM cases_step WHERE case_id = NEW.case_id AND by_id IS NOT NULL)) THEN
        RAISE EXCEPTION 'whoever had a part in a suspicion does not judge it' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lies_with_its_case BEFORE INSERT ON cases_step FOR EACH ROW EXECUTE FUNCTION amparo_guard_step();

-- Whether the caller holds, today, one of the roles that see the sensitive cases of a category; or was handed one.
CREATE FUNCTION amparo_sees_case(asked varchar) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT current_setting('role') = 'amparo_whole' OR EXISTS (
        SELECT FROM cases_category c JOIN trust_roleassignment a ON a.role = ANY (c.roles)
        WHERE c.code = asked AND a.is_confirmed AND a.starts_on <= amparo_today()
            AND (a.ends_on IS NULL OR a.ends_on >= amparo_today()) AND (
                a.account_id = (SELECT nullif(current_setting('amparo.by', true), '')::uuid)
                OR EXISTS (
                    SELECT FROM trust_delegation d WHERE d.assignment_id = a.id AND d.ended_at IS NULL
                        AND d.to_id = (SELECT nullif(current_setting('amparo.by', true), '')::uuid)
                        AND amparo_today() BETWEEN d.starts_on AND d.ends_on)))
$$;

ALTER FUNCTION amparo_place_case OWNER TO amparo_definer;
ALTER FUNCTION amparo_move_cases OWNER TO amparo_definer;
ALTER FUNCTION amparo_deciders OWNER TO amparo_definer;
ALTER FUNCTION amparo_guard_step OWNER TO amparo_definer;
ALTER FUNCTION amparo_sees_case OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_deciders, amparo_sees_case FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_deciders TO amparo_definer;
GRANT EXECUTE ON FUNCTION amparo_sees_case TO amparo_area, amparo_national, amparo_programme, amparo_definer;
GRANT SELECT ON trust_delegation, programmes_determination, cases_category TO amparo_definer;

-- What is sensitive is seen by few, and a step is seen with its case.
CREATE POLICY sensitive ON cases_case AS RESTRICTIVE TO amparo_area, amparo_national, amparo_programme
    USING (NOT is_sensitive OR amparo_sees_case(category_id)) WITH CHECK (true);
CREATE POLICY of_its_case ON cases_step AS RESTRICTIVE FOR SELECT TO amparo_area, amparo_national
    USING (EXISTS (SELECT FROM cases_case c WHERE c.id = case_id));

-- Whom a case concerns sees it from when they were told; what is sensitive, only they themselves.
GRANT SELECT (id, code, kind, category_id, channel, state, person_id, decision_id, programme, filed_on, due_on, is_sensitive,
    suspends, told_at, reply_until, closed_at) ON cases_case TO amparo_citizen;
CREATE POLICY citizen ON cases_case FOR SELECT TO amparo_citizen USING (
    told_at IS NOT NULL AND person_id IN (SELECT amparo_units())
    AND (NOT is_sensitive OR person_id = (SELECT amparo_self())));
GRANT SELECT (id, case_id, act, state, at, is_told, said, tombstone) ON cases_step TO amparo_citizen;
CREATE POLICY citizen ON cases_step FOR SELECT TO amparo_citizen
    USING (is_told AND case_id IN (SELECT id FROM cases_case));

GRANT SELECT ON cases_case TO amparo_eraser;
GRANT SELECT, UPDATE (said, tombstone) ON cases_step TO amparo_eraser;
ALTER TABLE cases_step ADD CONSTRAINT cases_step_said_or_erased CHECK (said IS NULL OR tombstone IS NULL);
