from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "amparo.project"
    label = "project"
