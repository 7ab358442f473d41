"""Every write to the registry but the recording of a batch (`batch`)."""

from amparo.registry.actions.installing import (
    install_attributes,
    install_boundaries,
    install_dictionary,
    install_sources,
    note_profile,
)
from amparo.registry.actions.leaving import leave
from amparo.registry.actions.observing import observe_each
from amparo.registry.actions.protecting import end_protection, protect, tell_protection
from amparo.registry.actions.registering import (
    end_group,
    fold,
    form_group,
    index_name,
    move,
    observe,
    observe_person,
    register,
    revoke_link,
)

__all__ = [
    "end_group",
    "end_protection",
    "fold",
    "form_group",
    "index_name",
    "install_attributes",
    "install_boundaries",
    "install_dictionary",
    "install_sources",
    "leave",
    "move",
    "note_profile",
    "observe",
    "observe_each",
    "observe_person",
    "protect",
    "register",
    "revoke_link",
    "tell_protection",
]
