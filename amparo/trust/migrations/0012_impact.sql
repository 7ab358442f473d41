-- The impact assessment, and the installation's stage: rows are added and never changed.
GRANT INSERT ON trust_impactanswer, trust_impactassessment, trust_impactsignature, trust_stage TO amparo_national;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_impactanswer
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_impactassessment
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_impactsignature
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trust_stage
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();

-- Nothing goes live but on the newest assessment that two people signed, one of them a data protection officer.
CREATE FUNCTION amparo_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_live THEN
        RAISE EXCEPTION 'nothing goes back to a trial' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.assessment_id IS DISTINCT FROM (SELECT max(number) FROM trust_impactassessment)
        OR (SELECT count(DISTINCT by_id) FROM trust_impactsignature WHERE assessment_id = NEW.assessment_id) < 2
        OR NOT EXISTS (SELECT FROM trust_impactsignature
                       WHERE assessment_id = NEW.assessment_id AND role = 'data-protection-officer') THEN
        RAISE EXCEPTION 'the impact assessment is not signed off' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed_off BEFORE INSERT ON trust_stage FOR EACH ROW EXECUTE FUNCTION amparo_guard_stage();
