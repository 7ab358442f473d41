"""Which columns of the programmes are sealed: what people said in their own words, and whom other programmes tell of."""

from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys.sealed import BlindIndex, SealedColumn

BENEFICIARY_CLASS = "identity"

SEALED = (
    SealedColumn("programmes_reply", "words", field_class="reply", place="'programmes_reply:' || id"),
    SealedColumn("programmes_review", "reason", field_class="review", place="'programmes_review:' || id"),
    SealedColumn(
        "programmes_beneficiary",
        "identifier",
        field_class=BENEFICIARY_CLASS,
        place="'programmes_beneficiary.identifier:' || id",
        blind=BlindIndex("blind_index", "spare_index", "scheme", normalised_identifier),
    ),
    SealedColumn(
        "programmes_beneficiary",
        "told",
        field_class=BENEFICIARY_CLASS,
        place="'programmes_beneficiary.told:' || id",
    ),
)
