"""How a programme enrols; enrolments with their steps and notices; places."""

import amparo.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0015_policy'),
    ]

    operations = [
        migrations.CreateModel(
            name='Capacity',
            fields=[
                ('programme', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='programmes.programme')),
                ('places', models.BigIntegerField()),
                ('taken', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='programme',
            name='enrolment',
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('grain', models.CharField(choices=[('household', 'household'), ('person', 'person'), ('family', 'family'), ('couple', 'couple')], max_length=20)),
                ('unit_id', models.UUIDField()),
                ('household_id', models.UUIDField(null=True)),
                ('person_id', models.UUIDField(null=True)),
                ('recipient_id', models.UUIDField(null=True)),
                ('alternate_id', models.UUIDField(null=True)),
                ('area_number', models.BigIntegerField()),
                ('source', models.CharField(default='own', max_length=64)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('enrolled', 'enrolled'), ('suspended', 'suspended'), ('ended', 'ended')], max_length=20)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('suspended_until', models.DateField(null=True)),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('decision_id', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('rank', models.IntegerField(null=True)),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programmes.programme')),
            ],
        ),
        migrations.CreateModel(
            name='EnrolmentNotice',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('area_number', models.BigIntegerField()),
                ('state', models.CharField(choices=[('suspended', 'suspended'), ('ended', 'ended')], max_length=20)),
                ('reason', models.CharField(max_length=64)),
                ('law', models.CharField(max_length=200)),
                ('until', models.DateField(null=True)),
                ('needs_review', models.BooleanField()),
                ('given_on', models.DateField()),
                ('given_by', models.UUIDField()),
                ('under', models.CharField(max_length=64)),
                ('takes_effect_on', models.DateField()),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.UUIDField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('took_effect_at', models.DateTimeField(null=True)),
                ('enrolment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='notices', to='programmes.enrolment')),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programmes.programme')),
            ],
        ),
        migrations.CreateModel(
            name='EnrolmentStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('on_day', models.DateField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('enrolled', 'enrolled'), ('suspended', 'suspended'), ('ended', 'ended')], max_length=20)),
                ('reason', models.CharField(blank=True, max_length=64)),
                ('law', models.CharField(blank=True, max_length=200)),
                ('by_id', models.UUIDField()),
                ('under', models.CharField(max_length=64)),
                ('until', models.DateField(null=True)),
                ('enrolment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='steps', to='programmes.enrolment')),
                ('programme', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programmes.programme')),
            ],
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(fields=['unit_id'], name='enrolment_unit'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state', 'ended'), _negated=True), fields=['programme', 'area_number'], name='enrolment_by_area'),
        ),
        migrations.AddIndex(
            model_name='enrolment',
            index=models.Index(condition=models.Q(('state', 'suspended')), fields=['suspended_until'], name='enrolment_suspended'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'ended'), _negated=True), fields=('programme', 'unit_id'), name='enrolment_one_a_unit'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_on__isnull', False), ('state', 'ended')), models.Q(models.Q(('state', 'ended'), _negated=True), ('ends_on', None)), _connector='OR'), name='enrolment_ended_has_day'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor', None), ('amount_minor__gte', 0), _connector='OR'), name='enrolment_amount'),
        ),
        migrations.AddConstraint(
            model_name='enrolment',
            constraint=models.CheckConstraint(condition=models.Q(('suspended_until', None), ('state', 'suspended'), _connector='OR'), name='enrolment_until'),
        ),
        migrations.AddIndex(
            model_name='enrolmentnotice',
            index=models.Index(condition=models.Q(('took_effect_at', None), ('withdrawn_at', None)), fields=['takes_effect_on'], name='enrolmentnotice_due'),
        ),
        migrations.AddConstraint(
            model_name='enrolmentnotice',
            constraint=models.UniqueConstraint(condition=models.Q(('took_effect_at', None), ('withdrawn_at', None)), fields=('enrolment',), name='enrolmentnotice_one'),
        ),
        migrations.AddConstraint(
            model_name='enrolmentnotice',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('given_by')), _negated=True), _connector='OR'), name='enrolmentnotice_four_eyes'),
        ),
        migrations.AddIndex(
            model_name='enrolmentstep',
            index=models.Index(fields=['enrolment'], name='enrolmentstep_enrolment'),
        ),
    ]
