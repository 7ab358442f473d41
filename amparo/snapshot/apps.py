from django.apps import AppConfig


class SnapshotConfig(AppConfig):
    name = "amparo.snapshot"
    label = "snapshot"
    default_auto_field = "django.db.models.BigAutoField"
