"""Reads `payments.toml`: how each programme that pays does, in a table named for it."""

from pathlib import Path

from amparo.payments.config import Payer, PaymentConfig, Threshold
from amparo.payments.types import TO_ACCOUNTS, Check, Default, RailKind
from amparo.profiles.places import Place, Problems
from amparo.profiles.reading import files

FILE = "payments.toml"
_MONTHS, _DAYS, _HANDS = 24, 366, 9


def read_payments(folder: Path, decimals: int, problems: Problems) -> tuple[PaymentConfig, ...]:
    """Return what the file states; where there is none no programme pays from here."""
    found: list[PaymentConfig] = []
    if not (folder / FILE).is_file():
        return ()
    with problems.collected():
        for programme, place in files.toml(folder, FILE).named_tables():
            with problems.collected():
                found.append(_terms(programme, place, decimals))
    return tuple(found)


def _terms(programme: str, place: Place, decimals: int) -> PaymentConfig:
    found = PaymentConfig(
        programme=programme,
        law=place.text("law"),
        first=place.day("first"),
        every_months=_between(place, "every_months", 1, _MONTHS),
        pays_after_days=_between(place, "pays_after_days", 0, _DAYS),
        rail=place.one_of("rail", RailKind),
        default=place.one_of("default", Default) if place.has("default") else Default.PAY,
        hold_days=_between(place, "hold_days", 1, _DAYS),
        ceiling_minor=place.money("ceiling", decimals) if place.has("ceiling") else None,
        checks=_checks(place),
        approvals=tuple(_threshold(each, decimals) for each in place.tables("approval")) or (Threshold(0, 1),),
        payer=_payer(place.table("payer")) if place.has("payer") else None,
        answers_under=place.text_or("answers_under", "") or "",
    )
    place.nothing_left()
    if found.first.day > 28 or found.approvals[0].from_minor != 0:
        place.refuse("profiles-payments-begin", programme=programme)
    if found.rail in TO_ACCOUNTS and found.payer is None:
        place.refuse("profiles-payments-payer", programme=programme)
    return found


def _between(place: Place, key: str, least: int, most: int) -> int:
    found = place.whole(key)
    if not least <= found <= most:
        place.refuse("profiles-payments-number", key=key, least=least, most=most)
    return found


def _checks(place: Place) -> tuple[Check, ...]:
    if not place.has("checks"):
        return tuple(Check)
    named, known = place.texts("checks"), [each.value for each in Check]
    for each in named:
        if each not in known:
            place.refuse("profiles-value-unknown", key="checks", value=each, known=known)
    return tuple(map(Check, named))


def _threshold(place: Place, decimals: int) -> Threshold:
    found = Threshold(place.money("from", decimals), _between(place, "hands", 1, _HANDS))
    place.nothing_left()
    return found


def _payer(place: Place) -> Payer:
    found = Payer(place.text("name"), place.text("account"), place.text("institution"))
    place.nothing_left()
    return found
