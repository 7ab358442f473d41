"""What programmes ask of those who take part, who met it, and how local offices do by it."""

import amparo.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0021_coverage'),
    ]

    operations = [
        migrations.CreateModel(
            name='Compliance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField(null=True)),
                ('day', models.DateField()),
                ('scheme', models.CharField(max_length=64)),
                ('condition', models.CharField(max_length=64)),
                ('period', models.DateField()),
                ('met', models.CharField(choices=[('yes', 'yes'), ('no', 'no'), ('unknown', 'unknown')], max_length=20, null=True)),
                ('share', models.FloatField(null=True)),
                ('reason', models.CharField(max_length=64, null=True)),
                ('said', models.UUIDField()),
            ],
            options={
                'db_table': 'programmes_compliance',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Index',
            fields=[
                ('code', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('position', models.SmallIntegerField(default=0)),
                ('terms', models.JSONField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='programme',
            name='conditions',
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name='Following',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('condition', models.CharField(max_length=64)),
                ('period', models.DateField()),
                ('day', models.DateField()),
                ('known_at', models.DateTimeField()),
                ('followed_by', models.UUIDField()),
                ('followed_at', models.DateTimeField()),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.programme')),
            ],
        ),
        migrations.CreateModel(
            name='FollowingCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField()),
                ('watched', models.BigIntegerField()),
                ('told', models.BigIntegerField()),
                ('met', models.BigIntegerField()),
                ('excused', models.BigIntegerField()),
                ('missed', models.BigIntegerField()),
                ('following', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='programmes.following')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.programme')),
            ],
        ),
        migrations.CreateModel(
            name='Measurement',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('day', models.DateField()),
                ('known_at', models.DateTimeField()),
                ('terms', models.JSONField()),
                ('parameters', models.JSONField()),
                ('measured_by', models.UUIDField()),
                ('measured_at', models.DateTimeField()),
                ('index', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.index')),
            ],
        ),
        migrations.CreateModel(
            name='MeasuredArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField()),
                ('numbers', models.JSONField()),
                ('value', models.FloatField(null=True)),
                ('pays', models.BooleanField(null=True)),
                ('measurement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='programmes.measurement')),
            ],
        ),
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('area_number', models.BigIntegerField()),
                ('condition', models.CharField(max_length=64)),
                ('period', models.DateField()),
                ('number', models.SmallIntegerField(default=1)),
                ('act', models.CharField(blank=True, choices=[('notice', 'notice'), ('visit', 'visit'), ('suspension', 'suspension')], max_length=20)),
                ('found_on', models.DateField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('enrolment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='breaches', to='programmes.enrolment')),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programmes.programme')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('act', 'suspension'), ('taken_back_at', None)), fields=['programme', 'area_number'], name='breach_suspension')],
                'constraints': [models.UniqueConstraint(fields=('enrolment', 'condition', 'period'), name='breach_one_a_period')],
            },
        ),
        migrations.AddIndex(
            model_name='following',
            index=models.Index(fields=['programme', 'condition', 'period'], name='following_period'),
        ),
        migrations.AddIndex(
            model_name='followingcount',
            index=models.Index(fields=['following', 'area_number'], name='followingcount_area'),
        ),
        migrations.AddIndex(
            model_name='measurement',
            index=models.Index(fields=['index', 'month'], name='measurement_month'),
        ),
        migrations.AddConstraint(
            model_name='measuredarea',
            constraint=models.UniqueConstraint(fields=('measurement', 'area_number'), name='measuredarea_once'),
        ),
    ]
