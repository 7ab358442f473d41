"""The eraser deletes rows that were set aside, and forgets what delivered files were called."""

from django.db import migrations

GRANTS = """
    GRANT SELECT, DELETE, UPDATE (file, reasons) ON intake_quarantine TO amparo_eraser;
    GRANT SELECT, UPDATE (files, receipt, refusal, state, finished_at) ON intake_batch TO amparo_eraser;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_sealed"), ("registry", "0010_erasures")]

    operations = [migrations.RunSQL(GRANTS, migrations.RunSQL.noop)]
