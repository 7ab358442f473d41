"""A role more: whoever hears appeals."""

from django.db import migrations, models

ROLES = (
    "officer supervisor registry-manager analyst author publisher auditor administrator data-protection-officer"
    " protection-officer programme-manager payments-officer payments-approver appeals-officer"
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0016_payment_roles")]

    operations = [
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
    ]
