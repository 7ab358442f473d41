"""Who collects what somebody is paid: programme by programme, by name where they may know it, since when and on what ground."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from amparo.kernel.messages import Message, message
from amparo.programmes.queries import OwnCollector, own_collectors
from amparo.programmes.types import Enrolment, EnrolmentState
from amparo.registry.insight import Relation
from amparo.registry.own import seen_by_name
from amparo.registry.queries import dictionary
from amparo.web.citizen.opening import named

_TAKING_PART = (EnrolmentState.ENROLLED, EnrolmentState.SUSPENDED)


@dataclass(frozen=True)
class Collected:
    """One line: who collects of a programme, or may instead. `told` None: nobody is named."""

    programme: str
    who: Message | str
    told: OwnCollector | None


def collected(request: HttpRequest, taken: Sequence[Enrolment]) -> list[Collected]:
    """Return who collects of what is taken part in, in its order; of a child who lives elsewhere only what one collects oneself."""
    told = own_collectors(by=request.by)
    words = dictionary()
    seen = seen_by_name([each.who for each in told if each.who], by=request.by)
    names = {id: named(each, words) for id, each in seen.items()}
    lines = []
    for one in taken:
        of = [each for each in told if each.enrolment == one.id]
        lines += [Collected(one.programme, _who(each, names, request), each) for each in of]
        if _waits(one, of) and request.relation is not Relation.CHILD_ELSEWHERE:
            lines.append(Collected(one.programme, message("web-mine-collectors-nobody"), None))
    return lines


def _waits(one: Enrolment, of: Sequence[OwnCollector]) -> bool:
    """Whether nobody collects of something that is a home's or a family's: a person collects their own."""
    return one.state in _TAKING_PART and one.person_id is None and all(each.is_alternate for each in of)


def _who(each: OwnCollector, names, request: HttpRequest) -> Message | str:
    if each.who is not None and each.who == request.by.person:
        return message("web-mine-collectors-you")
    return names.get(each.who) or each.institution or message("web-mine-collectors-other")
