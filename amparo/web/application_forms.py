"""The form of an application: a field for each fact that is lacking, whoever it is about; what is known is not asked again."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from amparo.programmes.explanation import Explanation, Input
from amparo.web.explaining import Teller
from amparo.web.lacking import about
from amparo.web.told_forms import FIELDS

Answers = dict[tuple[str, UUID], dict[str, Any]]


class ApplicationForm(forms.Form):
    """What is missing. A fact of a relative elsewhere, of an item or of the area is found out where that is recorded."""

    def __init__(self, sent: Mapping[str, str] | None, teller: Teller, language: str) -> None:
        super().__init__(sent)
        self.explanation = teller.explanation
        self.asked = {f"{each.grain}_{each.name}_{each.member}": each for each in asked_of(teller.explanation)}
        for name, each in self.asked.items():
            field = teller.words[each.grain, each.name]
            self.fields[name] = FIELDS[field.type](field, teller.words, language)
            self.fields[name].required = False
            self.fields[name].label = about(each, teller)

    @property
    def answers(self) -> Answers:
        """Return what was answered: (grain, whose) → field → value in the field's own type."""
        found: Answers = {}
        for name, each in self.asked.items():
            value = self.cleaned_data.get(name)
            if value not in (None, ""):
                found.setdefault((each.grain, self._whose(each)), {})[each.name] = value
        return found

    def _whose(self, each: Input) -> UUID:
        if each.member is None:
            return self.explanation.household_id
        return self.explanation.members[each.member][0]


def asked_of(explanation: Explanation) -> Sequence[Input]:
    """Return what is lacking of the home and of those who live there: what a visit or a talk can tell."""
    if not explanation.has_steps:
        return ()
    return [each for each in explanation.lacking if each.grain in ("household", "person") and len(each.place) <= 2]
