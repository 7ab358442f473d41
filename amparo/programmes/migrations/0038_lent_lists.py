"""Lists that a partner sends or reads under an agreement about a programme: who of them takes part, and who takes part at all."""

from pathlib import Path

from django.db import migrations

DROPPED = """
DROP FUNCTION amparo_enrolments_lent(uuid, int);
DROP FUNCTION amparo_checked_lent(uuid[], text, text[], text[]);
DROP FUNCTION amparo_heard_of(text);
DROP FUNCTION amparo_all_consent(uuid[], text);
DROP FUNCTION amparo_persons_of(text, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0037_grievances"), ("trust", "0024_agreed_field")]
    operations = [migrations.RunSQL(Path(__file__).with_suffix(".sql").read_text(), DROPPED)]
