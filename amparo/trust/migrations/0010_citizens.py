"""Citizens' accounts, who let them in, who may act for whom, and acts that are shown to them on a later day."""

from pathlib import Path

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

GRANTS = "\n".join(
    [
        gates.open_table("trust_citizen", to="amparo_app, amparo_national", may="SELECT"),
        gates.open_table("trust_citizen", to="amparo_definer", may="SELECT, INSERT, DELETE"),
        gates.protect("trust_invitation", may="SELECT, INSERT"),
        "GRANT UPDATE (until) ON trust_invitation TO amparo_area, amparo_national;",
        gates.protect("trust_mandate", may="SELECT, INSERT"),
        "GRANT UPDATE (revoked_on, revoked_at, revoked_by) ON trust_mandate TO amparo_area, amparo_national, amparo_citizen;",
        # Not where the person lives: the holder of a mandate learns that from them, if at all.
        "GRANT SELECT (id, person_id, holder_id, scope, proof, proof_number, starts_on, ends_on, recorded_by,"
        " recorded_at, revoked_on, revoked_at, revoked_by) ON trust_mandate TO amparo_citizen;",
        "REVOKE DELETE ON trust_mandate FROM amparo_bulk, amparo_definer;",
        # Whose acts are hidden from whom is for the data protection officer alone, and for the function that hides them.
        "ALTER TABLE trust_delay ENABLE ROW LEVEL SECURITY; ALTER TABLE trust_delay FORCE ROW LEVEL SECURITY;",
        "GRANT SELECT, INSERT ON trust_delay TO amparo_national; GRANT SELECT ON trust_delay TO amparo_definer;",
        "GRANT UPDATE (confirmed_by, confirmed_at, ended_by, ended_at) ON trust_delay TO amparo_national;",
        "CREATE POLICY national ON trust_delay TO amparo_national USING (true) WITH CHECK (true);",
        # A citizen's page has no use for accounts, roles and who holds them.
        "REVOKE ALL ON trust_account, trust_roleassignment FROM amparo_citizen;",
        "GRANT SELECT ON trust_account, trust_roleassignment, trust_audit TO amparo_definer;",
    ]
)


def id() -> tuple[str, models.Field]:
    return "id", models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


def texts(length: int) -> models.Field:
    return django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=length), size=None)


class Migration(migrations.Migration):
    dependencies = [("trust", "0009_machines")]

    operations = [
        migrations.CreateModel(
            "Citizen",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        related_name="citizen",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("person_id", models.UUIDField(unique=True)),
                ("bound_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            "Invitation",
            fields=[
                id(),
                ("person_id", models.UUIDField()),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("detail_digests", texts(64)),
                ("proof", models.CharField(max_length=40)),
                ("proof_number", models.CharField(blank=True, max_length=64)),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("taken_at", models.DateTimeField(null=True)),
                ("area_number", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["person_id"], name="invitation_person")]},
        ),
        migrations.CreateModel(
            "Mandate",
            fields=[
                id(),
                ("person_id", models.UUIDField()),
                ("holder_id", models.UUIDField()),
                ("scope", texts(20)),
                ("proof", models.CharField(max_length=40)),
                ("proof_number", models.CharField(blank=True, max_length=64)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                ("revoked_on", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.UUIDField(null=True)),
                ("area_number", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person_id"], name="mandate_person"),
                    models.Index(fields=["holder_id"], name="mandate_holder"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="mandate_in_order"
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(("holder_id", models.F("person_id"))), name="mandate_of_two"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Delay",
            fields=[
                id(),
                ("person_id", models.UUIDField()),
                ("actor_id", models.UUIDField()),
                ("authority", models.CharField(max_length=200)),
                ("reference", models.CharField(max_length=100)),
                ("since", models.DateTimeField()),
                ("reveal_on", models.DateField()),
                ("proposed_by", models.UUIDField()),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_by", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["actor_id"], name="delay_actor")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", None))
                        | ~models.Q(("confirmed_by", models.F("proposed_by"))),
                        name="delay_four_eyes",
                    ),
                ],
            },
        ),
        migrations.RunSQL((Path(__file__).parent / "0010_citizens.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
