"""What is told of whom, once it is known who is reached: under the partner's own names, with the numbers that it was granted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from amparo.registry.dictionary import Dictionary
from amparo.registry.lent import PERSON, statement
from amparo.registry.models import Membership
from amparo.registry.schemes import normalised_identifier
from amparo.registry.sought import those
from amparo.trust import prepared
from amparo.trust.covering import Covered
from amparo.trust.grounds.agreements import Partner
from amparo.trust.grounds.pseudonyms import pseudonyms
from amparo.trust.keys import encryption

Held = tuple[str, bool]  # a number, and whether it is verified
_NUMBERS = """
    SELECT number.id, number.person_id, number.scheme, number.value, number.verified FROM registry_identifier number
    WHERE number.person_id = ANY(%s) AND number.scheme = ANY(%s) AND number.is_live
"""
_HOLDERS = "SELECT place, person_id FROM amparo_find_lent(%s, %s::int[], %s)"


@dataclass(frozen=True)
class LentRecord:
    """One record as a partner gets it: its own name for it, what it asked for, and the identifiers it was granted.

    `fields`  `<grain>.<name>` → value, band, answer or whether known; None: unknown
    """

    pseudonym: str
    fields: Mapping[str, Any]
    identifiers: Mapping[str, str]


def told_of(about: str, ids: Sequence[UUID]) -> dict[str, Sequence[UUID]]:
    """Return whom records tell of. What is told of a household is told of everybody in it."""
    if about == PERSON:
        return {"persons": ids}
    members = Membership.objects.filter(household_id__in=ids, ends_on=None).values_list("person_id", flat=True)
    return {"households": ids, "persons": list(members)}


def identifiers(covered: Covered, persons: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Held]]:
    """Return person → scheme → number and whether it is verified, of the schemes that were asked for and granted."""
    held: dict[UUID, dict[str, Held]] = defaultdict(dict)
    if not covered.identifiers:
        return held
    for id, person, scheme, value, is_verified in prepared.rows(_NUMBERS, [list(persons), list(covered.identifiers)]):
        number = encryption.decrypt("identity", value, f"registry_identifier.value:{id}".encode()).decode()
        held[person][scheme] = number, is_verified
    return held


def named(
    covered: Covered, rows: Sequence[tuple], held: Mapping[UUID, Mapping[str, Held]], partner: Partner
) -> list[LentRecord]:
    """Return rows as the partner's records, in the order of the rows, under the partner's own names."""
    names = pseudonyms([row[0] for row in rows], organisation=partner.id, sealed=partner.sealed_key)
    titles = [f"{each.grain}.{each.name}" for each in covered.fields]
    return [
        LentRecord(
            names[row[0]],
            dict(zip(titles, row[3 : 3 + len(titles)], strict=True)),
            {scheme: number for scheme, (number, _) in held.get(row[0], {}).items()},
        )
        for row in rows
    ]


def holders(numbers: Sequence[tuple[str, str]], keys: list[int]) -> dict[int, UUID]:
    """Return place of a number from 1 → who holds it, of those whom the agreement reaches. `keys`: of the page (`OpenPage`)."""
    asked = [(scheme, normalised_identifier(value)) for scheme, value in numbers]
    indexes = [index for key in keys for index in _indexes(asked, key)]
    return dict(prepared.rows(_HOLDERS, [[scheme for scheme, _ in asked], keys, indexes]))


def reached(covered: Covered, persons: Sequence[UUID], words: Dictionary, *, granted: str = "") -> list[UUID]:
    """Return those of some persons whom an agreement reaches, within its page: its areas, its programme, their consent."""
    bare = replace(covered, fields=())
    asked = statement(bare, words, about=PERSON, granted=granted, sought=those(list(persons)), is_told=False)
    return [row[0] for row in prepared.rows(asked.text, asked.values)]


def _indexes(asked: Sequence[tuple[str, str]], key: int) -> list[bytes]:
    found: list[bytes] = [b""] * len(asked)
    for scheme in {each for each, _ in asked}:
        places = [place for place, (each, _) in enumerate(asked) if each == scheme]
        made = encryption.blind_indexes(scheme, [asked[place][1] for place in places], key=key)
        for place, index in zip(places, made, strict=True):
            found[place] = index
    return found
