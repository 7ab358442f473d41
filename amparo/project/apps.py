"""Wires what packages announce to what others do about it."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "amparo.project"
    label = "project"

    def ready(self) -> None:
        from amparo.cases.reactions import (
            close_decided,
            close_over,
            look_at_changed,
            look_at_delivered,
            look_for_reviews,
            open_held,
            open_incompatible,
            open_told,
            open_visits,
            owe_arrears,
        )
        from amparo.cases.types import AppealExecuted
        from amparo.kernel.events import react
        from amparo.notices.reactions import tell_owner
        from amparo.notices.words import speak
        from amparo.payments.types import HeldDecided, HeldOver, PaymentsHeld
        from amparo.profiles.languages import is_right_to_left, say
        from amparo.programmes.reactions import decide_about_delivered, decide_about_homes, decide_again
        from amparo.programmes.types import BenefitsTold, ConditionFollowed, DecisionsMade, OverlapsClassed
        from amparo.project.kept import ERASING
        from amparo.registry.types import BatchRecorded, FactsChanged
        from amparo.trust.keeping.erasable import wire
        from amparo.trust.reactions import erase_confirmed
        from amparo.trust.types.erasures import ErasureConfirmed, PersonsErased
        from amparo.trust.types.warned import AccountWarning

        react(FactsChanged, decide_again)
        react(BatchRecorded, decide_about_delivered)
        react(FactsChanged, look_at_changed)
        react(BatchRecorded, look_at_delivered)
        react(BenefitsTold, open_told)
        react(ErasureConfirmed, erase_confirmed)
        react(PersonsErased, decide_about_homes)
        react(DecisionsMade, look_for_reviews)
        react(AppealExecuted, owe_arrears)
        react(PaymentsHeld, open_held)
        react(HeldDecided, close_decided)
        react(HeldOver, close_over)
        react(OverlapsClassed, open_incompatible)
        react(ConditionFollowed, open_visits)
        react(AccountWarning, tell_owner)
        speak(say, is_right_to_left)
        wire(ERASING)
