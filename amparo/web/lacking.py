"""What is not known or too old, in words: what must be found out and who could tell it, and what counts although it is stale."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from amparo.kernel.messages import Message, message
from amparo.programmes import ranking
from amparo.programmes.config import Unit
from amparo.programmes.explanation import Input
from amparo.programmes.types import WITHHELD
from amparo.registry.dictionary import Type
from amparo.web import presenting
from amparo.web.explaining import Teller, Words, label_of_list
from amparo.web.presenting import worded

NO_FACTS = {*Unit, ranking.RANK, ranking.AREA, WITHHELD}


def missing(teller: Teller) -> list[Words]:
    """Return what must be found out: each fact with whom it is about, whether it is stale or absent, and who could tell it.

    A fact that is lacking in the same way of several people is said once, of all of them.
    """
    facts = [each for each in teller.explanation.lacking if _code(each) in teller.explanation.missing]
    told = {_code(each) for each in facts}
    others = [_label(name) for name in teller.explanation.missing if name not in told]
    return [*(_lack(each, teller) for each in _alike(facts)), *others]


def resting(teller: Teller) -> list[Message]:
    """Return the facts that counted although they are older than they may be: the programme says so, and so do we."""
    found = teller.explanation.resting_on_stale
    return [message("web-rests-on", of=about(each, teller), **_told(each, teller)) for each in found]


def _alike(facts: Iterable[Input]) -> Iterable[list[Input]]:
    found: dict[tuple[Any, ...], list[Input]] = defaultdict(list)
    for each in facts:
        told = each.fact and (str(each.fact.value), each.fact.source, each.fact.observed_on, each.fact.valid_until)
        found[each.grain, each.name, each.limit_days, told].append(each)
    return found.values()


def about(given: Input, teller: Teller, *others: Input) -> Words:
    """Return a fact's name, and whose it is where that is not the household; `others` are the same fact of others."""
    key = (given.grain, given.name)
    label = worded(teller.words[key].label_id, given.name) if key in teller.words else given.name
    who = [found for each in (given, *others) if (found := whose(each, teller))]
    return message("web-fact-of", what=label, who=who) if who else message("web-why-named", name=label)


def whose(given: Input, teller: Teller) -> Words:
    """Return whom a fact is about; empty where it is the household or its area."""
    if given.member is not None:
        return teller.who(given.member)
    if len(given.place) < 2:
        return ""
    name = str(given.place[-2])
    return teller.element(given.place, label_of_list(name), name)


def value(given: Input, teller: Teller) -> Words:
    """Return what was told, with what it counts."""
    key = (given.grain, given.name)
    if given.fact is None or key not in teller.words:
        return message("web-condition-unknown") if given.fact is None else str(given.fact.value)
    field = teller.words[key]
    if isinstance(given.fact.value, str) and field.vocabulary is None:
        return presenting.isolated(given.fact.value)
    found, unit = presenting.presentable(given.fact.value, field, teller.words), presenting.unit(field)
    if not unit:
        return found
    return message("web-value-per" if field.type is Type.MONEY else "web-value-counted", value=found, per=unit)


def _code(given: Input) -> str:
    return f"area.{given.name}" if given.grain == "area" else given.name


def _lack(alike: list[Input], teller: Teller) -> Message:
    given, *others = alike
    key = (given.grain, given.name)
    sources = [worded(f"source-{each}", each) for each in (teller.words[key].precedence if key in teller.words else ())]
    who = message("web-lacking-from", sources=sources) if sources else message("web-lacking-ask")
    told = {"of": about(given, teller, *others), "ask": who}
    if given.fact is None:
        return message("web-lacking-absent", **told)
    return message("web-lacking-stale", **told, **_told(given, teller))


def _told(given: Input, teller: Teller) -> dict:
    fact = given.fact
    assert fact is not None
    source = worded(f"source-{fact.source}", fact.source)
    return {
        "value": value(given, teller), "source": source, "day": fact.observed_on, "count": given.limit_days,
        "last": fact.valid_until,
    }  # fmt: skip


def _label(name: str) -> Words:
    """Return the label of what can be missing and is no fact of the record: the unit, its rank or area, a list."""
    return worded(f"web-missing-{name}" if name in NO_FACTS else label_of_list(name), name)
