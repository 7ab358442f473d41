"""The eleven institutions: what each tells of a person, made from the invented census, in names of its own.

Shape   one JSON object of a person for each institution
Units   money in whole units of the currency per month, land in hectares, as the census tells it
Nulls   what the census did not ask or was not told is null; of whom an institution keeps nothing it says so (404)
Source  requirement ARC-3: programmes' systems (a), social insurance (b), other government systems (c)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from amparo.cli.ministry.people import Known
from amparo.kernel.dates import age_on

Told = dict[str, Any]


@dataclass(frozen=True)
class Institution:
    """One institution. `kind`: (a), (b) or (c); `tells`: what it keeps of somebody on a day, None where nothing."""

    name: str
    kind: str
    tells: Callable[[Known, date, int], Told | None]


def drawn(*named: object) -> float:
    """Return a number from 0 up to 1 that is always the same for the same things."""
    digest = blake2b("\0".join(map(str, named)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _civil_registry(of: Known, on: date, seed: int) -> Told:
    person = of.person
    return {
        **_named(of),
        "birth_document": person["birth_document"],
        "marital_status": person["marital_status"],
        "mother_identifier": of.others["mother"],
        "father_identifier": of.others["father"],
        "spouse_identifier": of.others["spouse"],
        "is_alive": True,
        "died_on": None,
    }


def _population(of: Known, on: date, seed: int) -> Told:
    return {
        **_named(of),
        "legal_status": of.person["legal_status"],
        "area": of.home.get("area"),
        "address": of.home.get("address"),
        "residence_number": of.person["household"],
        "resident_since": _since(of, on, seed, "population", years=20),
    }


def _tax(of: Known, on: date, seed: int) -> Told:
    months = {each["month"].isoformat()[:7]: 0 for each in of.incomes}
    for each in of.incomes:
        months[each["month"].isoformat()[:7]] += each["amount"]
    return {
        "wage_per_month": of.person["wage_per_month"],
        "self_employment_per_month": of.person["self_employment_per_month"],
        "rent_per_month": of.home.get("rent_per_month") if of.is_head else None,
        "income_by_month": [{"month": month, "amount": amount} for month, amount in sorted(months.items())],
    }


def _social_insurance(of: Known, on: date, seed: int) -> Told:
    insured = bool(of.person["social_insurance"])
    return {
        "is_insured": of.person["social_insurance"],
        "contribution_months": round(drawn(seed, of.identifier, "months") * 240) if insured else 0,
        "has_pension": of.person["contributory_pension"],
        "pension_per_month": of.person["pension_per_month"],
    }


def _land(of: Known, on: date, seed: int) -> Told | None:
    if not of.is_head:
        return {"plots": [], "hectares": 0}
    plots = [{name: each.get(name) for name in ("plot", "area_hectares", "tenure", "irrigated")} for each in of.plots]
    return {"plots": plots, "hectares": round(sum(each["area_hectares"] or 0 for each in plots), 2)}


def _vehicles(of: Known, on: date, seed: int) -> Told:
    kinds = [kind for kind in ("car", "motorcycle") if of.is_head and of.home.get(f"has_{kind}")]
    made = {kind: on.year - 1 - int(drawn(seed, of.identifier, kind) * 20) for kind in kinds}
    return {"vehicles": [{"kind": kind, "year": year} for kind, year in made.items()], "count": len(kinds)}


def _education(of: Known, on: date, seed: int) -> Told:
    attends = of.person["attends_school"]
    return {
        "is_enrolled": attends,
        "school_level": of.person["school_level"],
        "attended_share": round(0.6 + 0.4 * drawn(seed, of.identifier, "attended"), 2) if attends else None,
        "absence_reason": of.person["absence_reason"],
    }


def _employment(of: Known, on: date, seed: int) -> Told:
    works = of.person["work_status"] is not None
    return {
        "work_status": of.person["work_status"],
        "work_sector": of.person["work_sector"],
        "hours_per_week": of.person["hours_per_week"],
        "has_contract": of.person["has_contract"],
        "since": _since(of, on, seed, "employment", years=8) if works else None,
    }


def _health(of: Known, on: date, seed: int) -> Told:
    return {
        "is_insured": of.person["health_insured"],
        "is_disabled": of.person["disability_assessed"],
        "disability_grade": of.person["disability_grade"],
        "is_pregnant": of.person["pregnant"],
        "chronic_illness": of.person["chronic_illness"],
    }


def _school_meals(of: Known, on: date, seed: int) -> Told | None:
    age = _age(of, on)
    if age is None or not 6 <= age <= 15 or not of.person["attends_school"]:
        return None
    return _benefit(of, on, seed, "school_meals", share=0.5, amount=300)


def _heating_fund(of: Known, on: date, seed: int) -> Told | None:
    return _benefit(of, on, seed, "heating_allowance", share=0.3, amount=900) if of.is_head else None


def _benefit(of: Known, on: date, seed: int, programme: str, *, share: float, amount: int) -> Told | None:
    if drawn(seed, of.identifier, programme) >= share:
        return None
    since = _since(of, on, seed, programme, years=3)
    return {"programme": programme, "status": "enrolled", "since": since, "amount_per_month": amount}


def _named(of: Known) -> Told:
    sex = {"M": "male", "F": "female"}.get(of.person["sex"], of.person["sex"])
    born = of.person["birth_date"]
    return {
        "given_name": of.person["given_name"],
        "family_name": of.person["family_name"],
        "sex": sex,
        "birth_date": born.isoformat() if born else None,
    }


def _age(of: Known, on: date) -> int | None:
    born = of.person["birth_date"]
    return age_on(born, on) if born and born <= on else None


def _since(of: Known, on: date, seed: int, what: str, *, years: int) -> str:
    """Return a day in the last years, and not before the person was born."""
    day = on - timedelta(days=int(drawn(seed, of.identifier, what, "since") * 365 * years))
    return max(day, min(of.person["birth_date"] or day, on)).isoformat()


INSTITUTIONS: Mapping[str, Institution] = {
    each.name: each
    for each in (
        Institution("civil-registry", "c", _civil_registry),
        Institution("population", "c", _population),
        Institution("tax", "c", _tax),
        Institution("social-insurance", "b", _social_insurance),
        Institution("land", "c", _land),
        Institution("vehicles", "c", _vehicles),
        Institution("education", "c", _education),
        Institution("employment", "c", _employment),
        Institution("health", "c", _health),
        Institution("school-meals", "a", _school_meals),
        Institution("heating-fund", "a", _heating_fund),
    )
}
