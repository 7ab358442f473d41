"""Groups come in with large batches too: their tables are parked like the others (`0003_batch.sql`)."""

from django.db import migrations

# The function as it stands, with two tables more: written out again, the rest of it could come to differ.
PARKED = """
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('amparo_park_indexes'::regproc),
        '''registry_person_name''', '''registry_person_name'', ''registry_group'', ''registry_groupmembership''');
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_stated")]

    operations = [migrations.RunSQL(PARKED, migrations.RunSQL.noop)]
