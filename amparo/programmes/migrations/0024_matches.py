"""Who somebody may be of whom another programme tells: proposed by each delivery, decided by a person, behind both gates."""

from pathlib import Path

import amparo.kernel.ids
from django.db import migrations, models

from amparo.trust import gates

# Of whom nobody here knows yet, whoever answers for the person who may be meant sees what is told, and nobody else does
# but the nation; not any more, once it was found to be another.
TOLD = """
CREATE POLICY proposed ON programmes_beneficiary FOR SELECT TO amparo_area USING (EXISTS (
    SELECT FROM programmes_match pair WHERE pair.beneficiary_id = programmes_beneficiary.id
        AND coalesce(programmes_beneficiary.person_id, pair.person_id) = pair.person_id));
"""
GRANTS = """
REVOKE UPDATE, DELETE ON programmes_match FROM amparo_bulk;
GRANT UPDATE (likeness, birth, place, is_identified, score) ON programmes_match TO amparo_bulk;
GRANT UPDATE (state, decided_by, decided_at) ON programmes_match TO amparo_area, amparo_national;
GRANT SELECT, DELETE ON programmes_match TO amparo_eraser;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0023_condition_gates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('area_number', models.BigIntegerField()),
                ('likeness', models.SmallIntegerField(null=True)),
                ('birth', models.CharField(choices=[('same', 'same'), ('near', 'near'), ('differs', 'differs'), ('unknown', 'unknown')], max_length=20)),
                ('place', models.CharField(choices=[('same', 'same'), ('near', 'near'), ('differs', 'differs'), ('unknown', 'unknown')], max_length=20)),
                ('is_identified', models.BooleanField()),
                ('score', models.SmallIntegerField()),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('later', 'later'), ('same', 'same'), ('other', 'other')], max_length=20)),
                ('proposed_on', models.DateField()),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('beneficiary', models.ForeignKey(db_constraint=False, on_delete=models.DO_NOTHING, related_name='matches', to='programmes.beneficiary')),
            ],
            options={
                'db_table': 'programmes_match',
                'managed': False,
            },
        ),
        migrations.RunSQL((Path(__file__).parent / "0024_matches.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(
            gates.protect("programmes_match", may="SELECT") + gates.shelter("programmes_match"), migrations.RunSQL.noop
        ),
        migrations.RunSQL(TOLD + GRANTS, migrations.RunSQL.noop),
    ]
