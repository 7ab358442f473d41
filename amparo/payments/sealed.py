"""Which columns of payments are sealed: the number and the holder of an account."""

from amparo.trust.keys.sealed import BlindIndex, SealedColumn

FIELD_CLASS = "payment"


def normalised_number(number: str) -> str:
    """Return an account's number without what people write between its signs: by this doubles are found."""
    return "".join(each for each in number.upper() if each.isalnum())


NUMBER = SealedColumn(
    "payments_account",
    "number",
    field_class=FIELD_CLASS,
    place="'payments_account.number:' || id",
    blind=BlindIndex("blind_index", "spare_index", "scheme", normalised_number),
)
SEALED = (
    NUMBER,
    SealedColumn("payments_account", "holder", field_class=FIELD_CLASS, place="'payments_account.holder:' || id"),
)
