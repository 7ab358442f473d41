"""Which events partners' machines are told of, each under one agreement."""

import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

# A machine's answers that come later work as nobody; what changed is held against every subscription by the bulk role.
GRANTS = "\n".join(
    [
        gates.open_table("trust_subscription", to="amparo_app", may="SELECT, INSERT"),
        "GRANT UPDATE (ended_at, ended_by) ON trust_subscription TO amparo_app;",
        gates.open_table("trust_subscription", to="amparo_bulk, amparo_definer", may="SELECT"),
        gates.open_table("trust_subscription", to="amparo_eraser", may="SELECT, DELETE"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0021_municipal_roles")]

    operations = [
        migrations.CreateModel(
            "Subscription",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "machine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trust.machine"
                    ),
                ),
                ("agreement", models.CharField(max_length=64)),
                ("registry", models.CharField(max_length=8)),
                ("event", models.CharField(max_length=40)),
                ("criteria", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "kept",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="trust.keptmessage",
                    ),
                ),
                ("reference", models.CharField(max_length=99)),
                ("transaction", models.CharField(max_length=99)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["kept", "reference"], name="subscription_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=["machine", "agreement", "digest"],
                        name="subscription_one_of_a_kind",
                    ),
                ]
            },
        ),
        migrations.RunSQL(
            gates.seal("trust_subscription", "criteria", is_protected=False), migrations.RunSQL.noop
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
