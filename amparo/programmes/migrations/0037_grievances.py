"""What other programmes tell of grievances, behind both gates; a citizen sees what is told of their own."""

from pathlib import Path

from django.db import migrations, models

from amparo.trust import gates

STATES = ("open", "resolved", "dismissed", "withdrawn")
GATES = (
    gates.protect("programmes_grievance", may="SELECT")
    + gates.shelter("programmes_grievance", place="coalesce(area_number, 0)")
    + """
    REVOKE UPDATE, DELETE ON programmes_grievance FROM amparo_bulk;
    GRANT SELECT, DELETE ON programmes_grievance TO amparo_eraser;
    """
)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0036_own_benefits"), ("registry", "0009_own")]

    operations = [
        migrations.CreateModel(
            name="Grievance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area_number", models.BigIntegerField(null=True)),
                ("day", models.DateField()),
                ("scheme", models.CharField(max_length=64)),
                ("grievance", models.CharField(max_length=200)),
                ("category", models.CharField(max_length=64)),
                ("state", models.CharField(choices=[(each, each) for each in STATES], max_length=20)),
                ("filed", models.DateField()),
                ("closed", models.DateField(null=True)),
                ("said", models.UUIDField()),
            ],
            options={"db_table": "programmes_grievance", "managed": False},
        ),
        migrations.RunSQL((Path(__file__).parent / "0037_grievances.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(GATES, migrations.RunSQL.noop),
    ]
