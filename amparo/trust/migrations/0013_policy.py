"""Purposes are open to roles; two roles more: over a programme, and over people in danger, whom no other role sees."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from amparo.trust import gates

ROLES = (
    "officer supervisor registry-manager analyst author publisher auditor administrator data-protection-officer"
    " protection-officer programme-manager"
)
SHELTERED = ("trust_consent", "trust_invitation", "trust_mandate", "trust_erasure", "trust_hold")
SHELTERS = f"""
-- Whether the caller's transaction was given a role that sees people in danger.
CREATE FUNCTION amparo_shelters() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT {gates.SHELTERS}
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0012_watch")]

    operations = [
        migrations.AddField("purpose", "roles", ArrayField(models.CharField(max_length=40), default=list)),
        migrations.AddField("roleassignment", "programme", models.CharField(max_length=64, blank=True, default="")),
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
        migrations.RunSQL(SHELTERS + "".join(map(gates.shelter, SHELTERED)), migrations.RunSQL.noop),
    ]
