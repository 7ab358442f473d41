"""Who may see what is kept of answers: by both gates, sealed, and never changed. Rows go where whoever they are about goes."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

ANSWERS = "sources_keptanswer"
GRANTS = "\n".join(
    [
        gates.open_table("sources_connection", may="SELECT"),
        gates.open_table("sources_connection", to="amparo_national", may="INSERT, UPDATE, DELETE"),
        gates.open_table("sources_connectionstate", may="SELECT, INSERT, UPDATE"),
        gates.protect(ANSWERS, may="SELECT, INSERT"),
        gates.shelter(ANSWERS),
        gates.protect("sources_retry"),
        gates.shelter("sources_retry"),
        "GRANT DELETE ON sources_retry TO amparo_area, amparo_national;",
        "GRANT SELECT, DELETE ON sources_retry TO amparo_eraser;",
        gates.seal(ANSWERS, "value", unbound="person_id, source, field"),
        f"GRANT DELETE ON {ANSWERS} TO amparo_area, amparo_national;",
        f"REVOKE UPDATE ON {ANSWERS} FROM amparo_definer;",
        f"GRANT UPDATE (area_number) ON {ANSWERS} TO amparo_definer;",
        f"GRANT SELECT, DELETE ON {ANSWERS} TO amparo_eraser;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("sources", "0001_initial"),
        ("registry", "0015_contacts"),
        ("trust", "0018_watched"),
    ]

    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0002_gates.sql").read_text(), migrations.RunSQL.noop),
    ]
