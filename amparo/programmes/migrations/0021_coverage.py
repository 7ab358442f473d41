"""Who is left out, counted by area; and for whoever runs a programme, whether others tell that a unit which
it decided about receives it: what else they tell is not read."""

import amparo.kernel.ids
import django.db.models.deletion
from django.db import migrations, models

from amparo.trust import gates

OWN = "programme_id = ANY ((SELECT amparo_own_programmes())::smallint[])"
IS_TOLD = """
CREATE FUNCTION amparo_is_told(entity uuid, asked text, after_day date, last_day date) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT asked = ANY (string_to_array(current_setting('amparo.programmes', true), ',')) AND EXISTS (
        SELECT FROM programmes_decision standing JOIN programmes_programme own ON own.id = standing.programme_id
        WHERE standing.unit_id = entity AND own.code = asked AND standing.superseded_at IS NULL AND standing.area_number >= 0
    ) AND EXISTS (
        SELECT FROM (
            SELECT entity AS id
            UNION SELECT person_id FROM registry_membership WHERE household_id = entity AND ends_on IS NULL
            UNION SELECT person_id FROM registry_groupmembership WHERE group_id = entity AND ends_on IS NULL
        ) people
        JOIN programmes_beneficiary held ON held.person_id = people.id
        JOIN LATERAL (
            SELECT status FROM programmes_benefit told
            WHERE told.beneficiary_id = held.id AND told.scheme = asked AND told.period > after_day AND told.period <= last_day
            ORDER BY told.period DESC, told.day DESC, told.id DESC LIMIT 1
        ) latest ON latest.status IN ('enrolled', 'suspended'))
$$;
ALTER FUNCTION amparo_is_told OWNER TO amparo_definer;
REVOKE EXECUTE ON FUNCTION amparo_is_told FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_is_told TO amparo_programme;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0020_overlaps'),
    ]

    operations = [
        migrations.CreateModel(
            name='Coverage',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('gaps', 'gaps'), ('excluded', 'excluded')], max_length=20)),
                ('day', models.DateField()),
                ('known_at', models.DateTimeField(null=True)),
                ('alarm_percent', models.SmallIntegerField(null=True)),
                ('is_alarm', models.BooleanField(default=False)),
                ('counted_by', models.UUIDField()),
                ('counted_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Gap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField()),
                ('eligible', models.BigIntegerField()),
                ('missed', models.BigIntegerField()),
                ('coverage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='programmes.coverage')),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.programme')),
            ],
            options={
                'indexes': [models.Index(fields=['coverage', 'area_number'], name='gap_area')],
            },
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area_number', models.BigIntegerField()),
                ('households', models.BigIntegerField()),
                ('near', models.BigIntegerField()),
                ('unknown', models.BigIntegerField()),
                ('beyond', models.BigIntegerField()),
                ('coverage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exclusions', to='programmes.coverage')),
            ],
            options={
                'indexes': [models.Index(fields=['coverage', 'area_number'], name='exclusion_area')],
            },
        ),
        migrations.RunSQL(
            gates.open_table("programmes_coverage", may="SELECT")
            + gates.open_table("programmes_coverage", to="amparo_bulk", may="INSERT, UPDATE"),
            migrations.RunSQL.noop,
        ),
        *(
            migrations.RunSQL(gates.protect(table, may="SELECT") + gates.shelter(table), migrations.RunSQL.noop)
            for table in ("programmes_gap", "programmes_exclusion")
        ),
        migrations.RunSQL(gates.open_to_programmes("programmes_gap", only=OWN), migrations.RunSQL.noop),
        migrations.RunSQL(IS_TOLD, migrations.RunSQL.noop),
    ]
