"""Schemes of identifiers: how long their numbers are, and how the check digits follow from the others.

Shape   a number as it is compared: digits of any script as 0–9, letters in capitals, nothing else
Nulls   no number, no answer
Errors  none: a number that is not sound may still be the only one somebody has (ID-4); what follows is the profile's
Source  ISO/IEC 7812-1, annex B (luhn); Verhoeff (1969), Error detecting decimal codes (verhoeff); Receita Federal (cpf);
        Caixa, NIS/PIS/PASEP (nis); Registro Civil e Identificación (run); Nüfus ve Vatandaşlık İşleri (tckn)
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckDigit(StrEnum):
    """How the last digits of a number follow from those before them."""

    NONE = "none"
    LUHN = "luhn"
    VERHOEFF = "verhoeff"
    CPF = "cpf"  # two digits modulo 11
    NIS = "nis"  # one digit modulo 11
    RUN = "run"  # one digit modulo 11, K for ten
    TCKN = "tckn"  # two digits modulo 10


class Unsound(StrEnum):
    """What becomes of a row with a number that is not sound."""

    MARK = "mark"  # the person is taken in, the number kept but not live, and the receipt says so
    QUARANTINE = "quarantine"  # the row waits, and its household with it


@dataclass(frozen=True)
class Scheme:
    """A scheme of numbers that name persons. A number has `least_digits` to `digits` places, check digits included."""

    scheme: str
    digits: int
    check: CheckDigit = CheckDigit.NONE
    least_digits: int | None = None
    unsound: Unsound = Unsound.MARK

    @property
    def least(self) -> int:
        return self.digits if self.least_digits is None else self.least_digits


def scheme_of(stored: Mapping[str, Any]) -> Scheme:
    """Return a scheme as the installed dictionary keeps it."""
    words = {"check": CheckDigit(stored["check"]), "unsound": Unsound(stored["unsound"])}
    return Scheme(**(dict(stored) | words))


# Weights of the places before the check digit, from the left; a remainder under two gives zero.
CPF_WEIGHTS = (tuple(range(10, 1, -1)), tuple(range(11, 1, -1)))
NIS_WEIGHTS = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
RUN_WEIGHTS = (2, 3, 4, 5, 6, 7)  # from the right, over and over
RUN_DIGITS = "0123456789K"

FIXED_DIGITS = {CheckDigit.CPF: 11, CheckDigit.NIS: 11, CheckDigit.TCKN: 11}
MOST_DIGITS = 18  # what fits into 64 bits, in which a whole country is checked at once

# Verhoeff's tables: the product of two elements of the dihedral group D5, and what a digit becomes by its place.
PRODUCT = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210"
BY_PLACE = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def is_sound(scheme: Scheme, number: str) -> bool:
    """Return whether a number, as it is compared, has the scheme's places and the right check digits."""
    if not scheme.least <= len(number) <= scheme.digits or not number.isascii():
        return False
    body = number[:-1] if scheme.check is CheckDigit.RUN else number
    return scheme.check is CheckDigit.NONE or (body.isdigit() and _SOUND[scheme.check](number))


def _luhn(number: str) -> bool:
    return sum(sum(divmod(int(each) * (1 + place % 2), 10)) for place, each in enumerate(reversed(number))) % 10 == 0


def _verhoeff(number: str) -> bool:
    state = 0
    for place, each in enumerate(reversed(number)):
        state = int(PRODUCT[state * 10 + int(BY_PLACE[place % 8][int(each)])])
    return state == 0


def _weighed(number: str, weights: Sequence[int]) -> int:
    return sum(int(each) * weight for each, weight in zip(number, weights, strict=False))


def _modulo_11(number: str, weights: Sequence[int]) -> bool:
    """Whether the digit after the weighed ones is 11 less their remainder, or 0 where that has two digits."""
    return (11 - _weighed(number, weights) % 11) % 11 % 10 == int(number[len(weights)])


def _cpf(number: str) -> bool:
    """One digit over and over adds up, and is nobody's number."""
    return len(set(number)) > 1 and all(_modulo_11(number, each) for each in CPF_WEIGHTS)


def _nis(number: str) -> bool:
    return len(set(number)) > 1 and _modulo_11(number, NIS_WEIGHTS)


def _run(number: str) -> bool:
    total = sum(int(each) * RUN_WEIGHTS[place % 6] for place, each in enumerate(reversed(number[:-1])))
    return RUN_DIGITS[-total % 11] == number[-1]


def _tckn(number: str) -> bool:
    digits = [int(each) for each in number]
    tenth = (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10
    return digits[0] != 0 and digits[9] == tenth and digits[10] == sum(digits[:10]) % 10


_SOUND: dict[CheckDigit, Callable[[str], bool]] = {
    CheckDigit.LUHN: _luhn,
    CheckDigit.VERHOEFF: _verhoeff,
    CheckDigit.CPF: _cpf,
    CheckDigit.NIS: _nis,
    CheckDigit.RUN: _run,
    CheckDigit.TCKN: _tckn,
}


_SEPARATORS = re.compile(r"[^0-9A-Za-z]+")


def normalised_identifier(value: str) -> str:
    """Return an identifier as it is compared: digits of any script as 0–9, letters in capitals, nothing else."""
    if value.isascii():  # most are, and whole countries are written so
        return _SEPARATORS.sub("", value).upper()
    digits = (str(int(each)) if each.isdecimal() else each for each in value)
    return "".join(each for each in digits if each.isalnum()).upper()
