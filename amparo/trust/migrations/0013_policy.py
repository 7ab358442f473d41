"""Purposes are open to roles; two roles more, one of them over a programme."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

ROLES = (
    "officer supervisor registry-manager analyst author publisher auditor administrator data-protection-officer"
    " protection-officer programme-manager"
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0008_agreements")]

    operations = [
        migrations.AddField(
            "purpose", "roles", ArrayField(models.CharField(max_length=40), default=list)
        ),
        migrations.AddField("roleassignment", "programme", models.CharField(max_length=64, blank=True, default="")),
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
    ]
