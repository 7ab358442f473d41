"""What each source last said of some people: all of it, and not only what holds.

Shape   entity → field → what each source said last, the one that the fold takes first
Nulls   a source that took its word back says nothing
Source  docs/decisions/0003-the-fold.md

Whoever asks must have been let read the household before.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connections

from amparo.kernel import clock
from amparo.registry import facts
from amparo.registry.queries.installed import dictionary
from amparo.registry.queries.records import typed
from amparo.registry.types import Fact, FieldClass

_SAID = (
    facts.FOLD
    + """
SELECT DISTINCT ON (w.entity_id, w.field, w.source_id)
    w.entity_id, w.field, w.value, source.code, w.observed_on, w.observed_on + w.valid_days, w.outlived
FROM weighed w JOIN registry_source source ON source.id = w.source_id
ORDER BY w.entity_id, w.field, w.source_id, w.observed_on DESC, w.received_at DESC, w.subject_id DESC
"""
)


def said_of(grain: str, ids: Sequence[UUID], *, classes: Collection[FieldClass]) -> dict[UUID, dict[str, list[Fact]]]:
    """Return what each source said last of each field of these classes; values that are sealed one by one are left out.

    `Fact.conflict` stands here for outlived: another source was heard so much later that this one's word is out of date.
    """
    words = dictionary()
    fields = [name for name in words.readable(grain, classes) if name not in words.sealed(grain)]
    values = {"ids": list(ids), "grain": grain, "as_of": clock.now(), "fields": fields}
    found: dict[UUID, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    with connections["default"].cursor() as cursor:
        cursor.execute(_SAID, values)
        for entity, field, value, source, observed_on, until, outlived in cursor.fetchall():
            told = typed(words[grain, field], value)
            found[entity][field].append(Fact(field, told, source, observed_on, until, outlived))
    return found
