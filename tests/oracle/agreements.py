"""What an agreement allows, told a second time as a small table: nothing here comes from the product.

An agreement and a request are plain dicts of plain values. `reasons` gives every rule that a request breaks, by name;
`rows` gives who may be in the answer, from a list of people, and with them the fields.
"""

RULES = {
    "not-in-force": lambda a, r, on: a["state"] != "in-force",
    "not-begun": lambda a, r, on: on < a["starts_on"],
    "expired": lambda a, r, on: on > a["ends_on"],
    "of-others": lambda a, r, on: (r["consumer"], r["direction"]) != (a["consumer"], a["direction"]),
    "other-purpose": lambda a, r, on: r["purpose"] != a["purpose"],
    "nothing-asked": lambda a, r, on: len(r["fields"]) == 0,
    "field-not-covered": lambda a, r, on: any(each not in a["fields"] for each in r["fields"]),
    "no-identifier": lambda a, r, on: any(each not in a["identifiers"] for each in r["identifiers"]),
    "other-population": lambda a, r, on: (
        len(r["areas"]) == 0 or any(each not in a["areas"] for each in r["areas"]) or r["programme"] != a["programme"]
    ),
    "too-often": lambda a, r, on: (
        a["exchanges"] is not None and not r["is_continued"] and r["exchanges_so_far"] >= a["exchanges"]
    ),
    "too-many": lambda a, r, on: r["records"] < 1 or max(r["records_so_far"], 0) + r["records"] > a["volume"],
}


def reasons(agreement: dict, request: dict, on) -> list[str]:
    """Return every rule that is broken; none: the whole request is covered."""
    return [name for name, is_broken in RULES.items() if is_broken(agreement, request, on)]


def given(value, how: str, limits: tuple, comparison: str | None):
    """Return what goes out of a value; None: unknown."""
    if how == "known":
        return value is not None
    if value is None:
        return None
    if how == "band":
        return sum(value >= limit for limit in limits)
    if how == "test":
        return {"at-least": value >= limits[0], "at-most": value <= limits[0], "equals": value == limits[0]}[comparison]
    return value


def population(agreement: dict, request: dict, people: list[dict], on) -> list[dict]:
    """Return the people of the answer: in an area asked for, in the programme, agreed where that is needed."""
    return [
        each
        for each in people
        if any(first <= each["area"] <= last for first, last in request["areas"])
        and (not agreement["programme"] or agreement["programme"] in each["programmes"])
        and (not agreement["needs_consent"] or agreed(agreement, each, on))
    ]


def agreed(agreement: dict, person: dict, on) -> bool:
    consent = person["consents"].get(agreement["asked"])
    return consent is not None and consent["from"] <= on and (consent["until"] is None or on <= consent["until"])


def rows(agreement: dict, request: dict, people: list[dict], on) -> list[list]:
    """Return the answer: for each person of the population the fields in the order asked for."""
    found = []
    for person in population(agreement, request, people, on):
        home = [each for each in people if each["home"] == person["home"]]
        # A household is everybody's in it.
        shown = not agreement["needs_consent"] or all(agreed(agreement, each, on) for each in home)
        told = []
        for name in request["fields"]:
            how, limits, comparison = agreement["fields"][name]
            held = person["facts"].get(name) if name.startswith("person.") or shown else None
            told.append(given(held, how, limits, comparison))
        found.append(told)
    return found
