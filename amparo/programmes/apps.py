from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "amparo.programmes"
    label = "programmes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amparo.programmes.reach import OF_PROGRAMMES
        from amparo.trust.scope import tell_by_programme

        tell_by_programme(OF_PROGRAMMES)
