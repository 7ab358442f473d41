"""What a reader may not read, in words: that it is withheld, which is not that it is unknown, and what may be read beside it."""

from dataclasses import dataclass

from amparo.kernel.messages import Message
from amparo.web import lacking
from amparo.web.explaining import Teller, Words
from amparo.web.presenting import worded


@dataclass(frozen=True)
class Withheld:
    """The fields that the rule reads and the reader may not, by name, and the facts that they may: whose, what, who said so."""

    names: tuple[Words, ...]
    facts: tuple[tuple[Words, Words, Words], ...]


def told(teller: Teller) -> Withheld | None:
    """Return what is withheld of an explanation; None where nothing is."""
    why = teller.explanation
    if not why.withheld:
        return None
    names = tuple(_label(grain, name, teller) for grain, name in why.withheld)
    return Withheld(names, tuple(rows(teller)))


def rows(teller: Teller) -> list[tuple[Words, Words, Words]]:
    """Return the facts of an explanation: each with whom it is about, what was told, and by whom and when."""
    return [
        (lacking.about(each, teller), lacking.value(each, teller), teller.told(each) or "–")
        for each in teller.explanation.inputs
    ]


def _label(grain: str, name: str, teller: Teller) -> Message | str:
    if (grain, name) in teller.words:
        return worded(teller.words[grain, name].label_id, name)
    return worded(f"item-{grain.partition(':')[2]}", grain)
