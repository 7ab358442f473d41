"""Two roles more: who writes rules, and who publishes them."""

from django.db import migrations, models

ROLES = "officer supervisor registry-manager analyst author publisher auditor administrator"


class Migration(migrations.Migration):
    dependencies = [("trust", "0003_area_names")]

    operations = [
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
    ]
