"""A run may be of the columnar engine on Spark."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('programmes', '0007_drafts')]

    operations = [
        migrations.AlterField(
            model_name='determination',
            name='engine',
            field=models.CharField(choices=[('columnar', 'columnar'), ('reference', 'reference'), ('spark', 'spark')], max_length=20),
        ),
    ]
