"""Wires what packages announce to what others do about it."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "amparo.project"
    label = "project"

    def ready(self) -> None:
        from amparo.kernel.events import react
        from amparo.programmes.reactions import decide_about_delivered, decide_again
        from amparo.registry.types import BatchRecorded, FactsChanged

        react(FactsChanged, decide_again)
        react(BatchRecorded, decide_about_delivered)
