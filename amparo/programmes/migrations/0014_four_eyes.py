"""Who approves a run and who publishes a draft is another human being than planned or wrote it."""

from django.db import migrations

EYES = """
CREATE TRIGGER approved_by_another BEFORE INSERT OR UPDATE ON programmes_determination
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('approved_by', 'started_by');
CREATE TRIGGER published_by_another BEFORE INSERT OR UPDATE ON programmes_draft
    FOR EACH ROW EXECUTE FUNCTION amparo_four_eyes('published_by', 'written_by');
"""


class Migration(migrations.Migration):
    dependencies = [("programmes", "0013_erasures"), ("trust", "0014_humans")]

    operations = [migrations.RunSQL(EYES, migrations.RunSQL.noop)]
