"""Decisions: partitioned by month, behind the gates, written once."""

from django.db import migrations

from amparo.trust import gates

DECISION = """
CREATE TABLE programmes_decision (
    id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    run_id uuid,
    programme_id smallint NOT NULL,
    rule_version_id bigint NOT NULL,
    grain text NOT NULL CHECK (grain IN ('household', 'person')),
    unit_id uuid NOT NULL,
    household_id uuid NOT NULL,
    area_number bigint NOT NULL,
    outcome boolean,
    amount_minor bigint,
    missing text[] NOT NULL DEFAULT '{}',
    on_day date NOT NULL,
    state text NOT NULL CHECK (state IN ('in-effect', 'proposed', 'review')),
    superseded_at timestamptz,
    facts jsonb,
    PRIMARY KEY (id, decided_at),
    CONSTRAINT decision_amount_is_granted CHECK (amount_minor IS NULL OR (outcome AND amount_minor >= 0)),
    CONSTRAINT decision_has_run_or_facts CHECK (run_id IS NOT NULL OR facts IS NOT NULL)
) PARTITION BY RANGE (decided_at);
-- A person's decisions go along when they move to another household, so decisions are found by unit.
CREATE INDEX programmes_decision_unit ON programmes_decision (unit_id);
CREATE INDEX programmes_decision_standing ON programmes_decision (programme_id, area_number) WHERE superseded_at IS NULL;
-- What was decided about single households while a run was writing.
CREATE INDEX programmes_decision_single ON programmes_decision (decided_at) WHERE run_id IS NULL;

-- Only the end of a decision is filled in later, once. Its area follows the household's when that moves.
CREATE FUNCTION amparo_guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept programmes_decision := OLD;
BEGIN
    IF OLD.superseded_at IS NULL THEN
        kept.superseded_at := NEW.superseded_at;
    END IF;
    IF current_user = 'amparo_definer' THEN
        kept.area_number := NEW.area_number;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a decision is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE UPDATE ON programmes_decision
    FOR EACH ROW EXECUTE FUNCTION amparo_guard_decision();
CREATE TRIGGER no_delete BEFORE DELETE ON programmes_decision
    FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON programmes_decision
    FOR EACH STATEMENT EXECUTE FUNCTION amparo_refuse_change();

CREATE FUNCTION amparo_move_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE programmes_decision SET area_number = NEW.area_number
        WHERE area_number <> NEW.area_number AND unit_id = ANY (
            array(SELECT person_id FROM registry_membership WHERE household_id = NEW.id AND ends_on IS NULL) || NEW.id);
    RETURN NULL;
END $$;
ALTER FUNCTION amparo_move_decisions OWNER TO amparo_definer;
CREATE TRIGGER decisions_move_along AFTER UPDATE OF area_number ON registry_household
    FOR EACH ROW WHEN (NEW.area_number <> OLD.area_number) EXECUTE FUNCTION amparo_move_decisions();
"""

GRANTS = "\n".join(
    [
        gates.protect("programmes_decision", may="SELECT, INSERT"),
        "GRANT UPDATE (superseded_at) ON programmes_decision TO amparo_area, amparo_national;",
        "REVOKE DELETE ON programmes_decision FROM amparo_bulk, amparo_definer;",
        gates.partition_by_month("programmes_decision"),
        gates.protect("programmes_tally", may="SELECT"),
        gates.open_table(
            "programmes_programme, programmes_ruleversion, programmes_parameter, programmes_parametervalue,"
            " programmes_determination",
            may="SELECT",
        ),
        gates.open_table("programmes_determination", to="amparo_bulk", may="INSERT, UPDATE"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial"), ("registry", "0002_tables")]

    operations = [migrations.RunSQL(each, migrations.RunSQL.noop) for each in (DECISION, GRANTS)]
