"""Whether somebody is enrolled in one programme, and what a programme's system tells of enrolments.

Shape   the message in, a typed question or typed updates out
Errors  Wrong. A question without just one person and just one programme is refused: only yes or no of one is ever told
Source  the standard's processes PRS.IBR.01 (enrolled), PRS.IBR.02 and PRS.IBR.03 (updates)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from amparo.dci.codes import Error, SearchReason, Wrong
from amparo.dci.envelope import stamp, text
from amparo.dci.records import ENROLMENT_STATES
from amparo.dci.searching import Identified, purpose_in

# The member by which each is asked for: the last part of a path, whatever it stands in.
PERSON = ("person_identifier", "member_identifier")
PROGRAMME = ("programme_identifier", "program_identifier")
TYPE = "identifier_type"
CASH = "1"
BENEFIT_KINDS = tuple("123456")  # cash, voucher, in kind, training, work, insurance
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Question:
    """Is whoever has this number enrolled in this programme? `number.type` "": the registry's own kind of number."""

    number: Identified
    programme: str
    purpose: str = ""


def question_in(message: Mapping[str, Any]) -> Question:
    """Return what an enrolment question asks."""
    text(message, "transaction_id", at="message")
    criteria = message.get("enrolled_criteria")
    if not isinstance(criteria, dict) or not isinstance(criteria.get("query"), dict):
        raise _wrong("message.enrolled_criteria")
    said = _said(criteria["query"])
    if "programme" not in said:  # of all programmes nobody is told
        raise Wrong("dci-programme-missing", code=Error.FORBIDDEN)
    if "person" not in said:
        raise _wrong("message.enrolled_criteria.query")
    return Question(Identified(said.get("type", ""), said["person"]), said["programme"], purpose_in(criteria))


def _said(query: Mapping[str, Any]) -> dict[str, str]:
    """Return "person", "programme" and "type" as a query names them, each once; anything else in it is refused."""
    found: dict[str, str] = {}
    for path, held in query.items():
        last = path.rpartition(".")[2]
        what = next((to for to, names in _WHAT.items() if last in names), None)
        value = _equal(held)
        if what is None or what in found or value is None:
            raise _wrong("message.enrolled_criteria.query")
        found[what] = value
    return found


_WHAT = {"person": PERSON, "programme": PROGRAMME, "type": (TYPE,)}


def _equal(held: Any) -> str | None:
    """Return the one value that something must equal; None where it is compared otherwise."""
    if isinstance(held, dict) and len(held) == 1:
        held = held.get("eq", held.get("$eq"))
    if isinstance(held, int) and not isinstance(held, bool):
        held = str(held)
    return held if isinstance(held, str) and 0 < len(held) <= 99 else None


def _wrong(at: str) -> Wrong:
    return Wrong("dci-form-wrong", code=SearchReason.CRITERIA, at=at)


def question_message(transaction_id: str, question: Question) -> dict[str, Any]:
    """Return the message that asks it."""
    query = {
        f"person_identifier.{TYPE}": {"eq": question.number.type},
        "person_identifier": {"eq": question.number.value},
        "programme_identifier.program.programme_identifier": {"eq": question.programme},
    }
    kept = {name: held for name, held in query.items() if held["eq"]}
    criteria = {"query_type": "expression", "response_entity": "Member", "query": kept}
    return {"transaction_id": transaction_id, "enrolled_criteria": criteria}


def enrolled_item(reference_id: str, *, is_enrolled: bool, now: datetime) -> dict[str, Any]:
    """Return one answer of yes or no."""
    told = "yes" if is_enrolled else "no"
    return {"reference_id": reference_id, "timestamp": stamp(now), "status": "succ", "enrolled_status": told}


@dataclass(frozen=True)
class Benefit:
    """What somebody is given: `kind` of BenefitTypeEnum, `value` as it was written, in major units; "" and None: not told."""

    kind: str
    value: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Update:
    """What is told of one person in one programme. `state`: one of ENROLMENT_STATES' codes; days and benefit None: not told."""

    numbers: tuple[Identified, ...]
    programme: str
    state: str
    enrolled_on: date | None = None
    changed_on: date | None = None
    benefit: Benefit | None = None


def updates_in(message: Mapping[str, Any]) -> list[Update | Wrong]:
    """Return what each beneficiary of an update tells, or what is wrong with it: one that is set aside stops no other."""
    text(message, "transaction_id", at="message")
    told = message.get("enrolled_updates")
    rows = told.get("beneficiaries") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Wrong("dci-form-wrong", code=Error.BAD, at="message.enrolled_updates.beneficiaries")
    return [_update(each) for each in rows]


def _update(sent: Any) -> Update | Wrong:
    try:
        return _read(sent)
    except Wrong as wrong:
        return wrong


def _read(sent: Any) -> Update:
    """Return an update in either form that is in use: the programme beside the member, or within it."""
    at = "message.enrolled_updates.beneficiaries"
    if not isinstance(sent, dict) or not isinstance(sent.get("member"), dict):
        raise Wrong("dci-form-wrong", code=Error.BAD, at=at)
    member = sent["member"]
    place = sent if sent.get("programme_identifier") else member.get("programme_identifier") or {}
    known = place.get("programme_identifier", place.get("programme"))
    programme = known[0] if isinstance(known, list) and len(known) == 1 else known
    code = programme.get("programme_identifier") if isinstance(programme, dict) else None
    state = _state(place.get("enrollment_status", place.get("enrolment_status")))
    numbers = _numbers(member.get("member_identifier"))
    if not isinstance(code, str) or not 0 < len(code) <= 99 or not numbers or state is None:
        raise Wrong("dci-form-wrong", code=Error.BAD, at=at)
    changed = place.get("status_change_date")
    changed = changed[-1] if isinstance(changed, list) and changed else changed
    enrolled = place.get("enrollment_date", place.get("enrolment_date"))
    benefit = _benefit(sent.get("benefits") or place.get("benefits"), at)
    return Update(numbers, code, state, _day(enrolled, at), _day(changed, at), benefit)


def _benefit(sent: Any, at: str) -> Benefit | None:
    """Return the one benefit that is told, or the last by its place in a list; None where none is."""
    last = sent[-1] if isinstance(sent, list) and sent else sent
    if last in (None, "", [], {}):
        return None
    kind, value = (
        (str(last.get(each, "")) for each in ("benefit_type", "benefit_value")) if isinstance(last, dict) else ("", "")
    )
    if kind not in BENEFIT_KINDS or not (value == "" or _AMOUNT.fullmatch(value)):
        raise Wrong("dci-form-wrong", code=Error.BAD, at=f"{at}.benefits")
    return Benefit(kind, value, _day(last.get("benefit_date"), at))


def _state(value: Any) -> str | None:
    """Return the code of a state, which is sent as a code or in words."""
    known = {code: code for code in ENROLMENT_STATES} | {name.lower(): code for code, name in ENROLMENT_STATES.items()}
    return known.get(str(value).lower())


def _numbers(sent: Any) -> tuple[Identified, ...]:
    rows = sent if isinstance(sent, list) else [sent]
    pairs = [(each.get("identifier_type"), each.get("identifier_value")) for each in rows if isinstance(each, dict)]
    return tuple(
        Identified(kind, value) for kind, value in pairs if isinstance(kind, str) and isinstance(value, str) and value
    )


def _day(value: Any, at: str) -> date | None:
    if value in (None, "", []):
        return None
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        raise Wrong("dci-form-wrong", code=Error.BAD, at=at) from None
