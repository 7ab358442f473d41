"""What single change of a fact would turn a decision, in words."""

from amparo.kernel.messages import Message, message
from amparo.rules.trace import Change
from amparo.web.explaining import Teller, label_of_list
from amparo.web.presenting import worded


def changes(teller: Teller) -> list[Message]:
    """Return the smallest change of each fact that alone turns the answer; none where not the rule but a rank decided."""
    trace = teller.explanation.trace
    is_by_rule = trace is not None and trace.value is teller.explanation.outcome
    return [_said(each, teller) for each in trace.changes] if trace is not None and is_by_rule else []


def _said(change: Change, teller: Teller) -> Message:
    """Return what single change of one fact would turn the outcome."""
    codes = teller.codes_of(change.grain, change.name, change.place)
    now, to = (
        teller.coded(codes, each) if codes else teller.written(each, change.kind, change.unit)
        for each in (change.now, change.to)
    )
    told = {"what": worded(change.label_id, change.name), "now": now, "to": to}
    id = "web-why-change-granted" if change.then else "web-why-change-refused"
    if change.place:
        name = str(change.place[-2])
        return message(f"{id}-of", who=teller.element(change.place, label_of_list(name), name), **told)
    if change.member is None:
        return message(id, **told)
    return message(f"{id}-of", who=teller.who(change.member), **told)
