"""Parts of lists that go to who pays by themselves, and what is answered about them: counts and references, nobody's record."""

import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

# A partner's machine answers as the application, before anybody's gates; the job is the bulk role's, and a person lets go again.
GRANTS = """
GRANT INSERT, UPDATE ON payments_dispatch TO amparo_bulk;
GRANT UPDATE (state, attempts, next_at) ON payments_dispatch TO amparo_national;
GRANT SELECT, INSERT ON payments_return, payments_returnline TO amparo_app;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_owed_again")]

    operations = [
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("part", models.SmallIntegerField()),
                ("after", models.CharField(max_length=16)),
                ("last", models.CharField(max_length=16)),
                ("payments", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("taken", "taken"),
                            ("answered", "answered"),
                            ("given-up", "given-up"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("was_tried", models.BooleanField(default=False)),
                ("next_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unsafe", "unsafe"),
                            ("not-called", "not-called"),
                            ("silent", "silent"),
                            ("refused", "refused"),
                            ("unreadable", "unreadable"),
                            ("lost", "lost"),
                            ("changed", "changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("correlation", models.CharField(blank=True, max_length=99)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispatches", to="payments.list"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(state__in=("waiting", "taken")), fields=["next_at"], name="dispatch_due"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("list", "part"), name="dispatch_once")],
            },
        ),
        migrations.AddField(
            model_name="return",
            name="dispatch",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.dispatch"
            ),
        ),
        migrations.AlterField(
            model_name="list",
            name="rail",
            field=models.CharField(
                choices=[("bank-file", "bank-file"), ("agents", "agents"), ("g2p", "g2p")], max_length=20
            ),
        ),
        migrations.RunSQL(gates.open_table("payments_dispatch", may="SELECT") + GRANTS, migrations.RunSQL.noop),
    ]
