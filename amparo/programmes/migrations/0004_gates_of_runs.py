"""Who may plan a run, and read and write notices, replies and reviews; who made a decision; and what the eraser may do."""

from django.db import migrations

from amparo.trust import gates

DECISION = """
-- Whoever acted when a single household was decided; a run says itself who planned it.
ALTER TABLE programmes_decision ADD COLUMN made_by uuid;
ALTER TABLE programmes_decision ALTER COLUMN made_by
    SET DEFAULT nullif(current_setting('amparo.by', true), '')::uuid;
-- Few stand proposed at a time, and they are looked for every day.
CREATE INDEX programmes_decision_proposed ON programmes_decision (programme_id, on_day)
    WHERE superseded_at IS NULL AND state = 'proposed';

-- The eraser may put a tombstone where facts were kept. Everybody else fills in the end, once.
CREATE OR REPLACE FUNCTION amparo_guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept programmes_decision := OLD;
BEGIN
    IF current_user = 'amparo_eraser' THEN
        IF OLD.facts IS NOT NULL AND NOT OLD.facts ? 'tombstone' AND NEW.facts -> 'tombstone' ? 'ground'
                AND NEW.facts -> 'tombstone' ? 'on' AND NEW.facts - 'tombstone' = '{}' THEN
            kept.facts := NEW.facts;
        END IF;
    ELSIF OLD.superseded_at IS NULL THEN
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
GRANT SELECT, UPDATE (facts) ON programmes_decision TO amparo_eraser;

-- A notice and what was answered and found go along when the household moves, as its decisions do.
CREATE OR REPLACE FUNCTION amparo_move_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    units uuid[] := array(SELECT person_id FROM registry_membership WHERE household_id = NEW.id AND ends_on IS NULL) || NEW.id;
    moved uuid[] := array(SELECT id FROM programmes_notice WHERE unit_id = ANY (units) AND area_number <> NEW.area_number);
BEGIN
    UPDATE programmes_decision SET area_number = NEW.area_number
        WHERE area_number <> NEW.area_number AND unit_id = ANY (units);
    UPDATE programmes_notice SET area_number = NEW.area_number WHERE id = ANY (moved);
    UPDATE programmes_reply SET area_number = NEW.area_number WHERE notice_id = ANY (moved);
    UPDATE programmes_review SET area_number = NEW.area_number WHERE notice_id = ANY (moved);
    RETURN NULL;
END $$;
CREATE INDEX programmes_notice_unit ON programmes_notice (unit_id);
"""

KEPT = "programmes_notice", "programmes_reply", "programmes_review"
GRANTS = "\n".join(
    [
        *(gates.protect(table, may="SELECT, INSERT") for table in KEPT),
        *(f"REVOKE DELETE ON {table} FROM amparo_bulk, amparo_definer;" for table in KEPT),
        gates.protect("programmes_preview", may="SELECT"),
        gates.protect("programmes_householddetermination", may="SELECT, INSERT"),
        gates.open_table("programmes_determination", to="amparo_national", may="INSERT, UPDATE"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0003_runs_and_notices")]

    operations = [migrations.RunSQL(each, migrations.RunSQL.noop) for each in (DECISION, GRANTS)]
