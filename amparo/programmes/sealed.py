"""Which columns of the programmes are sealed: what people said in their own words."""

from amparo.trust.keys.sealed import SealedColumn

SEALED = (
    SealedColumn("programmes_reply", "words", field_class="reply", place="'programmes_reply:' || id"),
    SealedColumn("programmes_review", "reason", field_class="review", place="'programmes_review:' || id"),
)
