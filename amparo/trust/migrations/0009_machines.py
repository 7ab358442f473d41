"""Machines of partners: what they are let in by, how often they may ask, and what they sent already."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

# The agreements' pages work as the nation; a machine's request works as nobody until its agreement is known.
GRANTS = "\n".join(
    [
        gates.open_table("trust_machine, trust_credential", to="amparo_app, amparo_national", may="SELECT"),
        gates.open_table("trust_machine, trust_credential", to="amparo_national", may="INSERT"),
        "GRANT UPDATE (closed_at, closed_by) ON trust_machine TO amparo_national;",
        "GRANT UPDATE (confirmed_at, confirmed_by, ended_at, ended_by) ON trust_credential TO amparo_national;",
        gates.open_table("trust_bucket, trust_taken, trust_reply", to="amparo_app"),
    ]
)


def id() -> tuple[str, models.Field]:
    return "id", models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


def protected(to: str, name: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, related_name=name)


class Migration(migrations.Migration):
    dependencies = [("trust", "0008_agreements")]

    operations = [
        migrations.CreateModel(
            "Machine",
            fields=[
                id(),
                ("organisation", protected("trust.organisation", "machines")),
                ("name", models.CharField(max_length=100)),
                (
                    "agreements",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None),
                ),
                ("must_sign", models.BooleanField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            "Credential",
            fields=[
                id(),
                ("machine", protected("trust.machine", "credentials")),
                ("kind", models.CharField(choices=[("secret", "secret"), ("key", "key")], max_length=8)),
                ("secret_hash", models.CharField(blank=True, max_length=64)),
                ("jwk", models.JSONField(null=True)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField()),
                ("until", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("made_by")),
                        name="credential_by_two",
                    )
                ]
            },
        ),
        migrations.RunSQL((Path(__file__).parent / "0009_machines.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
