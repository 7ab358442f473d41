"""Two roles more: who prepares payments, and who approves them."""

from django.db import migrations, models

ROLES = (
    "officer supervisor registry-manager analyst author publisher auditor administrator data-protection-officer"
    " protection-officer programme-manager payments-officer payments-approver"
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0015_factor_secrets")]

    operations = [
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
    ]
