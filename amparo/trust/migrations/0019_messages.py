"""Machines that speak by signed messages of the DCI standard: as whom, and every message that came."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import amparo.kernel.ids
from amparo.trust import gates

# The agreements' pages work as the nation; a machine's request works as nobody until its agreement is known. What was kept is
# read by whoever proves it, and by nobody at the machines' door but what waits to be answered.
GRANTS = "\n".join(
    [
        gates.open_table("trust_peer", to="amparo_app, amparo_national, amparo_bulk", may="SELECT"),
        gates.open_table("trust_peer", to="amparo_national", may="INSERT"),
        "GRANT UPDATE (confirmed_at, confirmed_by, ended_at, ended_by) ON trust_peer TO amparo_national;",
        gates.open_table("trust_keptmessage", to="amparo_app", may="INSERT"),
        "GRANT SELECT (id, answers_id) ON trust_keptmessage TO amparo_app;",
        gates.open_table("trust_keptmessage", to="amparo_bulk", may="SELECT"),
        gates.open_table("trust_keptmessage", to="amparo_eraser", may="SELECT, DELETE"),
        gates.open_table("trust_call", to="amparo_app", may="SELECT, INSERT"),
        "GRANT UPDATE (state, statuses, settled_at) ON trust_call TO amparo_app;",
    ]
)
GUARDS = """
CREATE FUNCTION amparo_guard_peer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept trust_peer := OLD;
BEGIN
    IF OLD.confirmed_at IS NULL AND OLD.ended_at IS NULL THEN
        kept.confirmed_at := NEW.confirmed_at;
        kept.confirmed_by := NEW.confirmed_by;
    END IF;
    IF OLD.ended_at IS NULL THEN
        kept.ended_at := NEW.ended_at;
        kept.ended_by := NEW.ended_by;
    END IF;
    IF NEW IS DISTINCT FROM kept THEN
        RAISE EXCEPTION 'a peer is never changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ended_once BEFORE UPDATE ON trust_peer FOR EACH ROW EXECUTE FUNCTION amparo_guard_peer();
CREATE TRIGGER no_delete BEFORE DELETE ON trust_peer FOR EACH ROW EXECUTE FUNCTION amparo_refuse_change();
"""


def protected(to: str, name: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to)


def kept(**more: object) -> models.ForeignKey:
    nothing = django.db.models.deletion.DO_NOTHING
    return models.ForeignKey(db_constraint=False, on_delete=nothing, related_name="+", to="trust.keptmessage", **more)


def id() -> tuple[str, models.Field]:
    return "id", models.UUIDField(default=amparo.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)


LIVE = models.Q(("confirmed_at__isnull", False), ("ended_at", None))
STATES = [("rcvd", "rcvd"), ("pdng", "pdng"), ("succ", "succ"), ("rjct", "rjct")]

class Migration(migrations.Migration):
    dependencies = [("trust", "0018_watched")]

    operations = [
        migrations.CreateModel(
            "Peer",
            fields=[
                id(),
                ("machine", protected("trust.machine", "peers")),
                ("sender", models.CharField(max_length=300)),
                ("profile", models.CharField(blank=True, max_length=20)),
                ("callback", models.CharField(blank=True, max_length=2000)),
                ("sealing", models.JSONField(null=True)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", None))
                        | ~models.Q(("confirmed_by", models.F("made_by"))),
                        name="peer_by_two",
                    ),
                    models.UniqueConstraint(condition=LIVE, fields=("sender",), name="peer_one_of_a_sender"),
                    models.UniqueConstraint(condition=LIVE, fields=("machine",), name="peer_one_of_a_machine"),
                ]
            },
        ),
        migrations.CreateModel(
            "KeptMessage",
            fields=[
                id(),
                ("machine", protected("trust.machine", "+")),
                ("peer", protected("trust.peer", "+")),
                ("message", models.CharField(max_length=99)),
                ("action", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("profile", models.CharField(blank=True, max_length=20)),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.TextField(blank=True)),
                ("key", models.JSONField(null=True)),
                ("raw", models.BinaryField(null=True)),
                ("answers", kept(null=True)),
            ],
            options={"indexes": [models.Index(fields=["at"], name="kept_message_at")]},
        ),
        migrations.CreateModel(
            "Call",
            fields=[
                id(),
                ("kept", kept()),
                ("machine", protected("trust.machine", "+")),
                ("peer", protected("trust.peer", "+")),
                ("registry", models.CharField(max_length=8)),
                ("kind", models.CharField(max_length=20)),
                ("transaction", models.CharField(max_length=99)),
                (
                    "references",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=99), size=None),
                ),
                ("state", models.CharField(choices=STATES, max_length=8)),
                ("statuses", models.JSONField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["machine", "transaction"], name="call_transaction")]},
        ),
        migrations.RunSQL(gates.seal("trust_keptmessage", "raw", is_protected=False), migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
