"""Wires what packages announce to what others do about it."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "amparo.project"
    label = "project"

    def ready(self) -> None:
        from amparo.cases import reactions as cases
        from amparo.cases.types import AppealExecuted
        from amparo.interop import reactions as interop
        from amparo.kernel.events import react
        from amparo.notices.reactions import tell_owner
        from amparo.notices.words import speak
        from amparo.payments.types import HeldDecided, HeldOver, PaymentsHeld
        from amparo.profiles.languages import is_right_to_left, say
        from amparo.programmes import reactions as programmes
        from amparo.programmes.types import (
            BenefitsMatched,
            BenefitsTold,
            ConditionFollowed,
            DecisionsMade,
            EnrolmentChanged,
            OverlapsClassed,
            StepsTaken,
            UnitsEnrolled,
        )
        from amparo.project.kept import ERASING
        from amparo.registry.types import BatchRecorded, FactsChanged
        from amparo.sources.reactions import ask_soon
        from amparo.sources.types import UpdateTaken
        from amparo.trust.keeping.erasable import wire
        from amparo.trust.reactions import erase_confirmed
        from amparo.trust.types.erasures import ErasureConfirmed, PersonsErased
        from amparo.trust.types.warned import AccountWarning

        react(FactsChanged, programmes.decide_again)
        react(BatchRecorded, programmes.decide_about_delivered)
        react(FactsChanged, cases.look_at_changed)
        react(BatchRecorded, cases.look_at_delivered)
        react(FactsChanged, interop.note_changed)
        react(BatchRecorded, interop.note_delivered)
        react(UnitsEnrolled, interop.note_enrolled)
        react(EnrolmentChanged, interop.note_enrolment)
        react(StepsTaken, interop.note_steps)
        react(UpdateTaken, cases.look_after_update)
        react(UpdateTaken, ask_soon)
        react(BenefitsTold, cases.open_told)
        react(BenefitsMatched, cases.look_at_matched)
        react(ErasureConfirmed, erase_confirmed)
        react(PersonsErased, programmes.decide_about_homes)
        react(DecisionsMade, cases.look_for_reviews)
        react(AppealExecuted, cases.owe_arrears)
        react(PaymentsHeld, cases.open_held)
        react(HeldDecided, cases.close_decided)
        react(HeldOver, cases.close_over)
        react(OverlapsClassed, cases.open_incompatible)
        react(ConditionFollowed, cases.open_visits)
        react(AccountWarning, tell_owner)
        speak(say, is_right_to_left)
        wire(ERASING)
