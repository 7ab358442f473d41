"""Two roles more: whoever writes and whoever publishes the rules of an area's own programmes."""

from django.db import migrations, models

ROLES = (
    "officer supervisor registry-manager analyst author publisher municipal-author municipal-publisher auditor administrator"
    " data-protection-officer protection-officer programme-manager payments-officer payments-approver appeals-officer"
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0020_asked")]

    operations = [
        migrations.AlterField(
            "roleassignment",
            "role",
            models.CharField(max_length=40, choices=[(each, each) for each in ROLES.split()]),
        ),
    ]
