"""Person, Member, Group, Beneficiary and Programme in the standard's words: which field stands where, in which code.

Shape   fields of ours in (`person.birth_date` → value), a record of the standard out; and a record in, its attributes out
Nulls   what is unknown is left out of a record; how much of it is known its `meta` says
Units   dates of ISO 8601; days of age
Source  the standard's schemas (core 1.0.0 and the extension of the integrated beneficiary registry); Washington Group short set

A field is known by its role or name in the country's dictionary. One that the standard has no place for, a code that it has no
word for, and what is not the value itself (a band, a yes or no) stand under `additional_attributes`, by our own name: nothing is
guessed, and nothing lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from amparo.dci.codes import VERSION, RecordType
from amparo.dci.envelope import stamp

CONTEXT = "https://schema.spdci.org/core/v1"
# (grain, role or name) → the attribute of a Member or a Group that it stands at. A number in a path is a place in a list.
HOMES: dict[tuple[str, str], str] = {
    ("person", "given_name"): "demographic_info.name.given_name",
    ("person", "family_name"): "demographic_info.name.surname",
    ("person", "sex"): "demographic_info.sex",
    ("person", "birth_date"): "demographic_info.birth_date",
    ("person", "death_date"): "demographic_info.death_date",
    ("person", "phone"): "demographic_info.phone_number.0",
    ("person", "email"): "demographic_info.email.0",
    ("person", "marital_status"): "marital_status",
    ("person", "work_status"): "employment_status",
    ("person", "school_level"): "education_level",
    ("person", "disability_assessed"): "is_disabled",
    ("household", "address"): "address.0.address_line_1",
    ("household", "poverty_score"): "poverty_score",
    ("household", "household_size"): "group_size",
}
# Attribute → our code → the standard's. A code that is not here has no word there.
CODES: dict[str, dict[str, str]] = {
    "demographic_info.sex": {"female": "female", "male": "male", "other": "other"},
    "marital_status": {
        "never_married": "S",
        "single": "S",
        "married": "M",
        "widowed": "W",
        "divorced": "D",
        "separated": "L",
        "annulled": "A",
    },
    "employment_status": {
        "unemployed": "2",
        "inactive": "2",
        "employee": "4",
        "apprentice": "4",
        "employer": "5",
        "own_account": "6",
        "family_worker": "8",
    },
    "education_level": {
        "preschool": "0",
        "primary": "1",
        "lower_secondary": "2",
        "upper_secondary": "3",
        "university": "6",
    },
}
DIFFICULTIES = {
    "difficulty_seeing": "VIS_SS",
    "difficulty_hearing": "HEAR_SS",
    "difficulty_walking": "MOB_SS",
    "difficulty_remembering": "COG_SS",
    "difficulty_self_care": "SC_SS",
    "difficulty_communicating": "COM_SS",
}
SEVERITIES = {"none": "1", "some": "2", "much": "3", "cannot": "4"}
ENROLMENT_STATES = {"1": "Active", "2": "Deceased", "3": "Graduated", "4": "Suspended"}
MEMBER_UNIT, HOUSEHOLD_UNIT = "1", "2"
# A kind of number by which a partner's own name for somebody is told.
PSEUDONYM = "PSEUDONYM"
_INSIDE = "demographic_info"


@dataclass(frozen=True)
class Told:
    """One field of a record.

    `name`        the role that the field has in the dictionary, else its name
    `is_value`    whether it is the value itself, and not a band, a yes or no, or whether it is known
    `observed_on`, `conflicts`  when it was observed, and whether sources disagree; None: not known of what is unknown
    """

    grain: str
    field: str
    name: str
    value: Any
    is_value: bool = True
    observed_on: date | None = None
    conflicts: bool | None = None


@dataclass(frozen=True)
class Number:
    """A number by which somebody is known. `is_verified` None: of a partner's own name, which nobody verifies."""

    type: str
    value: str
    is_verified: bool | None = None


@cache
def attribute_of(grain: str, name: str, *, type: RecordType) -> str | None:
    """Return where a field stands in a record of a type; None where it has no place there of its own."""
    path = HOMES.get((grain, name))
    if path is None or (grain == "household") != (type is RecordType.GROUP):
        return None
    if type is RecordType.PERSON:
        return path.removeprefix(f"{_INSIDE}.") if path.startswith(f"{_INSIDE}.") else None
    return path


def code_of(grain: str, name: str, value: Any) -> Any:
    """Return a value in the standard's words; None for a code that it has none for."""
    path = HOMES[grain, name]
    if path in CODES:
        return CODES[path].get(value)
    return value.isoformat() if isinstance(value, date) else value


def codes_of(grain: str, name: str, code: str) -> tuple[str, ...]:
    """Return our codes for which the standard has this one; none where it is none of its own."""
    return tuple(ours for ours, theirs in CODES.get(HOMES[grain, name], {}).items() if theirs == code)


def is_coded(grain: str, name: str) -> bool:
    return HOMES.get((grain, name)) in CODES


def record(type: RecordType, told: Iterable[Told], numbers: Iterable[Number], *, on: date) -> dict[str, Any]:
    """Return a record of a person (Person, Member) or household (Group)."""
    rows, held = list(told), list(numbers)
    found, rest = _placed(type, rows)
    key = "identifier" if type is RecordType.PERSON else f"{type.value.lower()}_identifier"
    found |= {"@context": CONTEXT, "@type": type.value, key: [_number(each) for each in held]}
    if type is RecordType.MEMBER:
        found[_INSIDE] = {"@type": "Person", "identifier": found[key], **found.get(_INSIDE, {})}
        if disability := _disabilities(rows):
            found["disability_info"] = disability
    if type is RecordType.GROUP:
        found["group_type"] = HOUSEHOLD_UNIT
    if rest:
        found["additional_attributes"] = rest
    return found | {"meta": quality(rows, held, type=type, on=on)}


def _placed(type: RecordType, rows: list[Told]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what has a place of its own, nested as the standard nests it, and what has none."""
    at, rest = {}, []
    for each in rows:
        path = attribute_of(each.grain, each.name, type=type) if each.is_value else None
        if each.value is None or (type is RecordType.MEMBER and _disability(each)):
            continue
        code = code_of(each.grain, each.name, each.value) if path else None
        if path and code is not None:
            at[path] = code
        else:
            rest.append({"key": f"{each.grain}.{each.field}", "value": _plain(each.value)})
    return nested(at), rest


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _number(number: Number) -> dict[str, Any]:
    return {"@type": "Identifier", "identifier_type": number.type, "identifier_value": number.value}


def _disability(told: Told) -> dict[str, str] | None:
    kind = DIFFICULTIES.get(told.name)
    severity = SEVERITIES.get(str(told.value)) if kind else None
    if told.grain != "person" or not told.is_value or severity is None:
        return None
    return {"disability_limitation_type": kind, "functional_severity": severity}


def _disabilities(rows: list[Told]) -> list[dict[str, str]]:
    return [found for each in rows if (found := _disability(each))]


def quality(rows: list[Told], numbers: list[Number], *, type: RecordType, on: date) -> dict[str, Any]:
    """Return how far a record can be relied on: what share is known, how old each value is, what is verified, what is disputed."""
    known = [each for each in rows if each.value is not None]
    return {
        "as_of": on.isoformat(),
        "completeness": round(len(known) / len(rows), 4) if rows else None,
        "unknown": sorted(f"{each.grain}.{each.field}" for each in rows if each.value is None),
        "verification": {each.type: each.is_verified for each in numbers if each.is_verified is not None},
        "attributes": {f"{each.grain}.{each.field}": _age(each, type, on) for each in known},
    }


def _age(told: Told, type: RecordType, on: date) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if told.is_value and (path := attribute_of(told.grain, told.name, type=type)):
        said["path"] = path
    if told.observed_on:
        said["observed_on"] = told.observed_on.isoformat()
        said["age_days"] = (on - told.observed_on).days
    if told.conflicts is not None:
        said["conflict"] = told.conflicts
    return said


def programme(code: str, name: str) -> dict[str, Any]:
    return {"@type": "Programme", "programme_identifier": code, "programme_name": name}


def beneficiary(
    member: Mapping[str, Any],
    programmes: list[dict[str, Any]],
    *,
    state: str,
    enrolled_on: date | None,
    changed_on: Iterable[date] = (),
) -> dict[str, Any]:
    """Return what somebody has of a programme. `state`: one of ENROLMENT_STATES' codes."""
    told = {
        "@context": CONTEXT,
        "@type": RecordType.BENEFICIARY.value,
        "assistance_unit": MEMBER_UNIT,
        "member": {name: value for name, value in member.items() if name not in ("@context", "meta")},
        "programme_identifier": programmes,
        "enrollment_date": enrolled_on.isoformat() if enrolled_on else None,
        "enrollment_status": state,
        "status_change_date": [each.isoformat() for each in changed_on],
        "meta": member.get("meta"),
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def nested(at: Mapping[str, Any]) -> dict[str, Any]:
    """Return values nested along their paths; a number in a path is a place in a list."""
    found: dict[str, Any] = {}
    for path, value in at.items():
        steps, here = path.split("."), found
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        here[steps[-1]] = value
    return {name: _lists(each) for name, each in found.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(each) for name, each in value.items()}
    return (
        [inner[name] for name in sorted(inner, key=int)] if inner and all(each.isdigit() for each in inner) else inner
    )


def flat(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return path → value of every attribute that a record holds; what JSON-LD adds, our `meta`, null and "" left out."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if name.startswith("@") or (name == "meta" and not before):
            continue
        held = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(held, dict):
            found |= flat({str(key): each for key, each in held.items()}, f"{before}{name}.")
        elif held not in (None, ""):
            found[f"{before}{name}"] = held
    return found


def numbers_in(record: Mapping[str, Any]) -> list[Number]:
    """Return the numbers that a record names its person or household by, whatever its type."""
    keys = ("identifier", *(f"{each.value.lower()}_identifier" for each in (RecordType.MEMBER, RecordType.GROUP)))
    rows = [row for key in keys for row in (record.get(key) if isinstance(record.get(key), list) else [])]
    pairs = [(row.get("identifier_type"), row.get("identifier_value")) for row in rows if isinstance(row, dict)]
    return [Number(kind, value) for kind, value in pairs if isinstance(kind, str) and isinstance(value, str)]


def search_item(
    reference_id: str,
    records: list[dict[str, Any]],
    *,
    now: datetime,
    registry: str,
    type: RecordType,
    pagination: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the answer to one request of a search."""
    told: dict[str, Any] = {
        "reference_id": reference_id,
        "timestamp": stamp(now),
        "status": "succ",
        "data": {
            "version": VERSION,
            "reg_type": f"ns:org:RegistryType:{registry}",
            "reg_record_type": type.value,
            "reg_records": records,
        },
    }
    return told | ({"pagination": dict(pagination)} if pagination else {})
