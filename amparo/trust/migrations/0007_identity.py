"""Who signs in, how often one may guess, and who gave which role."""

from django.conf import settings
from django.db import migrations, models

from amparo.trust import gates

# The administrator's pages work as the nation; signing in works as nobody yet.
GRANTS = "\n".join(
    [
        gates.open_table("trust_guess", to="amparo_app, amparo_national"),
        gates.open_table("trust_identity", to="amparo_app, amparo_national", may="SELECT, INSERT, DELETE"),
        gates.open_table("trust_account, trust_roleassignment", to="amparo_national", may="INSERT, UPDATE"),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("trust", "0006_keys")]

    operations = [
        migrations.CreateModel(
            name="Guess",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("count", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField("account", "signed_out", models.PositiveIntegerField(default=0)),
        migrations.AddField("account", "password_until", models.DateTimeField(null=True)),
        migrations.AddField("roleassignment", "granted_by", models.UUIDField(null=True)),
        migrations.AddField("roleassignment", "confirmed_by", models.UUIDField(null=True)),
        migrations.AddField("roleassignment", "is_confirmed", models.BooleanField(default=True)),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE, related_name="identities", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")],
            },
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
