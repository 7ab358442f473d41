"""What an agreement hands over, in words: for its contract, for who is asked to consent, and for what goes out by law."""

from collections.abc import Iterable
from typing import Any

from amparo.kernel.messages import Message, message
from amparo.profiles.lendable import WORDS
from amparo.registry.dictionary import Dictionary
from amparo.trust.covering import FieldTerm
from amparo.web import presenting


def handed_over(term: FieldTerm, words: Dictionary) -> dict[str, Any]:
    """Return one field as the contract says it: what it is, and in what form it is given."""
    if term.grain in WORDS:
        form = message("web-agreement-form-value")
        return {"label": lent_label(term.grain, term.name), "grain": term.grain, "class": "sensitive", "form": form}
    if (term.grain, term.name) not in words:
        return {"label": f"{term.grain}.{term.name}", "grain": term.grain, "form": message("web-agreement-form-known")}
    field = words[term.grain, term.name]
    limits = [presenting.presentable(each, field, words) for each in term.limits]
    said = f"{term.given.value}-{term.comparison.value}" if term.comparison else term.given.value
    return {
        "label": presenting.worded(field.label_id, field.name),
        "grain": term.grain,
        "class": field.field_class.value,
        "form": Message(f"web-agreement-form-{said}", {"limits": limits}),
    }


def lent_label(grain: str, name: str) -> Message:
    """Return the words of what an agreement may hand over beside facts."""
    return message(f"web-lent-{grain}-{name.replace('_', '-')}")


def listed(fields: Iterable[FieldTerm], identifiers: Iterable[str], words: Dictionary) -> list[Message | str]:
    """Return everything that is handed over, each field with the form it is given in, then the numbers of persons."""
    told = [handed_over(each, words) for each in fields]
    return [
        *(message("web-agreement-field-told", field=each["label"], form=each["form"]) for each in told),
        *(presenting.worded(f"identifier-{each}", each) for each in identifiers),
    ]
