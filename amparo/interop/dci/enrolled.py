"""Is somebody enrolled in one named programme? Yes or no, and nothing else of them."""

from typing import Any
from uuid import uuid4

from amparo.dci.codes import SearchReason, Wrong
from amparo.dci.enrolling import enrolled_item, question_in
from amparo.interop.dci import vocabulary
from amparo.interop.dci.asking import Asking, under
from amparo.interop.dci.looking import rejected
from amparo.kernel import clock
from amparo.programmes import lent
from amparo.registry.queries import dictionary


def enrolled(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Return the answer to an enrolment question, under the agreement about just that programme.

    Of somebody whom the agreement does not reach nothing is known here: that is refused, and no answer of no.
    """
    question = question_in(asking.message)
    ground = under(asking, {question.purpose}, programme=question.programme)
    terms = ground.stated.compiled.terms
    reference = str(uuid4())  # the standard's question has none
    try:
        scheme = vocabulary.scheme_of(question.number, dictionary(), terms)
        fields = [(each.grain, each.name) for each in terms.fields]
        request = ground.request(fields, records=1)
        numbers = [(scheme, question.number.value)]
        [found] = lent.enrolled(ground.row.id, request, numbers, by=ground.by, on=clock.today())
        if found is None:
            raise Wrong("interop-dci-nobody", code=SearchReason.CRITERIA)
        item = enrolled_item(reference, is_enrolled=found, now=asking.now)
    except Wrong as wrong:
        item = rejected(reference, wrong, asking) | {"enrolled_status": "no"}
    return {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "enrolled_response": [item],
    }
