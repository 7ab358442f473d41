"""Agreements and consents: their tables, what the database itself holds to, and who may touch which."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

ROLES = "officer supervisor registry-manager analyst author publisher auditor administrator data-protection-officer"
STATES = "drafted signed in-force suspended ended"
READERS = "amparo_app, amparo_bulk, amparo_area, amparo_national, amparo_definer"
WRITING = """
    GRANT INSERT ON trust_organisation, trust_agreementsignature, trust_agreementchange TO amparo_national;
    GRANT INSERT, UPDATE ON trust_agreement TO amparo_national;
    GRANT INSERT ON trust_consenttext TO amparo_area, amparo_national;
    GRANT INSERT, UPDATE ON trust_exchange TO amparo_app;
    -- Whoever locks a row must be allowed to change a column of it; of a signed agreement a trigger holds every one.
    GRANT UPDATE (drafted_at) ON trust_agreement TO amparo_app;
    GRANT UPDATE (withdrawn_on, withdrawn_at, withdrawn_by) ON trust_consent TO amparo_area, amparo_national;
    REVOKE DELETE ON trust_consent FROM amparo_bulk, amparo_definer;
    GRANT SELECT ON trust_area TO amparo_definer;
    GRANT SELECT ON trust_consent TO amparo_partner;
    CREATE POLICY partner ON trust_consent FOR SELECT TO amparo_partner
        USING (asked = (SELECT amparo_agreed_asked()) AND area_number <@ (SELECT amparo_agreed_areas()));
"""
GRANTS = "\n".join(
    [
        gates.open_table(
            "trust_organisation, trust_agreement, trust_agreementsignature, trust_agreementchange, trust_exchange,"
            " trust_consenttext",
            to=READERS,
            may="SELECT",
        ),
        gates.protect("trust_consent", person="person_id", may="SELECT, INSERT"),
        WRITING,
        gates.seal("trust_organisation", "pseudonym_key", is_protected=False),
    ]
)


def choices(words: str) -> list[tuple[str, str]]:
    return [(each, each) for each in words.split()]


def protected(to: str, **settings) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **settings)


def id() -> tuple[str, models.Field]:
    return "id", models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


def number() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("trust", "0007_identity")]

    operations = [
        migrations.AlterField("roleassignment", "role", models.CharField(max_length=40, choices=choices(ROLES))),
        migrations.CreateModel(
            "Organisation",
            fields=[
                id(),
                ("code", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("is_own", models.BooleanField(default=False)),
                ("pseudonym_key", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_own", True)), fields=("is_own",), name="organisation_one_own"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            "Agreement",
            fields=[
                id(),
                ("code", models.CharField(max_length=64)),
                ("version", models.SmallIntegerField()),
                ("succeeds", protected("trust.agreement", null=True, related_name="successors")),
                ("provider", protected("trust.organisation", related_name="+")),
                ("consumer", protected("trust.organisation", related_name="+")),
                ("direction", models.CharField(choices=choices("out in"), max_length=8)),
                ("purpose", protected("trust.purpose", related_name="+")),
                ("legal_basis", models.TextField()),
                ("fields", models.JSONField()),
                (
                    "areas",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None),
                ),
                ("programme", models.CharField(blank=True, max_length=64)),
                (
                    "identifiers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                ("needs_consent", models.BooleanField()),
                ("asked", models.CharField(max_length=64)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("period", models.CharField(choices=choices("day month quarter year"), max_length=8)),
                ("exchanges", models.IntegerField(null=True)),
                ("volume", models.BigIntegerField()),
                ("retention_days", models.IntegerField()),
                ("state", models.CharField(choices=choices(STATES), max_length=16)),
                ("drafted_by", models.UUIDField()),
                ("drafted_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version"), name="agreement_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="agreement_in_order"
                    ),
                    models.CheckConstraint(condition=models.Q(("volume__gt", 0)), name="agreement_volume"),
                ]
            },
        ),
        migrations.CreateModel(
            "AgreementSignature",
            fields=[
                number(),
                ("agreement", protected("trust.agreement", related_name="signatures")),
                ("side", models.CharField(choices=choices("provider consumer"), max_length=8)),
                ("name", models.CharField(max_length=200)),
                ("position", models.CharField(max_length=200)),
                ("confidentiality", models.CharField(max_length=200)),
                ("signed_on", models.DateField()),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "side"), name="signature_once"),
                    models.UniqueConstraint(fields=("agreement", "recorded_by"), name="signature_by_two"),
                ]
            },
        ),
        migrations.CreateModel(
            "AgreementChange",
            fields=[
                number(),
                ("agreement", protected("trust.agreement", related_name="changes")),
                ("state", models.CharField(choices=choices(STATES), max_length=16)),
                ("at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            "Exchange",
            fields=[
                id(),
                ("agreement", protected("trust.agreement", related_name="exchanged")),
                ("on", models.DateField()),
                ("begun_at", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("asked", models.JSONField()),
                ("pages", models.IntegerField(default=0)),
                ("records", models.BigIntegerField(default=0)),
            ],
            options={"indexes": [models.Index(fields=["agreement", "on"], name="exchange_agreement_day")]},
        ),
        migrations.CreateModel(
            "ConsentText",
            fields=[
                number(),
                ("agreement", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=12)),
                ("version", models.SmallIntegerField()),
                ("words", models.TextField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "language", "version"), name="consent_text_version_once"
                    ),
                    models.UniqueConstraint(fields=("agreement", "language", "digest"), name="consent_text_once"),
                ]
            },
        ),
        migrations.CreateModel(
            "Consent",
            fields=[
                ("id", models.UUIDField(default=amparo.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("person_id", models.UUIDField()),
                ("agreement", models.CharField(max_length=64)),
                ("asked", models.CharField(max_length=64)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="trust.consenttext"
                    ),
                ),
                ("kind", models.CharField(choices=choices("signed spoken represented"), max_length=20)),
                ("given_on", models.DateField()),
                ("until", models.DateField(null=True)),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_on", models.DateField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.UUIDField(null=True)),
                ("area_number", models.BigIntegerField()),
            ],
            options={"db_table": "trust_consent", "managed": False},
        ),
        migrations.RunSQL((Path(__file__).parent / "0008_agreements.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
