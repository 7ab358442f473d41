"""The machines' door, as Django knows it: its jobs are found by this."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "amparo.interop"
    label = "interop"
