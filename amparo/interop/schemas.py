"""The shapes of what the API takes and answers, from which its description is made."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_:]{1,64}\.[a-z0-9_]{1,64}$")]
Value = bool | int | float | str | None


class Strict(Schema):
    """What is sent: a member that nobody asked for is a mistake, and told."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Fault(Schema):
    at: str = Field(description="Where in the request.")
    kind: str = Field(description="What is wrong there.")


class Problem(Schema):
    """Problem details (RFC 9457). `title`, `detail` and `todo` are for people, in the language asked for."""

    type: str
    title: str = Field(description="What happened.")
    status: int
    detail: str = Field(description="Why it matters.")
    todo: str = Field(description="What to do.")
    id: str = Field(description="Which refusal this is; stays the same in every language and version.")
    errors: list[Fault] | None = Field(None, description="Of a request without the right form: each fault.")


class OAuthError(Schema):
    """What the token endpoint refuses, as RFC 6749 has it."""

    error: str
    error_description: str


class Token(Schema):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.")


class Heartbeat(Schema):
    serves: Literal[True]
    at: datetime


class Keys(Schema):
    keys: list[dict[str, str]]


class UnreadUpdate(Schema):
    at: int = Field(description="Which of the message's updates, from 0.")
    reason: Literal["malformed", "kind", "day", "drift", "not-kept"]


class UpdatesReceived(Schema):
    """What of a message could be read. Whom the registry knows is not told: nobody learns that by sending updates."""

    received: int
    unread: list[UnreadUpdate]


class CoveredField(Schema):
    """A field, and how much of it is handed over. `limits` of a band or test, money in minor units."""

    field: str
    given: Literal["value", "band", "test", "known"]
    limits: list[Value]
    comparison: Literal["at-least", "at-most", "equals"] | None


class Agreement(Schema):
    """An agreement in the version that stands today. `exchanges_left` null: as often as is asked."""

    code: str
    version: int
    state: Literal["in-force", "signed", "suspended", "ended", "not-begun", "expired"]
    purpose: str
    legal_basis: str
    fields: list[CoveredField]
    identifiers: list[str]
    areas: list[str]
    programme: str
    needs_consent: bool
    starts_on: date
    ends_on: date
    period: Literal["day", "month", "quarter", "year"]
    records_left: int
    exchanges_left: int | None
    retention_days: int


class Agreements(Schema):
    agreements: list[Agreement]


_EXAMPLE = {"about": "person", "purpose": "registration", "fields": ["person.birth_date"]}


class Asked(Strict):
    """What is asked for. What is left out is all that the agreement covers, but for identifiers: none."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    about: Literal["person", "household"]
    purpose: Code
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=500)]
    areas: Annotated[list[Code], Field(min_length=1, max_length=10_000)] | None = None
    identifiers: Annotated[list[Code], Field(max_length=50)] = []


class Begun(Schema):
    """An exchange that may be read today, from `next` on."""

    exchange: UUID
    agreement: str
    version: int
    day: date
    next: str


class LentRecord(Schema):
    """One person or household: the partner's own name for it, and what was asked. Null: unknown."""

    pseudonym: str
    fields: dict[str, Value]
    identifiers: dict[str, str]


class Page(Schema):
    """Some records. `next` null: these are the last."""

    exchange: UUID
    records: list[LentRecord]
    next: str | None


_CHECKED = {
    "agreement": "school_check",
    "question": "enrolled",
    "answers": [
        {"answer": "yes", "pseudonym": "hV8sW1q3T9mLrKfYcB2x0g"},
        {"answer": "not-found", "pseudonym": None},
    ],
}
_MEMBER = {"unit": "household", "pseudonym": "hV8sW1q3T9mLrKfYcB2x0g"}
_ENROLMENT = _MEMBER | {"fields": {"enrolment.state": "enrolled", "enrolment.starts_on": "2026-01-01"}}
_PAYMENT = _MEMBER | {
    "reference": "00000000010187",
    "currency": "EUR",
    "decimals": 2,
    "fields": {"payment.amount": 4000, "payment.state": "paid"},
}
_PROGRAMME = {
    "code": "child_grant",
    "name": "Child grant",
    "unit": "household",
    "area": None,
    "places": None,
    "enrolled_by": "programme",
    "rules": [{"starts_on": "2026-01-01", "ends_on": None, "law": "Child Grant Act, section 3", "pays": True}],
    "payment": {
        "currency": "EUR",
        "decimals": 2,
        "every_months": 1,
        "pays_after_days": 24,
        "rail": "bank-file",
        "cycle": {"name": "2026-11", "starts_on": "2026-11-01", "ends_on": "2026-11-30", "pays_on": "2026-11-25"},
    },
}


class RuleTerms(Schema):
    """From when to when a rule holds, by which law, and whether it gives an amount."""

    starts_on: date
    ends_on: date | None
    law: str
    pays: bool


class CycleTerms(Schema):
    """A stretch of time that is paid at once, both days included, and when its money is due."""

    name: str
    starts_on: date
    ends_on: date
    pays_on: date


class PaymentTerms(Schema):
    """How a programme pays. `cycle`: that of today; null before the first."""

    currency: str
    decimals: int
    every_months: int
    pays_after_days: int
    rail: str
    cycle: CycleTerms | None


class ProgrammeTerms(Schema):
    """A programme. `area`: whose people alone it is for; null: everybody's. `places` null: as many as one likes.

    `payment` null: it pays nothing here, or payments are not served.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_PROGRAMME]})

    code: str
    name: str
    unit: Literal["household", "person", "family", "couple"]
    area: str | None
    places: int | None
    enrolled_by: Literal["programme", "areas"]
    rules: list[RuleTerms]
    payment: PaymentTerms | None


class Programmes(Schema):
    programmes: list[ProgrammeTerms]


class Number(Strict):
    """A number that somebody has, and of which kind it is."""

    scheme: Code
    number: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CheckAnswer(Schema):
    """What is answered of one number. `unknown`: neither is known; `not-found`: nobody in reach has it, which is no "no"."""

    answer: Literal["yes", "no", "unknown", "not-found"]
    pseudonym: str | None


class Checked(Schema):
    """One answer for each number, in the order in which they were sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHECKED]})

    agreement: str
    question: Literal["registered", "enrolled", "incompatible"]
    answers: list[CheckAnswer]


class LentEnrolment(Schema):
    """That a unit takes part, by the partner's own name for it. `fields`: those that the agreement lists."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENROLMENT]})

    unit: Literal["household", "person", "family", "couple"]
    pseudonym: str
    fields: dict[str, date | str | None]


class EnrolmentPage(Schema):
    """Some enrolments. `next` null: these are the last."""

    agreement: str
    programme: str
    records: list[LentEnrolment]
    next: str | None


class LentPayment(Schema):
    """What a list pays for a unit, under the reference by which whoever pays knows it. Amounts in minor units."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAYMENT]})

    unit: Literal["household", "person", "family", "couple"]
    pseudonym: str
    reference: str
    currency: str
    decimals: int
    fields: dict[str, date | int | str | None]


class PaymentPage(Schema):
    """Some payments of a cycle. `next` null: these are the last."""

    agreement: str
    programme: str
    cycle: str
    records: list[LentPayment]
    next: str | None


class FeedDelivery(Schema):
    """A delivery that came and waits to be taken in."""

    delivery: UUID
    feed: str
    day: date
    state: Literal["waiting", "taken", "refused"]
    rows: int


class FeedRejection(Schema):
    """A row that was set aside: its place from 1, and codes of what is wrong with it."""

    line: int
    reasons: list[str]


class FeedDelivered(FeedDelivery):
    """What became of a delivery: the receipt that a file gets, once it was taken in."""

    receipt: dict[str, Any] | None = Field(description="Counts and sums; null while it waits, or was refused whole.")
    refused: str | None = Field(description="Id of the message by which it was refused whole.")
    rejected: list[FeedRejection] = Field(description="The rows that were set aside, the first thousand.")


class Receipt(Schema):
    """That a message arrived, as G2P Connect has it."""

    ack_status: Literal["ACK"]
    timestamp: datetime
    correlation_id: str


class Acknowledged(Schema):
    message: Receipt
