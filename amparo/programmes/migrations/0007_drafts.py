"""Drafts: what is published on the pages, by whom, and that nobody publishes what they wrote themselves.

The database holds four eyes by itself: who wrote a draft and who published it is whoever acted (`trust.context`), the two
differ, a published draft stays as it is, and whoever does not own the tables adds only versions of a published draft. The
one exception is a version that stood before in the same words: it is written again when the next one ends it earlier.
"""

import amparo.kernel.ids
import django.db.models.deletion
from django.db import migrations, models

from amparo.trust import gates

GUARDS = """
CREATE FUNCTION amparo_guard_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting uuid := nullif(current_setting('amparo.by', true), '')::uuid;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.published_at IS NOT NULL OR OLD.discarded_at IS NOT NULL THEN
            RAISE EXCEPTION 'a draft that is over is never changed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.written_by <> OLD.written_by
                OR acting IS DISTINCT FROM OLD.written_by
                AND (NEW.content, NEW.cases, NEW.kind, NEW.code, NEW.starts_on, NEW.ends_on, NEW.law, NEW.proposed_at)
                    IS DISTINCT FROM
                    (OLD.content, OLD.cases, OLD.kind, OLD.code, OLD.starts_on, OLD.ends_on, OLD.law, OLD.proposed_at)
                OR NEW.published_by IS DISTINCT FROM OLD.published_by
                AND (NEW.published_by IS DISTINCT FROM acting OR OLD.proposed_at IS NULL) THEN
            RAISE EXCEPTION 'a draft is published as proposed, by whoever acts' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF NEW.written_by IS DISTINCT FROM acting OR NEW.published_by IS NOT NULL THEN
        RAISE EXCEPTION 'a draft is written by whoever acts' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON programmes_draft FOR EACH ROW EXECUTE FUNCTION amparo_guard_draft();

CREATE FUNCTION amparo_guard_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    aside text[] := '{id,ends_on,installed_at,replaced_at,draft_id}';
    stood boolean;
BEGIN
    IF current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
            OR EXISTS (SELECT FROM programmes_draft WHERE id = NEW.draft_id AND published_by <> written_by) THEN
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I r WHERE to_jsonb(r) - $1 = $2)', TG_TABLE_NAME)
        INTO stood USING aside, to_jsonb(NEW) - aside;
    IF stood THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version comes from the profile or from a published draft' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
VERSIONS = "programmes_ruleversion", "programmes_parametervalue", "programmes_contentversion"
GRANTS = "\n".join(
    [
        gates.open_table("programmes_draft", to="amparo_area, amparo_national, amparo_bulk", may="SELECT"),
        gates.open_table("programmes_draft", to="amparo_national", may="INSERT, UPDATE"),
        "GRANT UPDATE (measured) ON programmes_draft TO amparo_bulk;",
        *(gates.open_table(table, to="amparo_national", may="INSERT, UPDATE (replaced_at)") for table in VERSIONS),
        *(
            f"CREATE TRIGGER guard BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION amparo_guard_version();"
            for table in VERSIONS
        ),
    ]
)


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0006_stated'),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('code', models.CharField(max_length=64)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('law', models.CharField(max_length=200)),
                ('content', models.JSONField()),
                ('cases', models.TextField(blank=True)),
                ('written_by', models.UUIDField()),
                ('written_at', models.DateTimeField()),
                ('proposed_at', models.DateTimeField(null=True)),
                ('measure_asked_at', models.DateTimeField(null=True)),
                ('measured', models.JSONField(null=True)),
                ('discarded_at', models.DateTimeField(null=True)),
                ('published_by', models.UUIDField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('published_by', None), models.Q(('published_by', models.F('written_by')), _negated=True), _connector='OR'), name='draft_four_eyes')],
            },
        ),
        migrations.AddField(
            model_name='contentversion',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.draft'),
        ),
        migrations.AddField(
            model_name='parametervalue',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.draft'),
        ),
        migrations.AddField(
            model_name='ruleversion',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.draft'),
        ),
        *(migrations.RunSQL(each, migrations.RunSQL.noop) for each in (GUARDS, GRANTS)),
    ]
