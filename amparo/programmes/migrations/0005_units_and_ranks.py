"""Decisions about families and couples, and the rank of a unit where places are few."""

from django.db import migrations, models

UNITS = [(each, each) for each in ("household", "person", "family", "couple")]

DECISION = """
ALTER TABLE programmes_decision DROP CONSTRAINT programmes_decision_grain_check;
ALTER TABLE programmes_decision ADD CHECK (grain IN ('household', 'person', 'family', 'couple'));
ALTER TABLE programmes_decision ADD COLUMN rank integer, ADD COLUMN places integer;
ALTER TABLE programmes_decision ADD CONSTRAINT decision_rank_is_of_places
    CHECK ((rank IS NULL) = (places IS NULL) AND rank >= 1 AND places >= 0);

CREATE OR REPLACE FUNCTION amparo_move_decisions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    units uuid[] := array(SELECT person_id FROM registry_membership WHERE household_id = NEW.id AND ends_on IS NULL)
        || array(SELECT id FROM registry_group WHERE household_id = NEW.id) || NEW.id;
    moved uuid[] := array(SELECT id FROM programmes_notice WHERE unit_id = ANY (units) AND area_number <> NEW.area_number);
BEGIN
    UPDATE programmes_decision SET area_number = NEW.area_number
        WHERE area_number <> NEW.area_number AND unit_id = ANY (units);
    UPDATE programmes_notice SET area_number = NEW.area_number WHERE id = ANY (moved);
    UPDATE programmes_reply SET area_number = NEW.area_number WHERE notice_id = ANY (moved);
    UPDATE programmes_review SET area_number = NEW.area_number WHERE notice_id = ANY (moved);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0004_gates_of_runs")]

    operations = [
        migrations.AddField("ruleversion", "terms", models.JSONField(default=dict)),
        migrations.AddField("determination", "quotas", models.JSONField(default=dict)),
        migrations.AlterField("programme", "unit", models.CharField(choices=UNITS, max_length=20)),
        migrations.RunSQL(
            DECISION,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField("decision", "grain", models.CharField(choices=UNITS, max_length=20)),
                migrations.AddField("decision", "rank", models.IntegerField(null=True)),
                migrations.AddField("decision", "places", models.IntegerField(null=True)),
            ],
        ),
    ]
