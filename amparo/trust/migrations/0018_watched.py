"""Since when the log has rows that the watch did not count: asked by the pages that show what it finds."""

from django.db import migrations

from amparo.trust import gates

WAITS = f"""
CREATE FUNCTION amparo_watch_waits_since() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT written_at FROM trust_audit WHERE place > (SELECT place FROM trust_watched) ORDER BY place, id LIMIT 1
$$;
REVOKE EXECUTE ON FUNCTION amparo_watch_waits_since FROM PUBLIC;
GRANT EXECUTE ON FUNCTION amparo_watch_waits_since TO {gates.EVERYONE};
"""


class Migration(migrations.Migration):
    dependencies = [("trust", "0017_appeals_officer")]
    operations = [migrations.RunSQL(WAITS, "DROP FUNCTION amparo_watch_waits_since()")]
