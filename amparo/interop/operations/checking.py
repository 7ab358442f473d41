"""Checking a list that a partner holds: of each number yes, no or unknown to one question that its agreement names.

It is a read: nothing is kept of it, and a list that is sent twice is answered and counted twice.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Path, Query
from ninja.errors import ValidationError
from pydantic import Field, TypeAdapter
from pydantic import ValidationError as Invalid

from amparo.interop.bodies import JSON, LINES, parsed, parsed_lines
from amparo.interop.declaring import Asks, operation
from amparo.interop.grounds import about_a_programme, asked_of_all, by_code
from amparo.interop.lines import in_lines
from amparo.interop.schemas import CheckAnswer, Checked, Code, Number, Strict
from amparo.kernel import clock
from amparo.profiles.country import country
from amparo.programmes import checked
from amparo.programmes.lent_words import CHECK, OF_NOBODYS_PROGRAMME, Question
from amparo.trust.actions.exchanging import MOST_ON_A_PAGE
from amparo.trust.modes import expect_on
from amparo.trust.types.modes import Part

Asked = Literal["registered", "enrolled", "incompatible"]
MOST, MOST_LINES = 1_000, 50_000
# What a question is about, and so what switches it off.
PARTS = {Question.REGISTERED: Part.HOUSE, Question.ENROLLED: Part.FEEDS, Question.INCOMPATIBLE: Part.FEEDS}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 64}
_NUMBER = {
    "type": "object",
    "properties": {"scheme": _TEXT | {"pattern": r"^[A-Za-z0-9_.-]{1,64}$"}, "number": _TEXT},
    "required": ["scheme", "number"],
    "additionalProperties": False,
}
_BODY = {
    "type": "object",
    "properties": {"numbers": {"type": "array", "items": _NUMBER, "minItems": 1, "maxItems": MOST}},
    "required": ["numbers"],
    "additionalProperties": False,
    "examples": [{"numbers": [{"scheme": "national_id", "number": "12345678901"}]}],
}
_SHAPES = {
    "requestBody": {"required": True, "content": {JSON: {"schema": _BODY}}},
    "responses": {200: {"content": {LINES: {"schema": {"$ref": "#/components/schemas/CheckAnswer"}}}}},
}


class _List(Strict):
    numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST)]


_Lines = Annotated[list[Number], Field(min_length=1, max_length=MOST_LINES)]
_OF_LIST, _OF_LINES = TypeAdapter(_List), TypeAdapter(_Lines)


@operation(
    "POST",
    "v1/agreements/{code}/checks/{question}",
    asks=Asks.AGREEMENT,
    named=by_code,
    answers={200: Checked},
    takes=(JSON, LINES),
    summary="Check a list",
    openapi_extra=_SHAPES,
)
def check(request: HttpRequest, code: Path[Code], question: Path[Asked], purpose: Query[Code]) -> Any:
    """At most 1,000 numbers; as one on each line (`application/x-ndjson`) 50,000, then also answered so, in the same order.

    The agreement lists the question as a field (`check.enrolled`) and the kinds of number. Each number counts against the volume.
    """
    asked = Question(question)
    expect_on(PARTS[asked])
    if (CHECK, question) not in OF_NOBODYS_PROGRAMME:
        about_a_programme(request)
    if request.content_type == LINES:
        numbers = _valid(_OF_LINES, parsed_lines(request.body))
        return in_lines(request, _answered(request, asked, purpose, numbers), of=CheckAnswer)
    numbers = _valid(_OF_LIST, parsed(request.body)).numbers
    [answers] = _answered(request, asked, purpose, numbers)
    return {"agreement": request.agreement.code, "question": question, "answers": answers}


def _valid(of: TypeAdapter, sent: Any) -> Any:
    try:
        return of.validate_python(sent)
    except Invalid as wrong:
        raise ValidationError(
            [{"loc": ("body", *each["loc"]), "type": each["type"]} for each in wrong.errors()]
        ) from None


def _answered(
    request: HttpRequest, question: Question, purpose: str, numbers: Sequence[Number]
) -> Iterator[list[dict[str, Any]]]:
    """Answer as many numbers at once as one page may hold."""
    row, rules = request.agreement, country(settings.PROFILE).overlaps
    schemes = sorted({each.scheme for each in numbers})
    for first in range(0, len(numbers), MOST_ON_A_PAGE):
        part = [(each.scheme, each.number) for each in numbers[first : first + MOST_ON_A_PAGE]]
        asked = [(CHECK, question.value)]
        wanted = asked_of_all(row, asked, purpose=purpose, records=len(part), identifiers=schemes)
        found = checked.check(row.id, wanted, question, part, rules, by=request.by, on=clock.today())
        yield [{"answer": each.answer.value, "pseudonym": each.pseudonym} for each in found]
