"""Lines set aside of people in danger are kept from everybody else; a line that lies nowhere is the nation's."""

from django.db import migrations

from amparo.trust import gates


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_erasures"), ("trust", "0013_policy")]

    operations = [
        migrations.RunSQL(
            gates.shelter("intake_quarantine", place="coalesce(area_number, 0)"), migrations.RunSQL.noop
        )
    ]
