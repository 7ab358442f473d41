"""Owners of accounts are warned of what happened to these. Whoever acts on an account may write so; only the worker reads it."""

from django.db import migrations, models

from amparo.kernel.ids import uuid7
from amparo.notices.types import Reason, State
from amparo.trust import gates
from amparo.trust.types.warned import Warned

TABLE = "notices_accountwarning"
GRANTS = "\n".join(
    [
        gates.open_table(TABLE, to="amparo_app, amparo_national", may="INSERT"),
        gates.open_table(TABLE, to="amparo_bulk", may="SELECT, INSERT, UPDATE"),
    ]
)


def choices(words) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in words]


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_condition_missed")]

    operations = [
        migrations.CreateModel(
            "AccountWarning",
            fields=[
                ("id", models.UUIDField(primary_key=True, default=uuid7, editable=False, serialize=False)),
                ("of", models.CharField(max_length=40, choices=choices(Warned))),
                ("account_id", models.UUIDField()),
                ("former", models.EmailField(max_length=254, blank=True, default="")),
                ("made_at", models.DateTimeField()),
                ("state", models.CharField(max_length=10, choices=choices(State), default=State.WAITING)),
                ("reason", models.CharField(max_length=20, blank=True, default="", choices=choices(Reason))),
                ("attempts", models.SmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["next_at", "id"], condition=models.Q(state="waiting"), name="warning_waiting"
                    )
                ]
            },
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
