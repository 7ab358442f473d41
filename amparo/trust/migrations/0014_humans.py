"""Whose accounts are one human being's, and who stands in for whom for some days."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from amparo.trust import gates

# One's own pages work as nobody yet, the administrator's as the nation.
GRANTS = "\n".join(
    [
        gates.open_table("trust_delegation", may="SELECT"),
        gates.open_table("trust_delegation", to="amparo_app, amparo_national", may="INSERT, UPDATE"),
    ]
)


def cascading(to: str, **settings) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=to, **settings)


class Migration(migrations.Migration):
    dependencies = [("trust", "0013_policy")]

    operations = [
        migrations.AddField("account", "human", models.UUIDField(null=True)),
        migrations.CreateModel(
            "Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assignment", cascading("trust.roleassignment", related_name="delegations")),
                ("to", cascading("trust.account", related_name="delegations")),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trust.area",
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("given_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="delegation_in_order"
                    )
                ]
            },
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0014_humans.sql").read_text(), migrations.RunSQL.noop),
    ]
