"""What changed, for whom somebody is told of changes, and what is still to be told."""

import django.contrib.postgres.fields
from django.db import migrations, models

from amparo.trust import gates

# Whoever changes a home notes it, and reads nothing of whom that is told to; the rest is for jobs, and for the eraser.
NOTE = """
CREATE FUNCTION amparo_note_change(homes uuid[], delivered bigint, of_enrolments boolean) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO registry_notedchange (at, households, delivery, enrolments)
        SELECT now(), homes, delivered, of_enrolments WHERE EXISTS (SELECT FROM trust_subscription WHERE ended_at IS NULL)
$$;
ALTER FUNCTION amparo_note_change OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_note_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_note_change
    TO amparo_app, amparo_bulk, amparo_area, amparo_national, amparo_programme, amparo_citizen;
"""
GRANTS = "\n".join(
    [
        gates.open_table("registry_notedchange", to="amparo_definer", may="INSERT"),
        *(
            gates.open_table(f"registry_{each}", to="amparo_bulk")
            for each in ("notedchange", "following", "followed", "owed")
        ),
        *(gates.open_table(f"registry_{each}", to="amparo_eraser", may="SELECT, DELETE") for each in ("followed", "owed")),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0016_numbers_lent"), ("trust", "0022_subscriptions")]

    operations = [
        migrations.CreateModel(
            "NotedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "households",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                ("delivery", models.BigIntegerField(null=True)),
                ("enrolments", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            "Following",
            fields=[
                ("subscription", models.UUIDField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            "Followed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subscription", "entity_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subscription", models.UUIDField()),
                ("entity_id", models.UUIDField()),
                ("digest", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            "Owed",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("subscription", models.UUIDField()),
                ("entity_id", models.UUIDField()),
                ("change", models.BigIntegerField()),
                ("noted_at", models.DateTimeField()),
                ("attempts", models.SmallIntegerField()),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["subscription", "entity_id"], name="owed_once")
                ]
            },
        ),
        migrations.RunSQL(
            "CREATE INDEX registry_followed_whom ON registry_followed (entity_id)", migrations.RunSQL.noop
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(NOTE, "DROP FUNCTION amparo_note_change(uuid[], bigint, boolean)"),
    ]
