from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "amparo.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amparo.notices.reach import OF_PROGRAMMES
        from amparo.trust.scope import tell_by_programme

        tell_by_programme(OF_PROGRAMMES)
