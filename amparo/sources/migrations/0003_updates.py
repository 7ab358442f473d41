"""What of updates is kept: of whom and when, by both gates, never changed, gone with whoever it is about; refusals about nobody."""

from pathlib import Path

from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

UPDATES = "sources_update"
GRANTS = "\n".join(
    [
        gates.protect(UPDATES, may="SELECT, INSERT"),
        gates.shelter(UPDATES),
        f"REVOKE UPDATE ON {UPDATES} FROM amparo_definer;",
        f"GRANT UPDATE (area_number) ON {UPDATES} TO amparo_definer;",
        f"GRANT SELECT, DELETE ON {UPDATES} TO amparo_eraser;",
        gates.open_table("sources_updaterefusal", may="SELECT, INSERT, UPDATE"),
        gates.open_table("sources_updatestanding", may="SELECT, INSERT, UPDATE"),
    ]
)


class Migration(migrations.Migration):

    dependencies = [
        ('sources', '0002_gates'),
    ]

    operations = [
        migrations.CreateModel(
            name='UpdateStanding',
            fields=[
                ('source', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('taken', models.BigIntegerField(default=0)),
                ('last_at', models.DateTimeField(null=True)),
                ('last', models.CharField(blank=True, default='', max_length=20)),
                ('seconds', models.JSONField(default=list)),
                ('asked_at', models.DateTimeField(null=True)),
                ('cursor', models.CharField(blank=True, default='', max_length=500)),
            ],
        ),
        migrations.AddField(
            model_name='retry',
            name='is_told',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='UpdateRefusal',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=64)),
                ('told', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(choices=[('signature', 'signature'), ('old', 'old'), ('malformed', 'malformed'), ('kind', 'kind'), ('unknown', 'unknown'), ('not-covered', 'not-covered'), ('not-kept', 'not-kept'), ('day', 'day'), ('drift', 'drift'), ('conflict', 'conflict'), ('broken', 'broken')], max_length=20)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('times', models.IntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'told', 'reason'), name='update_refusal_once')],
            },
        ),
        migrations.CreateModel(
            name='UpdateRow',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=64)),
                ('told', models.CharField(max_length=64)),
                ('happening', models.CharField(choices=[('birth', 'birth'), ('death', 'death'), ('marriage', 'marriage'), ('address', 'address'), ('employment', 'employment'), ('enrolment', 'enrolment')], max_length=20)),
                ('person_id', models.UUIDField()),
                ('area_number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('fields', models.JSONField()),
            ],
            options={
                'db_table': 'sources_update',
                'indexes': [models.Index(fields=['person_id', 'source', 'at'], name='update_of_person')],
                'constraints': [models.UniqueConstraint(fields=('source', 'told'), name='update_once')],
            },
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL((Path(__file__).parent / "0003_updates.sql").read_text(), migrations.RunSQL.noop),
    ]
