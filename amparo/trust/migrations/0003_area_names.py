"""Areas have a name in each language of their country."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trust", "0002_gates")]

    operations = [migrations.AddField("area", "names", models.JSONField(default=dict))]
