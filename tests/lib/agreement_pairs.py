"""Drawn agreements and requests, as the oracle knows them (plain dicts) and as the product does."""

import random
from datetime import date, timedelta

from amparo.trust.covering import Comparison, Direction, FieldTerm, Given, Period, Request, Terms

# Every field with the forms it may be agreed in: how, limits, comparison.
FORMS = {
    "person.birth_date": [
        ("value", (), None),
        ("known", (), None),
        ("band", (date(1961, 1, 1), date(2008, 1, 1)), None),
        ("test", (date(1961, 1, 1),), "at-most"),
    ],
    "person.sex": [("value", (), None), ("test", ("female",), "equals")],
    "person.pregnant": [("value", (), None), ("known", (), None), ("test", (True,), "equals")],
    "household.income": [
        ("value", (), None),
        ("band", (10_000, 20_000), None),
        ("test", (15_000,), "at-most"),
        ("test", (15_000,), "at-least"),
    ],
    "household.rooms": [("value", (), None), ("band", (2,), None), ("known", (), None)],
    "household.floor": [("value", (), None), ("test", ("earth",), "equals")],
}
RANGES = {"north": (10, 19), "n1": (11, 11), "n2": (12, 12), "south": (20, 29), "s1": (21, 21), "s2": (22, 22)}


def an_agreement(draw: random.Random, *, ranges: dict, today: date) -> dict:
    """Return a drawn agreement as the oracle knows it, with the codes of its areas beside."""
    fields = draw.sample(sorted(FORMS), draw.randint(1, len(FORMS)))
    codes = draw.sample(sorted(ranges), draw.randint(1, 3))
    starts = today + timedelta(days=draw.choice([-400, -30, -1, 0, 0, 1]))
    return {
        "state": draw.choice([*["in-force"] * 6, "drafted", "signed", "suspended", "ended"]),
        "starts_on": starts,
        "ends_on": max(starts, today + timedelta(days=draw.choice([-1, 0, 1, 400, 400, 400]))),
        "consumer": draw.choice(["pensions", "water"]),
        "direction": draw.choice(["out", "out", "out", "in"]),
        "purpose": "registration",
        "fields": {name: draw.choice(FORMS[name]) for name in fields},
        "identifiers": draw.choice([[], ["national_id"], ["national_id", "passport"]]),
        "codes": codes,
        "areas": [ranges[each] for each in codes],
        "programme": draw.choice(["", "", "poor_home", "pension"]),
        "exchanges": draw.choice([None, None, 1, 3]),
        "volume": draw.choice([1, 50, 1_000_000]),
        "needs_consent": draw.random() < 0.4,
    }


def a_request(draw: random.Random, agreement: dict, *, ranges: dict) -> dict:
    """Return a drawn request that mostly keeps within an agreement, and often strays in one thing."""

    def mostly(right, wrong, chance: float = 0.06):
        return wrong if draw.random() < chance else right

    own, fields = agreement, list(agreement["fields"])
    return {
        "consumer": mostly(own["consumer"], "gas"),
        "direction": mostly(own["direction"], draw.choice(["in", "out"])),
        "purpose": mostly(own["purpose"], "research"),
        "fields": mostly(
            draw.sample(fields, draw.randint(1, len(fields))),
            draw.choice([[], [*fields, "person.given_name"], draw.sample(sorted(FORMS), 3)]),
            0.12,
        ),
        "identifiers": mostly(draw.sample(own["identifiers"], draw.randint(0, len(own["identifiers"]))), ["passport"]),
        "areas": mostly(
            draw.sample(own["areas"], draw.randint(1, len(own["areas"]))),
            draw.choice([[], [draw.choice(sorted(ranges.values()))], [(0, 2**40)], [(own["areas"][0][0] + 1, 2**20)]]),
            0.1,
        ),
        "programme": mostly(own["programme"], draw.choice(["", "poor_home", "maternity"])),
        "records": draw.choice([1, 40, 40, 500, mostly(5, 0)]),
        "records_so_far": draw.choice([0, 0, 10, 49, 999_990]),
        "exchanges_so_far": draw.choice([0, 0, 1, 2, 3]),
        "is_continued": draw.random() < 0.2,
    }


def field_term(name: str, form: tuple) -> FieldTerm:
    grain, field = name.split(".")
    how, limits, comparison = form
    return FieldTerm(grain, field, Given(how), limits, Comparison(comparison) if comparison else None)


def product_terms(agreement: dict) -> Terms:
    is_out = agreement["direction"] == "out"
    return Terms(
        # What comes in is asked for by the same name: the oracle knows no other side.
        provider="ministry" if is_out else "other",
        consumer=agreement["consumer"],
        direction=Direction(agreement["direction"]),
        purpose=agreement["purpose"],
        legal_basis="law",
        fields=tuple(field_term(name, form) for name, form in agreement["fields"].items()),
        areas=tuple(agreement["codes"]),
        starts_on=agreement["starts_on"],
        ends_on=agreement["ends_on"],
        volume=agreement["volume"],
        period=Period.YEAR,
        retention_days=30,
        programme=agreement["programme"],
        identifiers=tuple(agreement["identifiers"]),
        needs_consent=agreement["needs_consent"],
        exchanges=agreement["exchanges"],
    )


def product_request(request: dict) -> Request:
    return Request(
        consumer=request["consumer"],
        direction=Direction(request["direction"]),
        purpose=request["purpose"],
        fields=tuple(tuple(each.split(".")) for each in request["fields"]),
        areas=tuple(request["areas"]),
        records=request["records"],
        programme=request["programme"],
        identifiers=tuple(request["identifiers"]),
        records_so_far=request["records_so_far"],
        exchanges_so_far=request["exchanges_so_far"],
        is_continued=request["is_continued"],
    )
