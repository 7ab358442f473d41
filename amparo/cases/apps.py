from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "amparo.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amparo.cases.reach import OF_PROGRAMMES, SUSPENDED
        from amparo.programmes.suspending import suspend_where
        from amparo.trust.scope import tell_by_programme

        tell_by_programme(OF_PROGRAMMES)
        suspend_where(SUSPENDED)
