"""Which columns of sources are sealed: what is kept of an answer, bound to whose it is and who said it."""

from amparo.trust.keys.sealed import SealedColumn

ANSWER = SealedColumn(
    table="sources_keptanswer",
    column="value",
    field_class="source-answer",
    place="'sources_keptanswer.value:' || id || ':' || person_id || ':' || source || ':' || field",
)
SEALED = (ANSWER,)
