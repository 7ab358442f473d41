"""What single change of a fact would turn a decision, in words."""

from collections import defaultdict
from typing import Any

from amparo.kernel.messages import Message, message
from amparo.rules.trace import Change
from amparo.web.explaining import Teller, Words, label_of_list
from amparo.web.presenting import worded


def changes(teller: Teller) -> list[Message]:
    """Return the smallest change of each fact that alone turns the answer; none where not the rule but a rank decided.

    What holds of the same fact of several people alike is said once, of any one of them.
    """
    trace = teller.explanation.trace
    is_by_rule = trace is not None and trace.value is teller.explanation.outcome
    if trace is None or not is_by_rule:
        return []
    alike: dict[tuple[Any, ...], list[Change]] = defaultdict(list)
    for each in trace.changes:
        alike[each.grain, each.name, each.now, each.to, each.then].append(each)
    return [_said(each, teller) for each in alike.values()]


def _said(alike: list[Change], teller: Teller) -> Message:
    """Return what change of one fact, of one of those it is alike of, would turn the outcome."""
    change = alike[0]
    codes = teller.codes_of(change.grain, change.name, change.place)
    now, to = (
        teller.coded(codes, each) if codes else teller.written(each, change.kind, change.unit)
        for each in (change.now, change.to)
    )
    told = {"what": worded(change.label_id, change.name), "now": now, "to": to}
    id = "web-why-change-granted" if change.then else "web-why-change-refused"
    who = [each for each in (_whose(each, teller) for each in alike) if each]
    if not who:
        return message(id, **told)
    return message(f"{id}-of", who=who[0] if len(who) == 1 else message("web-one-of", of=who), **told)


def _whose(change: Change, teller: Teller) -> Words:
    """Return whose fact it is; empty where it is the household's."""
    if change.place:
        name = str(change.place[-2])
        return teller.element(change.place, label_of_list(name), name)
    return "" if change.member is None else teller.who(change.member)
